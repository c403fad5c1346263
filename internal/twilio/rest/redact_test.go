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
