package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// exampleWorld is both platforms at one address: the world's own simulator is
// Twilio.
type exampleWorld struct {
	*world
	kore *twiliosim.Simulator
}

// newExampleWorld has what the examples name, but no credentials in the
// environment.
func newExampleWorld(t *testing.T) *exampleWorld {
	t.Helper()
	w := &exampleWorld{world: newWorld(t, twiliosim.Config{})}
	w.kore = twiliosim.New(twiliosim.Config{Platform: twiliosim.KORE, Now: w.clock.Now})
	for _, sim := range []*twiliosim.Simulator{w.Simulator, w.kore} {
		twiliosim.Seed(sim)
		for i := range 8 {
			sim.AddSIM(twiliosim.SIM{UniqueName: fmt.Sprintf("display-%02d", i+1), Fleet: "displays"})
		}
		// Messages to import, from before the window of any example.
		for name, sid := range map[string]string{"valve-01": "HG0123456789abcdef0123456789abcdef", "valve-02": "HGfedcba9876543210fedcba9876543210"} {
			sim.AddIPCommand(twiliosim.IPCommand{SID: sid, SIMSID: name, Payload: "open", DateCreated: w.clock.Now().AddDate(0, 0, -10)})
		}
	}
	both := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == twiliosim.TokenPath || strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			w.kore.ServeHTTP(rw, r)
			return
		}
		w.ServeHTTP(rw, r)
	}))
	t.Cleanup(both.Close)
	w.url = both.URL
	w.env = w.endpoints()
	w.writeCLIFile(t)
	return w
}

// giveCredentials puts the credentials of a platform into the environment.
func (w *exampleWorld) giveCredentials(platform twiliosim.Platform) {
	if platform == twiliosim.KORE {
		w.env["KORE_CLIENT_ID"] = twiliosim.DefaultClientID
		w.env["KORE_CLIENT_SECRET"] = twiliosim.DefaultClientSecret
		return
	}
	w.env["TWILIO_ACCOUNT_SID"] = twiliosim.DefaultAccountSID
	w.env["TWILIO_AUTH_TOKEN"] = twiliosim.DefaultAuthToken
}

// overrideWarning is what the CLI says of a provider that was just built.
const overrideWarning = "Warning: Provider development overrides are in effect"

// takenOverWarning is what the provider says of a unique name in the plan that
// imports.
const takenOverWarning = "Warning: SIM of an imported IP Command is taken over"

// useProcesses has the CLI start a process for each provider block, as it does
// for users. The server in the test's process has room for one configuration.
func (w *exampleWorld) useProcesses(t *testing.T, c *cli) {
	t.Helper()
	c.useBinary(t)
	c.env = append(c.env, "HOME="+w.home)
	for name, v := range w.env {
		c.env = append(c.env, name+"="+v)
	}
}

// variables are those of the examples, as the CLI takes them from its
// environment.
func (w *exampleWorld) variables() []string {
	return []string{
		"TF_VAR_twilio_api_key=" + twiliosim.DefaultAPIKey, "TF_VAR_twilio_api_secret=" + twiliosim.DefaultAPISecret,
		"TF_VAR_twilio_account_sid=" + twiliosim.DefaultAccountSID, "TF_VAR_twilio_auth_token=" + twiliosim.DefaultAuthToken,
		"TF_VAR_kore_client_id=" + twiliosim.DefaultClientID, "TF_VAR_kore_client_secret=" + twiliosim.DefaultClientSecret,
		"TF_VAR_gateway=" + w.url, "TF_VAR_unlock_code=4711",
	}
}

// writeExample makes an example the CLI's only file. Where it says itself
// which provider it needs, that becomes the one under test.
func (c *cli) writeExample(example string) {
	c.t.Helper()
	source := strings.TrimPrefix(Address, "registry.terraform.io/")
	if !strings.Contains(example, source) {
		c.write(example)
		return
	}
	example = strings.ReplaceAll(example, `"`+source+`"`, `"`+Address+`"`)
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(example), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// wantSent wants n messages to have been sent, each with one POST, and to have
// reached devices.
func (w *exampleWorld) wantSent(t *testing.T, n int) {
	t.Helper()
	posts := w.posts() + w.kore.Count("POST", "/v1/IpCommands")
	if delivered := len(w.Deliveries()) + len(w.kore.Deliveries()); posts != n || delivered != n {
		t.Errorf("the simulators have seen %d POSTs and delivered %d messages, want %d", posts, delivered, n)
	}
}
