package provider

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	repository = "https://github.com/seed-0925943e/terraform-provider-twilio"
	// published is where the pages in docs/ are in the registry, and what they link to.
	published = "https://registry.terraform.io/providers/seed-0925943e/twilio/latest/docs"
)

// documentation returns the pages in the repository, by their paths below its
// root, without their blocks of code.
func documentation(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		paths, _ := filepath.Glob(filepath.Join("..", "..", pattern))
		for _, path := range paths {
			name, _ := filepath.Rel(filepath.Join("..", ".."), path)
			name = filepath.ToSlash(name)
			pages[name] = regexp.MustCompile("(?s)```.*?```").ReplaceAllString(repositoryFile(t, name), "")
		}
	}
	return pages
}

// TestDocumentation_links follows each link from one page to another, to the
// heading that it names.
func TestDocumentation_links(t *testing.T) {
	t.Parallel()
	pages := documentation(t)
	anchors := map[string]bool{}
	for name, text := range pages {
		for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
			anchor := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
			anchors[name+"#"+strings.ReplaceAll(anchor, " ", "-")] = true
		}
		for _, id := range regexp.MustCompile(`<a id="(.*?)"`).FindAllStringSubmatch(text, -1) {
			anchors[name+"#"+id[1]] = true
		}
	}
	links := 0
	for name, text := range pages {
		for _, link := range regexp.MustCompile(`\]\((\S+?)\)`).FindAllStringSubmatch(text, -1) {
			to := strings.Replace(link[1], repository+"#", "/README.md#", 1)
			if below, ok := strings.CutPrefix(to, published); ok {
				path, heading, _ := strings.Cut(below, "#")
				to = "/docs" + cmp.Or(path, "/index") + ".md#" + heading
			}
			if strings.Contains(to, "://") {
				continue
			}
			links++
			path, heading, _ := strings.Cut(to, "#")
			switch {
			case path == "":
				path = name
			case path[0] == '/':
				path = path[1:]
			default:
				path = filepath.ToSlash(filepath.Join(filepath.Dir(name), path))
			}
			if _, err := os.Stat(filepath.Join("..", "..", path)); err != nil || heading != "" && !anchors[path+"#"+heading] {
				t.Errorf("%s links to %s, which is not there", name, link[1])
			}
		}
	}
	if links < 100 {
		t.Errorf("only %d links were found", links)
	}
}
