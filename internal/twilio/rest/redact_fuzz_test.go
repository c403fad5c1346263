package rest

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// echoes are the ways in which whoever responds may write back what it was
// sent.
var echoes = map[string]func(r *rand.Rand, s string) string{
	"plain":      func(_ *rand.Rand, s string) string { return s },
	"upper case": func(_ *rand.Rand, s string) string { return strings.ToUpper(s) },
	"form":       func(_ *rand.Rand, s string) string { return url.QueryEscape(s) },
	"every byte": func(_ *rand.Rand, s string) string {
		return strings.ReplaceAll(fmt.Sprintf(" % X", s), " ", "%")
	},
	"JSON": func(_ *rand.Rand, s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	},
	"JSON, every character": func(_ *rand.Rand, s string) string { return byRune(s, `\u%04x`) },
	"HTML":                  func(_ *rand.Rand, s string) string { return html.EscapeString(s) },
	"HTML, by number":       func(_ *rand.Rand, s string) string { return byRune(s, "&#%d;") },
	"Go, ASCII":             func(_ *rand.Rand, s string) string { return strconv.QuoteToASCII(s) },
	"hexadecimal":           func(_ *rand.Rand, s string) string { return hex.EncodeToString([]byte(s)) },
	"HEXADECIMAL":           func(_ *rand.Rand, s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) },
	"spaced hex":            func(_ *rand.Rand, s string) string { return fmt.Sprintf("% x", s) },
	"Base64": func(r *rand.Rand, s string) string {
		before := "user:abc"[:r.IntN(8)]
		return base64.StdEncoding.EncodeToString([]byte(before + s + "xyz"[:r.IntN(3)]))
	},
	"Base64 of a URL": func(r *rand.Rand, s string) string {
		return base64.RawURLEncoding.EncodeToString([]byte("abc"[:r.IntN(3)] + s))
	},
	"Base64 in a form": func(r *rand.Rand, s string) string {
		return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("abc"[:r.IntN(3)] + s)))
	},
}

func byRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

// readings are all that somebody can make of a text: itself, and what it holds
// once it is decoded.
func readings(text string) []string {
	texts := []string{text}
	for range 3 {
		last := texts[len(texts)-1]
		if s, err := url.QueryUnescape(last); err == nil {
			texts = append(texts, s)
		}
		if s, err := url.PathUnescape(last); err == nil {
			texts = append(texts, s)
		}
		texts = append(texts, html.UnescapeString(last))
		var s string
		if json.Unmarshal([]byte(`"`+strings.Trim(last, `"`)+`"`), &s) == nil {
			texts = append(texts, s)
		}
		if s, err := strconv.Unquote(`"` + strings.Trim(last, `"`) + `"`); err == nil {
			texts = append(texts, s)
		}
	}
	for _, t := range texts {
		for _, digits := range regexp.MustCompile(`(?i)([0-9a-f]{2} ?){8,}`).FindAllString(t, -1) {
			b, _ := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
			texts = append(texts, string(b))
		}
		for _, run := range regexp.MustCompile(`[0-9A-Za-z+/_-]{10,}`).FindAllString(t, -1) {
			run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
			for start := range 4 {
				group := run[start:]
				b, _ := base64.RawStdEncoding.DecodeString(group[:len(group)/4*4])
				texts = append(texts, string(b))
			}
		}
	}
	return texts
}

// wantHidden fails the test if a run of the secret can be read in a text.
func wantHidden(t *testing.T, text, secret, how string) {
	t.Helper()
	known := map[string]bool{}
	s := strings.ToLower(secret)
	for i := 0; i+8 <= len(s); i++ {
		known[s[i:i+8]] = true
	}
	for _, reading := range readings(text) {
		reading = strings.ToLower(reading)
		for i := 0; i+8 <= len(reading); i++ {
			if known[reading[i:i+8]] {
				t.Fatalf("%s: %q shows %q of %q", how, text, reading[i:i+8], secret)
			}
		}
	}
}

// randomSecret is a payload, a token or a part of a URL.
func randomSecret(r *rand.Rand) string {
	alphabet := []rune([]string{
		"abcdefghijklmnopqrstuvwxyz ABCDEFGHIJ", "0123456789abcdef", "öüßабвгдеЖЗИ öffne", `{}":,\/key value%&<>'+`,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", "/services/T0/B1?token=x&y=%41",
	}[r.IntN(6)])
	secret := make([]rune, 8+r.IntN(60))
	for i := range secret {
		secret[i] = alphabet[r.IntN(len(alphabet))]
	}
	return strings.Join(strings.Fields(string(secret)), " ")
}

// TestClean_echo has random secrets come back in every way, cut at random,
// before and after they are written in that way: no run of eight bytes of them
// can be read in what is left.
func TestClean_echo(t *testing.T) {
	t.Parallel()
	for how, echo := range echoes {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, uint64(len(how))))
			for range 50 {
				checkEcho(t, r, how, echo, randomSecret(r))
			}
		})
	}
}

func checkEcho(t *testing.T, r *rand.Rand, how string, echo func(*rand.Rand, string) string, secret string) {
	t.Helper()
	from, to := r.IntN(len(secret)+1), r.IntN(len(secret)+1)
	cut := strings.ToValidUTF8(secret[min(from, to):max(from, to)], "")
	text := echo(r, cut)
	from, to = r.IntN(len(text)+1), r.IntN(len(text)+1)
	for _, text := range []string{text, echo(r, secret), text[:from], text[min(from, to):max(from, to)]} {
		text = "You sent: " + text + " to us."
		wantHidden(t, Clean(text, []string{"another secret", secret}), secret, how)
	}
}

// FuzzClean is TestClean_echo for whatever secret and text there may be.
func FuzzClean(f *testing.F) {
	f.Add("open the main valve", "you sent ", uint64(1))
	f.Add("%41\\u0042", "\\", uint64(2))
	f.Fuzz(func(t *testing.T, secret, around string, seed uint64) {
		if len(secret) > 2000 || strings.ToValidUTF8(secret, "") != secret || strings.Join(strings.Fields(secret), " ") != secret {
			t.Skip()
		}
		r := rand.New(rand.NewPCG(seed, 0))
		for how, echo := range echoes {
			checkEcho(t, r, how, echo, secret)
			_ = Clean(around+echo(r, secret)+around, []string{secret})
		}
	})
}

// TestClean_cheap has the largest secrets and the largest body, with as many
// escapes within escapes as fit into it: redaction does not take quadratic time,
// which would be minutes.
func TestClean_cheap(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("open the valve 7 ", 76)
	for name, text := range map[string]string{
		"words": strings.Repeat("close the valve ", maxErrorBytes/16), "escapes": strings.Repeat("%25", maxErrorBytes/3),
		"nested escapes": "%" + strings.Repeat("25", maxErrorBytes/2),
		"secrets":        strings.Repeat(secret, maxErrorBytes/len(secret)), "backslashes": strings.Repeat(`\`, maxErrorBytes),
		"one letter": strings.Repeat("a", maxErrorBytes),
	} {
		began := time.Now()
		Clean(text, []string{secret, secret + "x", strings.Repeat("a", 1300)})
		if took := time.Since(began); took > time.Minute { // A tenth of a second, without others on the machine.
			t.Errorf("%s took %s", name, took)
		}
	}
}
