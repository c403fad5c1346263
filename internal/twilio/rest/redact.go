package rest

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
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
// A short secret may stand in the text by chance; it counts only where it is a
// word of its own. Where a secret is still there once escapes of whatever kind
// are undone, nothing of the text is shown.
func redact(text string, secrets []string) string {
	// One may contain another: the longest first.
	secrets = slices.SortedFunc(slices.Values(secrets), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), oneLine(secret)} {
			text = redactWord(text, form)
		}
	}
	plain := unescape(text)
	for _, secret := range secrets {
		if secret = unescape(secret); redactWord(plain, secret) != plain {
			return redacted
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

// escape is one character as a URL, a form, HTML, and a string of JSON or of Go
// write it.
var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|(?:\\u[0-9A-Fa-f]{4})+|\\.|\+|&#?[0-9A-Za-z]+;`)

// unescape undoes the escapes of a text, and those within them.
func unescape(text string) string {
	for range 4 {
		before := text
		text = escape.ReplaceAllStringFunc(text, func(e string) string {
			switch {
			case e == "+" || e == `\n` || e == `\r` || e == `\t`:
				return " "
			case e[0] == '%', strings.HasPrefix(e, `\x`):
				b, _ := hex.DecodeString(e[len(e)-2:]) // The expression has seen to it.
				return string(b)
			case e[0] == '&':
				return html.UnescapeString(e)
			case len(e) > 2: // Twice where it is beyond 16 bits.
				_ = json.Unmarshal([]byte(`"`+e+`"`), &e)
				return e
			}
			return e[1:]
		})
		if text == before {
			break
		}
	}
	return oneLine(text)
}

// redactWord takes a secret out of a text: a short one where it is a word.
func redactWord(text, word string) string {
	switch {
	case word == "":
		return text
	case len(word) >= minDistinct:
		return strings.ReplaceAll(text, word, redacted)
	}
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
	// Lowering may change lengths outside ASCII; then the title is left out. So is a
	// long one, which may be cut in the middle of a secret before that is redacted.
	if start >= 0 && end > start && end-start < maxRunes && len(lower) == len(page) {
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
