package provider

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// everything sends a message, looks it up, and reads all lists.
var everything = valve("") + `
data "twilio_ip_command" "one" {
  sid = twilio_ip_command.test.sid
}
data "twilio_ip_commands" "all" {
  depends_on = [twilio_ip_command.test]
}
data "twilio_commands" "all" {}
data "twilio_super_sims" "all" {}

output "sids" {
  value = data.twilio_ip_commands.all.ip_commands[*].sid
}
`

// TestAccAuthentication uses each way to authenticate, on the platform whose
// it is.
func TestAccAuthentication(t *testing.T) {
	t.Parallel()
	account := fmt.Sprintf("account_sid = %q\nauth_token = %q", twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	key := fmt.Sprintf("api_key = %q\napi_secret = %q", twiliosim.DefaultAPIKey, twiliosim.DefaultAPISecret)
	kore := fmt.Sprintf("kore = {\n client_id = %q\n client_secret = %q\n}", twiliosim.DefaultClientID, twiliosim.DefaultClientSecret)
	accountEnv := map[string]string{"TWILIO_ACCOUNT_SID": twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN": twiliosim.DefaultAuthToken}
	keyEnv := map[string]string{"TWILIO_API_KEY": twiliosim.DefaultAPIKey, "TWILIO_API_SECRET": twiliosim.DefaultAPISecret}
	koreEnv := map[string]string{"KORE_CLIENT_ID": twiliosim.DefaultClientID, "KORE_CLIENT_SECRET": twiliosim.DefaultClientSecret}
	bothEnv := map[string]string{"TWILIO_ACCOUNT_SID": "AC0", "TWILIO_AUTH_TOKEN": "wrong"}
	for name, v := range koreEnv {
		bothEnv[name] = v
	}
	for name, row := range map[string]struct {
		platform twiliosim.Platform
		block    string
		env      map[string]string
		file     bool // the Twilio CLI's
	}{
		"account in the block":             {block: account},
		"account in the environment":       {env: accountEnv},
		"key in the block":                 {block: key},
		"key in the environment":           {env: keyEnv},
		"the active profile":               {file: true},
		"a profile named in the block":     {file: true, block: `profile = "work"`, env: map[string]string{"TWILIO_API_KEY": "half"}},
		"a profile named elsewhere":        {file: true, env: map[string]string{"TWILIO_PROFILE": "work"}},
		"KORE in the block":                {platform: twiliosim.KORE, block: kore, env: keyEnv},
		"KORE in the environment":          {platform: twiliosim.KORE, env: koreEnv},
		"KORE where Twilio's is there too": {platform: twiliosim.KORE, block: "kore = {}", env: bothEnv},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{Platform: row.platform})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			w.env = w.endpoints()
			for name, v := range row.env {
				w.env[name] = v
			}
			if row.file {
				w.writeCLIFile(t)
			}
			c := w.newCLI(t)
			c.write("provider \"twilio\" {\n" + row.block + "\n}\n" + everything)
			sends(1, created1).check(c, c.apply())
			sends(1, noChanges).check(c, c.apply())
		})
	}
}

