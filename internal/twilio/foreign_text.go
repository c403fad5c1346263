package twilio

import (
	"fmt"
	"strings"
	"unicode"
)

// excerpt describes a body that is not the API's JSON.
func excerpt(body string) string {
	text := clean(body)
	if text == "" {
		return ""
	}
	if strings.HasPrefix(text, "<") {
		return htmlPage(text)
	}
	return fmt.Sprintf("unexpected answer %q", text)
}

// htmlPage describes a page of HTML, which comes from something else than the
// API.
func htmlPage(html string) string { return "an HTML page instead of the API's answer" + title(html) }

func title(html string) string {
	lower := strings.ToLower(html)
	start := strings.Index(lower, "<title>")
	end := strings.Index(lower, "</title>")
	// Lowering may change lengths outside ASCII; then the title is left out.
	if start < 0 || end < start || len(lower) != len(html) {
		return ""
	}
	return fmt.Sprintf(", titled %q", strings.TrimSpace(html[start+len("<title>"):end]))
}

// maxCleanRunes bounds foreign text that is shown, in characters.
const maxCleanRunes = 500

// clean makes foreign text fit to be shown: valid UTF-8, one line, no control
// characters, at most maxCleanRunes.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > maxCleanRunes {
		s = string(r[:maxCleanRunes]) + "…"
	}
	return s
}
