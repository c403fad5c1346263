package provider

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/simconfig"
)

// TestAccGuides_query runs the documented query, and takes over what it
// found, as its page says.
func TestAccGuides_query(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	c.write("provider \"twilio\" {}\n")
	c.query(t, repositoryFile(t, "examples/list-resources/twilio_ip_command/list-resource.tfquery.hcl"))
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

// TestAccGuides_actionIsNotRepeated has the message of the documented action
// refused: a next apply does not invoke the action again.
func TestAccGuides_actionIsNotRepeated(t *testing.T) {
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

// TestAccGuides_moduleTest runs the tests of the documented module, and wants
// them to fail where a valve would be told again, and where a device does what
// the tests do not expect.
func TestAccGuides_moduleTest(t *testing.T) {
	t.Parallel()
	needs(t, "1.6", "1.6")
	read := func(name string) string { return repositoryFile(t, "examples/module-test/"+name) }
	for name, tc := range map[string]struct {
		devices, tests [2]string // what is replaced, and by what
		exit           int
		says           string
		posts, arrive  int
	}{
		"as documented": {says: "6 passed, 0 failed", posts: 4, arrive: 3},
		"a valve would be told again": {
			tests: [2]string{"45, valve-03", "50, valve-03"}, exit: 1, says: "1 passed, 1 failed, 4 skipped", posts: 2, arrive: 2,
		},
		"a valve does not reply": {
			devices: [2]string{`to   = "OPEN 45"`, `to   = "OPEN 46"`}, exit: 1, says: "A valve has not replied.", posts: 4, arrive: 3,
		},
		"the silent valve replies": {
			devices: [2]string{`sim "valve-04" {}`, "sim \"valve-04\" {\n  reply {\n    text = \"x\"\n  }\n}"},
			exit:    1, says: "A silent valve has replied.", posts: 4, arrive: 3,
		},
		"the valve that is off is on": {
			devices: [2]string{`"failed"`, `"sent"`}, exit: 1, says: "The message has reached a valve that is off.", posts: 4, arrive: 4,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var devices twiliosim.Config
			if err := simconfig.Parse("simulator.hcl", []byte(strings.Replace(read("simulator.hcl"), tc.devices[0], tc.devices[1], 1)), &devices); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, devices)
			c := w.newCLI(t)
			c.writeExample(read("main.tf"))
			const tests = "tests/valves.tftest.hcl"
			c.writeFiles(map[string]string{
				tests:               strings.Replace(read(tests), tc.tests[0], tc.tests[1], 1),
				"twiliosim.address": w.url + "\n",
			})
			if got := c.run("test", "-no-color"); got.exit != tc.exit || !strings.Contains(got.output, tc.says) {
				t.Errorf("the tests ended with %d: %s", got.exit, got.output)
			}
			if arrived := len(w.Deliveries()); w.posts() != tc.posts || arrived != tc.arrive {
				t.Errorf("%d messages were posted, %d arrived", w.posts(), arrived)
			}
		})
	}
}

// TestAccGuides_moduleMocks runs the documented tests that need no simulator.
func TestAccGuides_moduleMocks(t *testing.T) {
	t.Parallel()
	needs(t, "1.7", "1.8")
	const tests = "tests/mocks.tftest.hcl"
	w := newWorld(t, twiliosim.Config{})
	c := w.newCLI(t)
	c.writeExample(repositoryFile(t, "examples/module-test/main.tf"))
	c.writeFiles(map[string]string{tests: repositoryFile(t, "examples/module-test/"+tests)})
	if got := c.run("test", "-no-color"); got.exit != 0 || !strings.Contains(got.output, "2 passed, 0 failed") || len(w.Requests()) > 0 {
		t.Errorf("the tests ended with %d, and made %d requests: %s", got.exit, len(w.Requests()), got.output)
	}
}

