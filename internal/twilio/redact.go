package twilio

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

const redacted = "[redacted]"

// redact takes secrets out of a foreign text, such as an error message in
// which the API repeats what it was sent: as they are, and as they stand in a
// form. A short secret may stand in the text by chance; it is taken out only
// where it is a word of its own.
func redact(text string, secrets ...string) string {
	for _, secret := range secrets {
		for _, s := range []string{secret, url.QueryEscape(secret), clean(secret)} {
			switch {
			case s == "":
			case len(s) >= 6:
				text = strings.ReplaceAll(text, s, redacted)
			default:
				text = redactWord(text, s)
			}
		}
	}
	return text
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
