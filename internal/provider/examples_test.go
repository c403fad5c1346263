package provider

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccExamples_apply applies every configuration that the documentation
// shows, as it stands, with the credentials of either platform in the
// environment, to simulators of both with the SIMs that the examples name.
// Each message in them is sent exactly once, to the platform that is meant,
// and then nothing is left to do. What the CLI does not have is skipped.
func TestAccExamples_apply(t *testing.T) {
	t.Parallel()
	for name, example := range documentedExamples(t) {
		for _, platform := range []twiliosim.Platform{twiliosim.Twilio, twiliosim.KORE} {
			t.Run(name+"/"+platform.String(), func(t *testing.T) {
				t.Parallel()
				needsOf(t, example)
				w := newExampleWorld(t)
				onTwilio, onKORE := platformsOf(example)
				if !onTwilio && !onKORE {
					onTwilio, onKORE = platform == twiliosim.Twilio, platform == twiliosim.KORE
				}
				w.giveCredentials(platform)
				if strings.Contains(example, "kore = {}") { // It chooses KORE's where Twilio's are there too.
					w.giveCredentials(twiliosim.KORE)
				}
				c := w.newCLI(t)
				if strings.Contains(example, "alias ") {
					w.useProcesses(t, c)
				}
				c.env = append(c.env, w.variables()...)
				c.writeExample(example)

				imports := strings.Count("\n"+example, "\nimport {")
				got := c.apply()
				warnings := strings.ReplaceAll(got.output, overrideWarning, "")
				if imports > 0 { // Their SIMs have unique names, which the API does not tell.
					warnings = strings.Replace(warnings, takenOverWarning, "", imports)
				}
				if got.exit != 0 || strings.Contains(warnings, "Warning") {
					t.Fatalf("apply ended with %d: %s", got.exit, got.output)
				}
				want := len(c.instances()) - imports + strings.Count(example, "action_trigger {")
				w.wantSent(t, want)
				if got := c.plan("-detailed-exitcode"); got.exit != 0 {
					t.Errorf("the second plan ended with %d: %s", got.exit, got.output)
				}
				if got := c.apply("-destroy"); got.exit != 0 {
					t.Errorf("destroy ended with %d: %s", got.exit, got.output)
				}
				w.wantSent(t, want)
				w.checkNoDelete(t)
				if atTwilio, atKORE := len(w.Requests()), len(w.kore.Requests()); (atTwilio > 0) != onTwilio || (atKORE > 0) != onKORE {
					t.Errorf("%d requests were made to Twilio, %d to KORE", atTwilio, atKORE)
				}
			})
		}
	}
}

// needsOf skips an example with something that the CLI does not have.
func needsOf(t *testing.T, example string) {
	t.Helper()
	for part, since := range map[string][2]string{
		"identity = {":     {"1.12", ""},
		"action \"":        {"1.14", ""},
		"payload_wo ":      {"1.11", "1.11"},
		"ephemeral \"":     {"1.10", "1.11"},
		"\nimport {":       {"1.5", "1.6"},
		`"terraform_data"`: {"1.4", "1.6"},
	} {
		if strings.Contains("\n"+example, part) {
			needs(t, since[0], since[1])
		}
	}
}