func (w *world) writeCLIFile(t *testing.T) {
	t.Helper()
	dir := filepath.Join(w.home, ".twilio-cli")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	content := fmt.Sprintf(`{"activeProject":"work","profiles":{"work":{"accountSid":%q,"apiKey":%q,"apiSecret":%q}}}`,
		twiliosim.DefaultAccountSID, twiliosim.DefaultAPIKey, twiliosim.DefaultAPISecret)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAccNoLeaks runs with failures on both platforms, with the API repeating
// what it was sent, redirecting, and sending the next page elsewhere. Nothing
// secret is in the complete trace log or the output, and nobody else is asked.
func TestAccNoLeaks(t *testing.T) {
	t.Parallel()
	const payload = "open sesame/7"
	const callback = "https://user:hunter2-secret@example.com/sent?token=tok-123456"
	for name, row := range map[string]struct {
		platform twiliosim.Platform
		secrets  []string
	}{
		"Twilio": {secrets: []string{twiliosim.DefaultAuthToken, twiliosim.DefaultAccountSID + ":" + twiliosim.DefaultAuthToken}},
		"KORE":   {platform: twiliosim.KORE, secrets: []string{twiliosim.DefaultClientSecret}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{Platform: row.platform})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			// The API's clock stands still, and the provider's does not: the one
			// message that may be a lost one would be taken for it after a second.
			for _, port := range []int{2, 3} {
				w.AddIPCommand(twiliosim.IPCommand{Payload: payload, DevicePort: port})
			}
			elsewhere := 0
			foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
			defer foreign.Close()

			c := w.newCLI(t)
			log := c.logs("TRACE")
			for name, v := range w.endpoints() {
				c.env = append(c.env, name+"="+v)
			}
			if row.platform == twiliosim.KORE {
				c.env = append(c.env, "KORE_CLIENT_ID="+twiliosim.DefaultClientID, "KORE_CLIENT_SECRET="+twiliosim.DefaultClientSecret)
			} else {
				c.env = append(c.env, "TWILIO_ACCOUNT_SID="+twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN="+twiliosim.DefaultAuthToken)
			}
			var output strings.Builder
			apply := func(exit int, block string, faults ...twiliosim.Fault) {
				t.Helper()
				w.ClearFaults()
				for _, f := range faults {
					w.Inject(f)
				}
				c.write(block)
				got := c.apply()
				if got.exit != exit {
					t.Errorf("exit code %d, want %d:\n%s", got.exit, exit, got.output)
				}
				output.WriteString(got.output)
			}
			send := func(port int) string {
				return strings.NewReplacer(`"test"`, fmt.Sprintf(`"test%d"`, port), `"open"`, fmt.Sprintf("sensitive(%q)", payload), "5683", fmt.Sprint(port)).
					Replace(valve(fmt.Sprintf("callback_url = sensitive(%q)", callback)))
			}
			list := "data \"twilio_ip_commands\" \"all\" {}\n"
			echo := `{"code":1,"message":"it was signed with ` + strings.Join(row.secrets, " and ") + `"}`
			echoAll := strings.Replace(echo, "it was", "you sent "+payload+" = "+url.QueryEscape(payload)+" for "+callback+", with hunter2-secret and token=tok-123456", 1)
			post := twiliosim.Fault{Method: "POST", PathPrefix: "/v1/"}
			get := twiliosim.Fault{Method: "GET", PathPrefix: "/v1/"}
			with := func(f twiliosim.Fault, status int, body string, times int) twiliosim.Fault {
				f.Status, f.Times = status, times
				if body != "" {
					f.Body = []byte(body)
				}
				f.Header = http.Header{"Location": {foreign.URL + "/v1/IpCommands"}}
				return f
			}
			apply(1, send(1), with(post, 400, echoAll, 1))
			apply(1, send(2), with(accepted(post), 500, echoAll, 1))
			apply(1, send(3), with(accepted(post), 302, "", 1))
			unreadable := with(post, 302, "", 1)
			unreadable.Header.Set("Location", "http://[::1]:bad/"+payload+strings.Join(row.secrets, ""))
			apply(1, send(3), unreadable)
			apply(1, list, with(get, 307, "", 1))
			apply(1, list, with(get, 403, echo, 0))
			apply(0, list, twiliosim.Fault{Method: "GET", PathPrefix: "/v1/", Times: 1,
				Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":"` + foreign.URL + `/v1/IpCommands?PageToken=x&PageSize=100"}}`)}, with(get, 200, `{"ip_commands":[],"meta":{"next_page_url":null}}`, 0))
			apply(0, send(4))

			all := log() + output.String()
			secrets := append(row.secrets, w.Tokens()...)
			for _, secret := range append(secrets, payload, callback, "hunter2-secret", "tok-123456") {
				encoded := base64.StdEncoding.EncodeToString([]byte(secret))
				for _, s := range []string{secret, encoded, url.QueryEscape(secret), url.PathEscape(secret)} {
					if i := strings.Index(all, s); i >= 0 {
						t.Errorf("%q is told: …%s…", s, all[max(0, i-300):min(len(all), i+100)])
					}
				}
			}
			if strings.Contains(all, "Authorization") {
				t.Error("an Authorization header is told")
			}
			if elsewhere != 0 {
				t.Errorf("%d requests were made elsewhere", elsewhere)
			}
			if row.platform == twiliosim.KORE && len(w.Tokens()) == 0 {
				t.Error("no token was issued")
			}
		})
	}
}

// TestAccCallback_httpOnKORE warns in the plan that KORE will not call an http
// URL, where a message is to be sent, and only there.
func TestAccCallback_httpOnKORE(t *testing.T) {
	t.Parallel()
	const warning = "Warning: KORE does not call http URLs"
	callback := func(scheme string) string { return "callback_url = \"" + scheme + "://example.com/sent\"" }
	plan := func(w *world, block string, c *cli, warns bool) {
		t.Helper()
		c.write(block)
		if got := c.plan(); got.exit != 0 || strings.Contains(got.output, warning) != warns {
			t.Errorf("the plan ended with %d, want a warning: %t\n%s", got.exit, warns, got.output)
		}
		if n := w.posts(); n != 0 {
			t.Errorf("%d POSTs", n)
		}
	}
	onTwilio := newWorld(t, twiliosim.Config{})
	plan(onTwilio, onTwilio.provider()+valve(callback("http")), onTwilio.newCLI(t), false)
	w := newKOREWorld(t)
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	plan(w, valve(callback("https")), c, false)
	plan(w, valve(callback("HTTP")), c, true)
	if cliHas("1.14", "") {
		c.write(invocation(callback("http")))
		expect{says: []string{warning}, posts: 1, commands: 1}.check(c, c.invoke())
	}

	sent := w.posts()
	c.write(valve(callback("http")))
	expect{says: []string{warning, created1}, state: []string{"sent"}, posts: sent + 1, commands: sent + 1}.check(c, c.apply())
	expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"sent"}, posts: sent + 1, commands: sent + 1}.check(c, c.apply())
	c.write(strings.Replace(valve(callback("http")), "open", "close", 1))
	expect{says: []string{warning, replaced1}, state: []string{"sent"}, posts: sent + 2, commands: sent + 2}.check(c, c.apply())
}
