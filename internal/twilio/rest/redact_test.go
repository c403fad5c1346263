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
		{`unexpected answer "\x01secret"`, "\x01secret", `unexpected answer "[redacted]"`},
		{"x", "x", "[redacted]"},
		{`{"sent":"{\"key\":\"value\"}"}`, `{"key":"value"}`, `{"sent":"[redacted]"}`},
		{`unexpected answer "{\"key\":\"value\"}"`, `{"key":"value"}`, `unexpected answer "[redacted]"`},
		{"/v1?Payload=two%20words", "two words", "/v1?Payload=[redacted]"},
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