// TestAccExamples_query runs the documented query, and takes over what it
// found, as its page says.
func TestAccExamples_query(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	blocks, err := os.ReadFile(filepath.Join("..", "..", "examples", "list-resources", "twilio_ip_command", "list-resource.tfquery.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	c.write("provider \"twilio\" {}\n")
	c.query(t, string(blocks))
	if got := c.run("query", "-no-color"); got.exit != 0 || strings.Count(got.output, "list.twilio_ip_command.to_valve") != 1 {
		t.Errorf("the query ended with %d: %s", got.exit, got.output)
	}
	if got := c.run("query", "-no-color", "-generate-config-out=messages.tf"); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.apply(); !strings.Contains(got.output, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Error(got.output)
	}
	w.wantSent(t, 0)
}

// TestAccExamples_actionIsNotRepeated has the message of the documented action
// refused: a next apply does not invoke the action again.
func TestAccExamples_actionIsNotRepeated(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	w.Inject(twiliosim.ServerError(400, 1).On("POST", "/"))
	c := w.newCLI(t)
	c.write(documentedExamples(t)["examples/actions/twilio_ip_command/action.tf"])
	if got := c.apply(); got.exit != 1 || !strings.Contains(got.output, "IP Command was refused") {
		t.Errorf("the apply ended with %d: %s", got.exit, got.output)
	}
	if got := c.apply(); got.exit != 0 || !strings.Contains(got.output, noChanges) || w.posts() != 1 {
		t.Errorf("the second apply ended with %d: %s", got.exit, got.output)
	}
	if got := c.apply("-invoke=action.twilio_ip_command.look_for_update"); got.exit != 0 || len(w.Deliveries()) != 1 {
		t.Errorf("the invocation ended with %d: %s", got.exit, got.output)
	}
}

// TestAccExamples_moduleTest runs the tests of the documented module, and wants
// them to fail where a valve would be told again.
func TestAccExamples_moduleTest(t *testing.T) {
	t.Parallel()
	needs(t, "1.6", "1.6")
	w := newExampleWorld(t)
	c := w.newCLI(t)
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join("..", "..", "examples", "module-test", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	c.writeExample(read("main.tf"))
	const tests = "tests/valves.tftest.hcl"
	blocks := strings.ReplaceAll(read(tests), "http://127.0.0.1:8765", w.url)
	if err := os.Mkdir(filepath.Join(c.dir, "tests"), 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(blocks string) {
		if err := os.WriteFile(filepath.Join(c.dir, filepath.FromSlash(tests)), []byte(blocks), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.ReplaceAll(blocks, "45, valve-03", "50, valve-03"))
	if got := c.run("test", "-no-color"); got.exit != 1 || !strings.Contains(got.output, "1 passed, 1 failed, 1 skipped") {
		t.Errorf("the tests ended with %d: %s", got.exit, got.output)
	}
	write(blocks)
	if got := c.run("test", "-no-color"); got.exit != 0 || !strings.Contains(got.output, "3 passed, 0 failed") {
		t.Errorf("the tests ended with %d: %s", got.exit, got.output)
	}
	w.wantSent(t, 4) // Two in each run.
}

// TestAccExamples_receiving reads the values that the guide says.
func TestAccExamples_receiving(t *testing.T) {
	t.Parallel()
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	c.write(documentedExamples(t)["examples/receiving/main.tf"])
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.run("output", "-json", "litres"); strings.TrimSpace(got.output) != `{"meter-01":120538,"meter-02":88713}` {
		t.Error(got.output)
	}
}

// TestAccExamples_fleet sends again to one SIM of the documented fleet, then to
// all of it, and forgets one.
func TestAccExamples_fleet(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	c.write(documentedExamples(t)["examples/fleet/main.tf"])
	for _, row := range []struct {
		arguments []string
		sent      int
	}{
		{nil, 3},
		{[]string{`-replace=twilio_ip_command.report["valve-02"]`}, 4},
		{[]string{"-var=round=2"}, 7},
		{[]string{"-var=round=2", `-var=fleet=["valve-01","valve-03"]`}, 7},
		{[]string{"-var=round=2", `-var=fleet=["valve-01","valve-03","meter-01"]`}, 8},
	} {
		if got := c.apply(row.arguments...); got.exit != 0 {
			t.Fatal(got.output)
		}
		w.wantSent(t, row.sent)
	}
}

// platformsOf returns the platforms whose credentials an example itself names.
func platformsOf(example string) (onTwilio, onKORE bool) {
	argument := func(names string) bool {
		return regexp.MustCompile(`(?m)^ +(` + names + `) +=`).MatchString(example)
	}
	return argument("account_sid|api_key|profile"), argument("kore")
}

// documentedExamples returns the configurations under examples/, each a file
// that stands for itself, and those in the README. The demo and the module with
// tests have a run of their own.
func documentedExamples(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	examples := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "demo" || entry.Name() == "module-test"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".tf":
			return nil
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path) // What is found below root has one.
		examples[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, block := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(string(readme), -1) {
		examples[fmt.Sprintf("README.md/%d", i+1)] = block[1]
	}
	return examples
}

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
		sim.AddIPCommand(twiliosim.IPCommand{SID: "HG0123456789abcdef0123456789abcdef", Payload: "open"})
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
	w.env["TWILIO_SUPERSIM_ENDPOINT"] = w.url
	w.env["TWILIO_WIRELESS_ENDPOINT"] = w.url
	w.env["TWILIO_TOKEN_ENDPOINT"] = w.url + twiliosim.TokenPath
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
