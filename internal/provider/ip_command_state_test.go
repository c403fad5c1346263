package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// edit changes the state, as somebody does by hand.
func (c *cli) edit(pattern, replacement string) {
	c.t.Helper()
	file := filepath.Join(c.dir, "terraform.tfstate")
	before, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	after := regexp.MustCompile(pattern).ReplaceAll(before, []byte(replacement))
	if string(after) == string(before) {
		c.t.Fatalf("the state has no %s: %s", pattern, before)
	}
	if err := os.WriteFile(file, after, 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// TestAccState_edited has a state that was edited: what is no SID is asked for
// nowhere, and what is left out is no change.
func TestAccState_edited(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		pattern, replacement string
		want                 expect
	}{
		"a SID that is none": {`"sid": "HG[^"]*"`, `"sid": "../Sims"`, expect{exit: 1, says: []string{"State of an IP Command is damaged", "Nothing is sent or forgotten"}, state: []string{"queued"}, posts: 1, commands: 1}},
		"no SID":             {`"sid": "HG[^"]*"`, `"sid": null`, expect{exit: 1, says: []string{"State of an IP Command is damaged", "Nothing is sent or forgotten"}, silent: []string{"always an error in the provider"}, state: []string{"queued"}, posts: 1, commands: 1}},
		"half a port":        {`"device_port": 5683`, `"device_port": 2.5`, expect{exit: 1, says: []string{"State of an IP Command is damaged", "Its device_port is not what the provider writes"}, silent: []string{"always an error in the provider"}, state: []string{"queued"}, posts: 1, commands: 1}},
		"no type":            {`"payload_type": "text"`, `"payload_type": null`, expect{says: []string{updated1}, silent: []string{"forces replacement"}, state: []string{"queued"}, posts: 1, commands: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{NeverSends: true})
			c.write(w.provider() + valve("wait_for_sent = false"))
			c.apply()
			c.edit(row.pattern, row.replacement)
			requests := len(w.Requests())
			row.want.check(c, c.apply())
			if row.want.exit == 1 && len(w.Requests()) != requests {
				t.Error("it was asked for")
			}
		})
	}
}

// TestAccState_null has an API that leaves out what it told before: a refresh
// keeps it, and so the reply that is there is found.
func TestAccState_null(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{SendDelay: 5 * time.Minute})
	c.write(w.provider() + valve("wait_for_reply = { timeout = \"1s\" }"))
	expect{says: []string{created1, seenQueued}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
	sid := w.IPCommands()[0].SID
	w.clock.Advance(10 * time.Minute)
	w.ReceiveFromSIM(w.IPCommands()[0].SIMSID, 5683, []byte("ok"))
	w.Inject(twiliosim.Fault{Method: http.MethodGet, PathPrefix: "/v1/IpCommands/", Status: 200, Body: []byte(`{"sid":"` + sid + `","status":"sent","device_ip":"10.0.0.1"}`)})
	c.restart()
	expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"sent"}, posts: 1, commands: 2}.check(c, c.apply())
	if got := c.run("show", "-no-color").output; !strings.Contains(got, "= \"ok\"") || !regexp.MustCompile(`sim_sid +=`).MatchString(got) || !regexp.MustCompile(`date_created +=`).MatchString(got) {
		t.Error(got)
	}
}

// TestAccImport_empty imports nothing: that is an error of ours.
func TestAccImport_empty(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	expect{exit: 1, says: []string{`"" is not the SID of an IP Command`}, silent: []string{"error in the provider"}}.check(c, c.importSID(""))
}
