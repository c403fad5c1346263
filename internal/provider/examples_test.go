package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccExamples_apply applies every configuration that the documentation
// shows, as it stands, to a simulator with the SIMs that they name. Each
// message in them is sent exactly once, and then nothing is left to do.
func TestAccExamples_apply(t *testing.T) {
	t.Parallel()
	for name, example := range documentedExamples(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newExampleWorld(t)
			c := w.newCLI(t)
			c.env = append(c.env, "TF_VAR_twilio_api_key="+twiliosim.DefaultAPIKey, "TF_VAR_twilio_api_secret="+twiliosim.DefaultAPISecret)
			c.writeExample(example)

			if got := c.apply(); got.exit != 0 || strings.Contains(got.output, "Warning") {
				t.Fatalf("apply ended with %d: %s", got.exit, got.output)
			}
			want := len(c.instances()) - strings.Count("\n"+example, "\nimport {")
			w.wantSent(t, want)
			if got := c.run("plan", "-detailed-exitcode", "-input=false", "-no-color"); got.exit != 0 {
				t.Errorf("the second plan ended with %d: %s", got.exit, got.output)
			}
			if got := c.apply("-destroy"); got.exit != 0 {
				t.Errorf("destroy ended with %d: %s", got.exit, got.output)
			}
			w.wantSent(t, want)
			w.checkNoDelete(t)
		})
	}
}

// documentedExamples returns the configurations under examples/, each a file
// that stands for itself, and those in the README. The demo has a run of its
// own.
func documentedExamples(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	examples := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == "demo":
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

// newExampleWorld has what the examples name. Endpoints and credentials come
// from the environment, as the examples say.
func newExampleWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, twiliosim.Config{})
	twiliosim.Seed(w.Simulator)
	w.AddIPCommand(twiliosim.IPCommand{SID: "HG0123456789abcdef0123456789abcdef", Payload: "open"})
	w.env["TWILIO_ACCOUNT_SID"] = twiliosim.DefaultAccountSID
	w.env["TWILIO_AUTH_TOKEN"] = twiliosim.DefaultAuthToken
	w.env["TWILIO_SUPERSIM_ENDPOINT"] = w.url
	w.env["TWILIO_WIRELESS_ENDPOINT"] = w.url
	return w
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
func (w *world) wantSent(t *testing.T, n int) {
	t.Helper()
	if posts, delivered := w.posts(), len(w.Deliveries()); posts != n || delivered != n {
		t.Errorf("the simulator has seen %d POSTs and delivered %d messages, want %d", posts, delivered, n)
	}
}
