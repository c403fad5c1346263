// Command pages finishes the generated pages in docs/, and checks all pages.
//
//	pages links    makes the links between pages absolute
//	pages check    fails if a page is too long, or says what another page says
//
// It runs in the root of the repository.
package main

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// registry is where the pages are once they are published.
const registry = "https://registry.terraform.io/providers/seed-0925943e/twilio/latest/docs"

// limits are how many words a page may have.
var limits = map[string]int{
	"README.md":                          750,
	"docs/index.md":                      1500,
	"docs/resources/ip_command.md":       2500,
	"docs/actions/ip_command.md":         1100,
	"docs/actions/ip_command_rollout.md": 1000,
	"docs/data-sources/ip_commands.md":   750,
	"docs/data-sources/super_sims.md":    750,
	"docs/data-sources/commands.md":      550,
	"docs/data-sources/ip_command.md":    400,
	"docs/data-sources/command.md":       400,
	"docs/guides/access.md":              900,
	"docs/guides/ask.md":                 700,
	"docs/guides/ci.md":                  900,
	"docs/guides/fleet.md":               650,
	"docs/guides/kore.md":                1000,
	"docs/guides/module-tests.md":        1000,
	"docs/guides/moving.md":              900,
	"docs/guides/trouble.md":             1000,
	"docs/guides/window.md":              600,
	"docs/guides/waves.md":               900,
}

const (
	otherLimit = 500
	// schemaLimit is how many words of the resource's page may come before its schema.
	schemaLimit = 1600
	// repeated is how many words in a row are said once only.
	repeated = 10
)

func main() {
	pages, err := read()
	if err == nil {
		switch strings.Join(os.Args[1:], " ") {
		case "links":
			err = writeLinks(pages)
		case "check":
			if faults := append(tooLong(pages), saidTwice(pages)...); len(faults) > 0 {
				err = fmt.Errorf("%s", strings.Join(faults, "\n"))
			}
		default:
			err = fmt.Errorf("usage: pages links|check")
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read returns the pages by their paths, with slashes.
func read() (map[string]string, error) {
	pages := map[string]string{}
	for _, pattern := range []string{"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/*.md", "docs/*/*.md"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := os.ReadFile(name) //nolint:gosec // G304: the patterns above name it.
			if err != nil {
				return nil, err
			}
			pages[filepath.ToSlash(name)] = string(text)
		}
	}
	return pages, nil
}

var link = regexp.MustCompile(`\]\(([\w./-]+)\.md(#[\w-]+)?\)`)

// absolute makes the links of a page in docs/ to other pages absolute. No relative
// form holds everywhere: Terraform's registry has the overview at docs and not at
// docs/, and OpenTofu's keeps the .md of a link to another directory.
func absolute(name, text string) string {
	return link.ReplaceAllStringFunc(text, func(found string) string {
		part := link.FindStringSubmatch(found)
		to, ok := strings.CutPrefix(path.Join(path.Dir(name), part[1]), "docs/")
		if !ok {
			return found
		}
		return "](" + registry + strings.TrimSuffix("/"+to, "/index") + part[2] + ")"
	})
}

func writeLinks(pages map[string]string) error {
	for name, text := range pages {
		if strings.HasPrefix(name, "docs/") {
			if err := os.WriteFile(filepath.FromSlash(name), []byte(absolute(name, text)), 0o644); err != nil { //nolint:gosec // G306: these files are published.
				return err
			}
		}
	}
	return nil
}

// tooLong names the pages with too many words.
func tooLong(pages map[string]string) (faults []string) {
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		limit := limits[name]
		if limit == 0 && strings.HasPrefix(name, "docs/") {
			limit = otherLimit
		}
		if n := len(strings.Fields(pages[name])); limit > 0 && n > limit {
			faults = append(faults, fmt.Sprintf("%s has %d words; its limit is %d.", name, n, limit))
		}
		before, _, hasSchema := strings.Cut(pages[name], "\n## Schema\n")
		if n := len(strings.Fields(before)); hasSchema && n > schemaLimit {
			faults = append(faults, fmt.Sprintf("%s has %d words before its schema; the limit is %d.", name, n, schemaLimit))
		}
	}
	return faults
}

var (
	// notProse is what another source generates or a CLI reads: the front matter, the
	// schema, code.
	notProse = regexp.MustCompile("(?s)\\A---\n.*?\n---\n|```.*?```|<!-- (\\w+ )?schema generated.*?(\n## Import|\\z)")
	target   = regexp.MustCompile(`\]\([^)]*\)`)
	word     = regexp.MustCompile(`[\pL\pN_]+`)
)

// saidTwice names what stands on two pages, paragraph by paragraph.
func saidTwice(pages map[string]string) (faults []string) {
	said := map[string]string{} // The page on which some words in a row stand.
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		here := map[string]bool{}
		for line := range strings.Lines(notProse.ReplaceAllString(pages[name], "\n")) {
			words := word.FindAllString(strings.ToLower(target.ReplaceAllString(line, "]")), -1)
			for i := 0; i+repeated <= len(words); i++ {
				run := strings.Join(words[i:i+repeated], " ")
				if other := said[run]; other != "" {
					faults = append(faults, fmt.Sprintf("%s and %s both say: %s", other, name, run))
					i += repeated - 1
				}
				here[run] = true
			}
		}
		for run := range here {
			said[run] = name
		}
	}
	return faults
}
