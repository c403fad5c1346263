package rest

import "testing"

func TestRedact(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, secret, want string }{
		{"the token s3cr3t/token is wrong", "s3cr3t/token", "the token [redacted] is wrong"},
		{"Payload=s3cr3t%2Ftoken+x", "s3cr3t/token", "Payload=[redacted]+x"},
		{"a payload of two lines", "two\nlines", "a payload of [redacted]"},
		{"the payload on is too short; only one", "on", "the payload [redacted] is too short; only one"},
		{"nothing", "", "nothing"},
		{"xabcdefx, which is long", "abcdef", "x[redacted]x, which is long"},
		{"xabcdex, which is short", "abcde", "xabcdex, which is short"},
		{`unexpected answer "\x01secret"`, "\x01secret", `unexpected answer "\x01[redacted]"`},
		{"x", "x", "[redacted]"},
		// What is escaped in any way hides the whole text.
		{`{"sent":"{\"key\":\"value\"}"}`, `{"key":"value"}`, "[redacted]"},
		{`unexpected answer "{\\\"key\\\":\\\"value\\\"}"`, `{"key":"value"}`, "[redacted]"},
		{"/v1?Payload=two%20words", "two words", "[redacted]"},
		{`{"sent":"https:\/\/hooks.example.com"}`, "https://hooks.example.com", "[redacted]"},
		{`{"sent":"\u00f6ffne"}`, "öffne", "[redacted]"},
		{`{"sent":"\ud83d\udd13 open"}`, "🔓 open", "[redacted]"},
		{"Payload=%c3%b6ffne", "öffne", "[redacted]"},
		{"Payload=%25C3%25B6ffne", "öffne", "[redacted]"},
		{"you sent &quot;open&quot; &amp; more", `"open" & more`, "[redacted]"},
		{`sent "two\nlines"`, "two\nlines", "[redacted]"},
		{`Payload=%6fn`, "on", "[redacted]"},
		{"100%25 wrong", "50%25", "100%25 wrong"},
	} {
		if got := redact(test.text, []string{test.secret}); got != test.want {
			t.Errorf("redact(%q, %q) = %q, want %q", test.text, test.secret, got, test.want)
		}
	}
}

// TestRedact_nested has a secret within another: the longer one is taken out
// first, whole.
func TestRedact_nested(t *testing.T) {
	t.Parallel()
	const callback = "https://hooks.example.com/services/T0/s3cr3t"
	if got := redact("calls "+callback, []string{"services", callback}); got != "calls [redacted]" {
		t.Error(got)
	}
}
