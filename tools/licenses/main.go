// Command licenses prints, as Markdown, the modules that are linked into the
// released commands, with their licences and notices, which have to go with
// the binaries. It fails where a licence is not on the list of what may be. It
// looks at every platform of the releases, and at no network. Run it in the
// directory of the main module.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	classifier "github.com/google/licenseclassifier/v2"
	"github.com/google/licenseclassifier/v2/assets"
)

// allowed are the licences, by their SPDX identifiers, under which a
// dependency may be: none of them asks anything of those who use the provider
// or who change its files.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0", "Unicode-DFS-2016"}

// commands are what a release holds.
var commands = []string{".", "./internal/twiliosim/cmd/twiliosim"}

// licenseFile is how modules name the file with their licence, or with what
// the Apache License calls notices.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([-.].*)?$`)

// mozilla is how the Mozilla Public License begins.
var mozilla = regexp.MustCompile(`(?i)mozilla public license,? version 2\.0\s`)

func main() {
	log.SetFlags(0)
	goCommand := flag.String("go", "go", "the go `command`")
	platforms := flag.String("platforms", "linux,darwin,windows,freebsd", "the operating `systems` of the releases")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *goCommand, strings.Split(*platforms, ",")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer, goCommand string, platforms []string) error {
	modules := map[string]string{}
	for _, platform := range platforms {
		if err := linked(ctx, modules, goCommand, platform); err != nil {
			return err
		}
	}
	c, err := assets.DefaultClassifier()
	if err != nil {
		return err
	}
	var table strings.Builder
	var errs []error
	holders := map[string][]string{} // of each text, the modules with it
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		texts, err := licenseTexts(modules[module])
		if err != nil {
			return err
		}
		name, err := identify(c, texts)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", module, err))
		}
		fmt.Fprintf(&table, "| [%s](https://pkg.go.dev/%[1]s) | %s |\n", module, name)
		for _, text := range texts {
			// The file LICENSE has this one.
			if at := mozilla.FindStringIndex(text); at != nil {
				text = strings.TrimSpace(text[:at[0]])
			}
			if text != "" {
				holders[text] = append(holders[text], module)
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, header, len(modules), table.String())
	for _, text := range byHolder(holders) {
		if err == nil {
			_, err = fmt.Fprintf(w, "\n### %s\n\n```text\n%s\n```\n", strings.Join(holders[text], ", "), text)
		}
	}
	return err
}

const header = `<!-- Written by make licenses. Versions are in go.mod. -->
# Licences of what a release is built from

The provider is under the [Mozilla Public License 2.0](LICENSE). The binaries of a release contain these %d modules too, and the Go standard library, which is under the licence of golang.org/x/net. Their source is where the links lead.

| module | licence |
|---|---|
%s
## Texts

That of the Mozilla Public License 2.0 is in [LICENSE](LICENSE).
`

// linked adds the modules that the commands are built from on a platform, and
// where each one lies.
func linked(ctx context.Context, modules map[string]string, goCommand, platform string) error {
	list := exec.CommandContext(ctx, goCommand, append([]string{"list", "-deps", "-f",
		`{{with .Module}}{{if not .Main}}{{.Path}}{{"\t"}}{{.Dir}}{{end}}{{end}}`}, commands...)...)
	list.Env = append(os.Environ(), "GOOS="+platform, "GOARCH=amd64", "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("listing what is built for %s: %w", platform, err)
	}
	for line := range strings.Lines(string(out)) {
		if path, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			modules[path] = dir
		}
	}
	return nil
}

// licenseTexts returns the files of a module about its licence.
func licenseTexts(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, entry := range entries {
		if entry.IsDir() || !licenseFile.MatchString(entry.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		text = bytes.ReplaceAll(text, []byte("\r"), nil)
		texts = append(texts, strings.Trim(string(text), "\n"))
	}
	return texts, nil
}

// identify names the licences of a module, all of which must be allowed.
func identify(c *classifier.Classifier, texts []string) (string, error) {
	var names []string
	for _, text := range texts {
		for _, match := range c.Match([]byte(text)).Matches {
			if match.MatchType == "License" {
				names = append(names, match.Name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return "", errors.New("no licence was recognised")
	}
	for _, name := range names {
		if !slices.Contains(allowed, name) {
			return "", fmt.Errorf("%s is not among the licences that a dependency may have: %s", name, strings.Join(allowed, ", "))
		}
	}
	return strings.Join(names, ", "), nil
}

// byHolder returns the texts in the order of the first module with each.
func byHolder(holders map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(holders), func(a, b string) int {
		return cmp.Or(slices.Compare(holders[a], holders[b]), strings.Compare(a, b))
	})
}
