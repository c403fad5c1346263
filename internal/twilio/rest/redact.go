package rest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Every text that came from outside passes through Clean before it is shown or
// logged: whoever wrote it may repeat what it was sent.

const (
	redacted = "[redacted]"
	// minRun is how many bytes of a secret do not stand in a text by chance;
	// hexRun and base64Run are how many digits these fill at least.
	minRun, hexRun, base64Run = 8, 16, 10
	// minDistinct is the length, in bytes, below which a secret counts only where
	// it is a word of its own.
	minDistinct = 6
	// maxViews bounds the texts that undoing escapes makes of one.
	maxViews = 16
	// maxRunes bounds foreign text that is shown, in characters.
	maxRunes = 500
)

// Clean makes a foreign text fit to be shown: one line of valid UTF-8 without
// secrets, without control characters, of bounded length and in words that no
// wrapper repeats on (rule R12). Of a secret, any run of minRun bytes is
// hidden, in whatever letter case, plain, as Base64 or as hexadecimal. Where
// there is one once escapes are undone, nothing of the text is shown.
func Clean(text string, secrets []string) string {
	known := runsOf(secrets)
	text = known.hide(spaces.ReplaceAllString(text, " "), 1)
	views := []string{text}
	for i := 0; i < len(views); i++ { // It grows.
		packed := separators.ReplaceAllString(views[i], "")
		if known.hide(views[i], 1) != views[i] && i > 0 || known.hide(packed, base64Run) != packed || len(views) > maxViews {
			return redacted
		}
		for _, undo := range unescape {
			if view := spaces.ReplaceAllString(undo(views[i]), " "); !slices.Contains(views, view) {
				views = append(views, view)
			}
		}
	}
	words := strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	text = inOwnWords(strings.Join(words, " "))
	if r := []rune(text); len(r) > maxRunes {
		text = string(r[:maxRunes]) + "…"
	}
	return text
}

// Clean is Clean with the secrets of the client's credentials, for a text of a
// successful response: a status that is not known, a SID that is none.
func (c *Client) Clean(text string, secrets []string) string {
	secrets = append(c.Credentials.secrets(), secrets...)
	if c.tokens != nil {
		c.tokens.mu.Lock()
		defer c.tokens.mu.Unlock()
		secrets = append(secrets, c.tokens.token)
	}
	return Clean(text, secrets)
}

var (
	// spaces is white space, which is often written back as another.
	spaces = regexp.MustCompile(`[\s\pZ]+`)
	// separators stand between digits of hexadecimal, and lines of Base64.
	separators = regexp.MustCompile(`(?i)0x|[^0-9a-z+/_]`)
	percent    = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	backslash  = regexp.MustCompile(`\\x[0-9A-Fa-f]{2}|(?:\\u[0-9A-Fa-f]{4})+|\\U[0-9A-Fa-f]{8}|\\.`)
	// urlBase64 makes Base64 that of a URL.
	urlBase64 = strings.NewReplacer("+", "-", "/", "_")
)

// runs are the parts of secrets that must not be shown, by their length.
type runs map[int]map[string]bool

func (r runs) add(s string, length int) {
	if r[length] == nil {
		r[length] = map[string]bool{}
	}
	for i := 0; i+length <= len(s); i++ {
		r[length][s[i:i+length]] = true
	}
}

// runsOf cuts secrets into runs.
func runsOf(secrets []string) runs {
	r := runs{}
	for _, secret := range secrets {
		plain := strings.TrimSpace(spaces.ReplaceAllString(secret, " "))
		if len(plain) >= minDistinct {
			plain = fold(plain)
		}
		if plain != "" {
			r.add(plain, min(len(plain), minRun))
		}
		if len(secret) < minRun {
			continue
		}
		r.add(hex.EncodeToString([]byte(secret)), hexRun)
		for before := range 3 { // Bytes of the group of three in which the secret begins.
			encoded := base64.RawStdEncoding.EncodeToString([]byte("\x00\x00"[:before] + secret))
			// Only of digits that are all the secret's.
			encoded = fold(encoded[(before*8+5)/6 : (before+len(secret))*8/6])
			r.add(encoded, base64Run)
			r.add(urlBase64.Replace(encoded), base64Run)
		}
	}
	return r
}

// hide takes the runs of at least this length out of a text.
func (r runs) hide(text string, least int) string {
	folded, hidden := fold(text), make([]bool, len(text)+1)
	for length, set := range r {
		for i := 0; length >= least && i+length <= len(text); i++ {
			if length >= minDistinct && set[folded[i:i+length]] || length < minDistinct && set[text[i:i+length]] && isWord(text, i, i+length) {
				copy(hidden[i:], slices.Repeat([]bool{true}, length))
			}
		}
	}
	var b strings.Builder
	for i := range len(text) {
		if !hidden[i] {
			b.WriteByte(text[i])
		} else if !hidden[i+1] {
			b.WriteString(redacted)
		}
	}
	return b.String()
}

// fold writes a text in lower case, with each character in its place.
func fold(text string) string {
	b := []byte(text)
	for i, r := range text {
		if lower := unicode.ToLower(r); r != utf8.RuneError && utf8.RuneLen(lower) == utf8.RuneLen(r) {
			utf8.EncodeRune(b[i:], lower)
		}
	}
	return string(b)
}

// isWord reports whether a part of a text is a word of its own.
func isWord(text string, start, end int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:start])
	after, _ := utf8.DecodeRuneInString(text[end:])
	return !unicode.In(before, unicode.L, unicode.Nd) && !unicode.In(after, unicode.L, unicode.Nd)
}

// unescape undoes escapes of one kind: another Unicode normalisation than
// Terraform's, and those of a URL, of a form, of HTML, and of a string of JSON or
// of Go.
var unescape = []func(text string) string{
	norm.NFC.String,
	func(text string) string {
		return percent.ReplaceAllStringFunc(text, func(e string) string {
			e, _ = url.PathUnescape(e) // The expression has seen to it.
			return e
		})
	},
	func(text string) string { return strings.ReplaceAll(text, "+", " ") },
	html.UnescapeString,
	func(text string) string {
		return backslash.ReplaceAllStringFunc(text, func(e string) string {
			var s string
			if json.Unmarshal([]byte(`"`+e+`"`), &s) == nil {
				return s
			}
			if s, err := strconv.Unquote(`"` + e + `"`); err == nil {
				return s
			}
			return e[1:]
		})
	},
}

// DescribeBody says what kind a body is that is not the API's, without
// quoting it: whatever it is, it may hold a payload.
func DescribeBody(body []byte) string {
	kind := "text"
	switch body := bytes.TrimSpace(body); {
	case bytes.HasPrefix(body, []byte("<")):
		kind = "an HTML page"
	case json.Valid(body):
		kind = "JSON of another form"
	}
	return fmt.Sprintf("%s, %d bytes", kind, len(body))
}
