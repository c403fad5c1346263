package twilio

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const redacted = "[redacted]"

// minTelling is the length, in bytes, from which a secret does not stand in a
// text by chance.
const minTelling = 6

// redact takes secrets out of a foreign text, such as an error message in
// which the API repeats what it was sent: as they are, and as they stand in a
// form. A short secret may stand in the text by chance; it is taken out only
// where it is a word of its own.
func redact(text string, secrets ...string) string {
	for _, secret := range secrets {
		for _, s := range forms(secret) {
			switch {
			case s == "":
			case len(s) >= minTelling:
				text = strings.ReplaceAll(text, s, redacted)
			default:
				text = redactWord(text, s)
			}
		}
	}
	return text
}

// secrets returns what must not be shown of a call.
func (c *Client) secrets(cl *call) []string {
	return append(c.signer.secrets(), cl.signature, cl.form.Get("Payload"))
}

// redactError is redact for the text of an error.
func redactError(err error, secrets ...string) error {
	if text := redact(err.Error(), secrets...); text != err.Error() {
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
// form or a URL, in JSON, also within a string of JSON, in Go, and in HTML; and each
// of them cleaned. The longest is first, since it may contain the others.
func forms(secret string) []string {
	if secret == "" {
		return nil
	}
	inGo := strconv.Quote(secret)
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), inGo[1 : len(inGo)-1]}
	quoted := secret
	for range 2 {
		b, _ := json.Marshal(quoted) // A string can always be encoded.
		quoted = string(b[1 : len(b)-1])
		all = append(all, quoted, strings.ReplaceAll(quoted, "/", `\/`))
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(secret); err == nil {
		plain := strings.TrimSpace(b.String())
		all = append(all, plain[1:len(plain)-1])
	}
	for _, s := range all {
		all = append(all, clean(s))
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return slices.Compact(all)
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
