package provider

import (
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// wrapperPhrases reads the lists of what wrappers of Terraform look for.
var wrapperPhrases = sync.OnceValues(func() ([]*regexp.Regexp, error) {
	content, err := os.ReadFile("testdata/wrapper_phrases.txt")
	if err != nil {
		return nil, err
	}
	var phrases []*regexp.Regexp
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		phrase, err := regexp.Compile(line)
		if err != nil {
			return nil, err
		}
		phrases = append(phrases, phrase)
	}
	return phrases, nil
})

// wantNotRepeated fails the test if a wrapper would run Terraform again after
// this output (rule R12): as the CLI breaks it into lines, in one line, and
// beside what else an output may say.
func wantNotRepeated(t *testing.T, output string) {
	t.Helper()
	phrases, err := wrapperPhrases()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{output, oneLine(output), "registry: " + oneLine(output) + " timeouts.create"} {
		for _, phrase := range phrases {
			if phrase.MatchString(text) {
				t.Errorf("a wrapper runs Terraform again for %q", phrase)
			}
		}
	}
}