// TestAccGuides_pipeline runs the documented pipeline, in environments with the
// credentials of real accounts: whatever they hold, nothing but the simulator is
// reached, also by a test file that lacks the provider block.
func TestAccGuides_pipeline(t *testing.T) {
	t.Parallel()
	needs(t, "1.7", "1.8")
	if runtime.GOOS == "windows" {
		t.Skip("the pipeline is for a POSIX shell")
	}
	tools := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", tools, "../../internal/twiliosim/cmd/twiliosim")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	elsewhere := twiliosim.New(twiliosim.Config{})
	twiliosim.Seed(elsewhere)
	server, err := twiliosim.Serve(elsewhere, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	account := []string{"TWILIO_ACCOUNT_SID=" + twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN=another"}
	kore := []string{"KORE_CLIENT_ID=" + twiliosim.DefaultClientID, "KORE_CLIENT_SECRET=another"}
	endpoints := []string{
		"TWILIO_SUPERSIM_ENDPOINT=" + server.URL, "TWILIO_WIRELESS_ENDPOINT=" + server.URL,
		"TWILIO_TOKEN_ENDPOINT=" + server.URL + twiliosim.TokenPath,
	}
	for name, tc := range map[string]struct {
		env     []string
		noBlock bool
		says    string
	}{
		"an account":        {account, false, "8 passed, 0 failed"},
		"KORE":              {append(kore, endpoints...), false, "8 passed, 0 failed"},
		"a profile":         {[]string{"TWILIO_PROFILE=gone"}, false, "8 passed, 0 failed"},
		"no block, account": {append(account, endpoints...), true, "HTTP 401"},
		"no block, KORE":    {kore, true, "HTTP 401"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// What does not go to loopback goes through this.
			var outside atomic.Int32
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				outside.Add(1)
				w.WriteHeader(http.StatusBadGateway)
			}))
			t.Cleanup(proxy.Close)
			c := newWorld(t, twiliosim.Config{}).newCLI(t)
			c.useMirror()
			files := map[string]string{}
			for _, file := range []string{"main.tf", "simulator.hcl", "test.sh", "tests/valves.tftest.hcl", "tests/mocks.tftest.hcl"} {
				files[file] = repositoryFile(t, "examples/module-test/"+file)
			}
			if tc.noBlock {
				const tests = "tests/valves.tftest.hcl"
				files[tests] = regexp.MustCompile(`(?s)provider "twilio" \{.*?\n\}`).ReplaceAllString(files[tests], "")
			}
			c.writeFiles(files)
			pipeline := exec.CommandContext(t.Context(), "sh", filepath.Join(c.dir, "test.sh"))
			pipeline.Env = append(c.env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "TERRAFORM="+os.Getenv("TF_ACC_TERRAFORM_PATH"),
				"TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1", "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL)
			pipeline.Env = append(pipeline.Env, tc.env...)
			out, err := pipeline.CombinedOutput()
			if tc.noBlock == (err == nil) || !strings.Contains(oneLine(string(out)), tc.says) {
				t.Errorf("%v: %s", err, out)
			}
			if n := outside.Load(); n > 0 {
				t.Errorf("%d requests went beyond loopback", n)
			}
		})
	}
	t.Cleanup(func() {
		if n := len(elsewhere.Requests()); n > 0 {
			t.Errorf("%d requests went to an endpoint of the environment", n)
		}
	})
}

// useMirror has the CLI install the provider, in any version, as it stands.
func (c *cli) useMirror() {
	c.t.Helper()
	mirror, config := filepath.Join(c.t.TempDir(), "mirror"), filepath.Join(c.t.TempDir(), "config.tfrc")
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		dir := filepath.Join(mirror, host, strings.TrimPrefix(Address, "registry.terraform.io/"), "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			c.t.Fatal(err)
		}
		if err := os.Symlink(providerBinary(c.t), filepath.Join(dir, "terraform-provider-twilio_v0.0.1")); err != nil {
			c.t.Fatal(err)
		}
	}
	if err := os.WriteFile(config, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+config, "TF_PLUGIN_CACHE_DIR=")
}

