package provider

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

				imports := 0
				if strings.Contains("\n"+example, "\nimport {") {
					imports = len(regexp.MustCompile(`"HG[0-9a-f]{32}"`).FindAllString(example, -1))
				}
				got := c.apply()
				warnings := strings.ReplaceAll(got.output, overrideWarning, "")
				if imports > 0 { // Their SIMs have unique names, which the API does not tell.
					warnings = strings.Replace(warnings, takenOverWarning, "", imports)
				}
				if got.exit != 0 || strings.Contains(warnings, "Warning") {
					t.Fatalf("apply ended with %d: %s", got.exit, got.output)
				}
				want := len(c.instances()) - imports + strings.Count(example, "[after_create")
				if strings.Contains(example, `fleet = "displays"`) {
					want += 8
				}
				w.wantSent(t, want)
				if got := c.plan("-detailed-exitcode"); got.exit != 0 {
					t.Errorf("the second plan ended with %d: %s", got.exit, got.output)
				}
				if got := c.apply("-destroy"); got.exit != 0 {
					t.Errorf("destroy ended with %d: %s", got.exit, got.output)
				}
				w.wantSent(t, want+strings.Count(example, "[before_destroy"))
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
		"identity = {":     {"1.12", "1.12"},
		"action \"":        {"1.14", ""},
		"before_destroy":   {"1.16", ""},
		"payload_wo ":      {"1.11", "1.11"},
		"ephemeral \"":     {"1.10", "1.11"},
		"\nimport {":       {"1.5", "1.6"},
		"import {\n  for_": {"1.7", "1.7"},
		`"terraform_data"`: {"1.4", "1.6"},
		"postcondition {":  {"1.2", "1.6"},
		"\ncheck \"":       {"1.5", "1.6"},
		"provider::":       {"1.8", "1.7"},
	} {
		if strings.Contains("\n"+example, part) {
			needs(t, since[0], since[1])
		}
	}
}

// platformsOf returns the platforms whose credentials an example itself names.
func platformsOf(example string) (onTwilio, onKORE bool) {
	argument := func(names string) bool {
		return regexp.MustCompile(`(?m)^ +(` + names + `) +=`).MatchString(example)
	}
	return argument("account_sid|api_key|profile"), argument("kore")
}

// repositoryFile returns a file of the repository, by its path from the root, with
// slashes.
func repositoryFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// documentedExamples returns the configurations under examples/, each a file
// that stands for itself, and those in the README. Those of several files, or of
// several providers, have a run of their own.
func documentedExamples(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	examples := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "examples"), func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{"ask", "demo", "module-test", "moving-module", "vendor"}, entry.Name()):
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
	for i, block := range regexp.MustCompile("(?s)```terraform\n(.*?)```").FindAllStringSubmatch(repositoryFile(t, "README.md"), -1) {
		examples[fmt.Sprintf("README.md/%d", i+1)] = block[1]
	}
	return examples
}
