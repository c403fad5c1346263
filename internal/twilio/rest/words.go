package rest

import "regexp"

// ownWords has the phrases of Go, of the operating system and of HTTP after
// which wrappers of Terraform run it again, each with what is said instead.
// Run again, an apply sends a message a second time of which nobody knows
// whether it was sent (rule R12). What a text says besides stays as it is:
// addresses, names, and what was being done.
var ownWords = []struct {
	phrase *regexp.Regexp
	words  string
}{
	{regexp.MustCompile(`(?i)\bdial tcp[46]? `), "connecting to "},
	{regexp.MustCompile(`(?i)\bdial tcp[46]?`), "connecting"},
	{regexp.MustCompile(`(?i)\bproxyconnect tcp`), "connecting through the proxy"},
	{regexp.MustCompile(`(?i)\bread tcp[46]?`), "reading,"},
	{regexp.MustCompile(`(?i)\bwrite tcp[46]?`), "writing,"},
	{regexp.MustCompile(`(?i)tcp`), "network"},
	{regexp.MustCompile(`(?i)((read|write): )?connection reset( by peer)?`), "the other side broke the connection off"},
	{regexp.MustCompile(`(?i)(connect: )?connection refused`), "nobody takes connections there"},
	{regexp.MustCompile(`(?i)((read|write): )?broken pipe`), "the other side has closed the connection"},
	{regexp.MustCompile(`(?i)unexpected EOF`), "it broke off in the middle"},
	{regexp.MustCompile(`\bEOF\b`), "the other side closed the connection"},
	{regexp.MustCompile(`(?i)(context )?deadline exceeded`), "the time for it was over"},
	{regexp.MustCompile(`(?i)(net/http: )?TLS handshake`), "agreeing on TLS:"},
	{regexp.MustCompile(`(?i)(i/o |Client\.)?time-?out( exceeded)?|((connection|operation) )?timed out`), "it took too long"},
	{regexp.MustCompile(`(?i)no such host`), "nobody knows this name"},
	{regexp.MustCompile(`(?i)too many requests`), "over the limit"},
}

// inOwnWords returns a text without the phrases that wrappers look for.
func inOwnWords(text string) string {
	for _, own := range ownWords {
		text = own.phrase.ReplaceAllString(text, own.words)
	}
	return text
}
