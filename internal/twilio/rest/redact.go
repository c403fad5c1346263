package rest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Every text that came from outside passes through redact before it is shown
// or logged: whoever wrote it may repeat what it was sent.

const redacted = "[redacted]"

// minDistinct is the length, in bytes, from which a secret does not stand in a
// text by chance.
const minDistinct = 6

// redact makes a foreign text fit to be shown: without the secrets, and clean.
// A short secret may stand in the text by chance; it is taken out only where
// it is a word of its own.
func redact(text string, secrets []string) string {
	var all []string
	for _, secret := range secrets {
		all = append(all, forms(secret)...)
	}
	// One may contain another: the longest first.
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for _, form := range slices.Compact(all) {
		if len(form) >= minDistinct {
			text = strings.ReplaceAll(text, form, redacted)
		} else {
			text = redactWord(text, form)
		}
	}
	return clean(text)
}

// redactError is redact for the text of an error.
func redactError(err error, secrets []string) error {
	if text := redact(err.Error(), secrets); text != err.Error() {
		return redactedError{text, err}
	}
	return err
}

type redactedError struct {
	text string
	err  error
}

func (e redactedError) Error() string { return e.text }
func (e redactedError) Unwrap() error { return e.err }

// forms are the ways in which a secret may stand in a text: as it is, in a
// form or a URL, and in a string of JSON or of Go, which net/http quotes with;
// each with its white space as it is or made one space.
func forms(secret string) []string {
	inGo := strconv.Quote(secret)
	inJSON, _ := json.Marshal(secret) // A string can always be encoded.
	all := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		inGo[1 : len(inGo)-1], string(inJSON[1 : len(inJSON)-1]),
	}
	for _, s := range all {
		all = append(all, oneLine(s))
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// redactWord takes a word out of a text.
func redactWord(text, word string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, word)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		b.WriteString(text[:i])
		if inWord(before) || inWord(after) {
			b.WriteString(word)
		} else {
			b.WriteString(redacted)
		}
		text = text[i+len(word):]
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// maxRunes bounds foreign text that is shown, in characters.
const maxRunes = 500

// clean makes a text valid UTF-8 of one line, without control characters, of
// at most maxRunes.
func clean(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > maxRunes {
		s = string(r[:maxRunes]) + "…"
	}
	return s
}

func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// excerpt describes a body that is not the API's JSON.
func excerpt(body string, secrets []string) string {
	if text := oneLine(body); strings.HasPrefix(text, "<") {
		return htmlPage(text, secrets)
	}
	text := redact(body, secrets)
	if text == "" || text == "{}" || text == "null" {
		return ""
	}
	return fmt.Sprintf("unexpected answer %q", text)
}

// htmlPage describes a page of HTML, which comes from something other than the
// API.
func htmlPage(page string, secrets []string) string {
	lower := strings.ToLower(page)
	start, end := strings.Index(lower, "<title>"), strings.Index(lower, "</title>")
	title := ""
	// Lowering may change lengths outside ASCII; then the title is left out.
	if start >= 0 && end > start && len(lower) == len(page) {
		text := html.UnescapeString(page[start+len("<title>") : end])
		title = fmt.Sprintf(", titled %q", redact(text, secrets))
	}
	return "an HTML page instead of the API's answer" + title
}

// DescribeAnswer describes a body that should have been JSON without quoting
// it, since whatever it is, it may hold a payload. Only the title of an HTML
// page is told: it says whose page it is.
func DescribeAnswer(body []byte) string {
	if text := oneLine(string(body)); strings.HasPrefix(text, "<") {
		return htmlPage(text, nil)
	}
	return fmt.Sprintf("%d bytes", len(body))
}
