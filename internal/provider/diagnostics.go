package provider

import (
	"strings"
	"unicode"
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
