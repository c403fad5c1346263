package provider

import (
	"strings"
	"unicode"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// sentence makes an error's text a sentence: with a capital and a full stop.
func sentence(err error) string {
	return strings.TrimRight(capital(err.Error()), ".") + "."
}

// capital makes the first letter of a text a capital.
func capital(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = unicode.ToUpper(r[0])
	}
	return string(r)
}

// dateText is a date as a message shows it.
func dateText(t *twilio.Timestamp) string {
	if t == nil {
		return "unknown date"
	}
	return t.RFC3339()
}

// orNull is a text of the API as a message shows it.
func orNull(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}