// writeFiles writes files into the CLI's directory, by their paths with slashes.
func (c *cli) writeFiles(files map[string]string) {
	c.t.Helper()
	for name, text := range files {
		path := filepath.Join(c.dir, filepath.FromSlash(name))
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// TestAccGuides_receiving reads the values that the guide says.
func TestAccGuides_receiving(t *testing.T) {
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
	// A device that has sent nothing.
	c.write(strings.Replace(documentedExamples(t)["examples/receiving/main.tf"], `"meter-02"`, `"valve-01"`, 1))
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.run("output", "-json", "litres"); strings.TrimSpace(got.output) != `{"meter-01":120538,"valve-01":null}` {
		t.Error(got.output)
	}
}

// TestAccGuides_fleet sends again to one SIM of the documented fleet, then to
// all of it, and forgets one.
func TestAccGuides_fleet(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	fleet := documentedExamples(t)["examples/fleet/main.tf"]
	change := func(from, to string) func() {
		return func() {
			if !strings.Contains(fleet, from) {
				t.Fatalf("the example has no %s", from)
			}
			fleet = strings.Replace(fleet, from, to, 1)
		}
	}
	for _, row := range []struct {
		change    func()
		arguments []string
		sent      int
	}{
		{nil, nil, 3},
		{nil, []string{`-replace=twilio_ip_command.report["valve-02"]`}, 4},
		{change(`default     = "1"`, `default     = "2"`), nil, 7},
		{nil, nil, 7},
		{change(`"valve-02", `, ""), nil, 7},
		{change(`"valve-03"`, `"valve-03", "meter-01"`), nil, 8},
		// What the guide warns of.
		{nil, []string{"-var=round=3"}, 11},
		{nil, nil, 14},
	} {
		if row.change != nil {
			row.change()
		}
		c.write(fleet)
		if got := c.apply(row.arguments...); got.exit != 0 {
			t.Fatal(got.output)
		}
		w.wantSent(t, row.sent)
	}
}

// TestAccGuides_moving does what the guide says of curl, with another program
// of that name, and then moves as it says, without sending anything.
func TestAccGuides_moving(t *testing.T) {
	t.Parallel()
	needs(t, "1.5", "1.6")
	if runtime.GOOS == "windows" {
		t.Skip("the program is for a POSIX shell")
	}
	guide := repositoryFile(t, "docs/guides/moving.md")
	block := func(first string) string {
		found := regexp.MustCompile("(?s)```terraform\n(" + first + ".*?)```").FindStringSubmatch(guide)
		if found == nil {
			t.Fatalf("the guide has no block that begins with %s", first)
		}
		return found[1]
	}
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	tools := t.TempDir()
	if err := os.WriteFile(filepath.Join(tools, "curl"), []byte("#!/bin/sh\necho x >>\"$CALLS\"\nexit $EXIT\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	calls := filepath.Join(tools, "calls")
	c.env = append(c.env, "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "CALLS="+calls)
	curl := func(exit, says string, want int) {
		t.Helper()
		c.env = append(c.env, "EXIT="+exit)
		if got := c.apply(); !strings.Contains(got.output, says) {
			t.Errorf("the apply ended with %d: %s", got.exit, got.output)
		}
		if text, _ := os.ReadFile(calls); len(text)/2 != want {
			t.Errorf("curl was called %d times, want %d", len(text)/2, want)
		}
	}
	sending := block(`resource "terraform_data"`)
	c.write(sending)
	curl("52", "exit status 52", 1) // It got no answer.
	curl("0", "1 added, 0 changed, 1 destroyed", 2)
	c.write(strings.Replace(sending, "Payload=open", "Payload=close", 1))
	curl("0", noChanges, 2)

	moved := documentedExamples(t)["examples/moving/main.tf"]
	plan := func(blocks, says string) {
		t.Helper()
		c.write(blocks)
		if got := c.plan(); !strings.Contains(got.output, says) {
			t.Errorf("the plan does not say %q: %s", says, got.output)
		}
	}
	if cliHas("1.7", "1.7") {
		plan(moved+strings.Replace(block("removed"), "terracurl_request", "terraform_data", 1), "1 to import, 0 to add, 1 to change, 0 to destroy")
	}
	plan(moved, "Plan: 1 to import, 0 to add, 1 to change, 1 to destroy.")
	curl("1", "1 imported, 0 added, 1 changed, 1 destroyed", 2)
	plan(strings.Split(moved, "\n#")[0], noChanges)
	w.wantSent(t, 0)
}
