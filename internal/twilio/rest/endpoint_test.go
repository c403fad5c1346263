package rest

import (
	"strings"
	"testing"
)

func TestParseBaseURL(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ in, want, err string }{
		{in: "https://supersim.twilio.com", want: "https://supersim.twilio.com"},
		{in: "https://supersim.twilio.com/", want: "https://supersim.twilio.com"},
		{in: "https://proxy.example.com/twilio//", want: "https://proxy.example.com/twilio"},
		{in: "https://proxy.example.com:8443/a%20b", want: "https://proxy.example.com:8443/a%20b"},
		{in: "HTTPS://proxy.example.com", want: "https://proxy.example.com"},
		{in: "http://127.0.0.1:8080", want: "http://127.0.0.1:8080"},
		{in: "http://127.3.2.1", want: "http://127.3.2.1"},
		{in: "http://[::1]:8080", want: "http://[::1]:8080"},
		{in: "http://LocalHost:8080/x", want: "http://localhost:8080/x"},
		{in: "http://supersim.twilio.com", err: "in the clear"},
		{in: "http://localhost.example.com", err: "in the clear"},
		{in: "http://127.0.0.1.example.com", err: "in the clear"},
		{in: "ftp://example.com", err: "scheme"},
		{in: "supersim.twilio.com", err: "not an absolute URL"},
		{in: "/v1", err: "not an absolute URL"},
		{in: "https:///v1", err: "not an absolute URL"},
		{in: "https://:443", err: "not an absolute URL"},
		{in: "https://user:OPEN-VALVE@example.com", err: "must not contain credentials"},
		{in: "https://user:OPEN-VALVE@exa mple.com", err: "not a URL"},
		{in: "https://example.com?x=1", err: "no query"},
		{in: "https://example.com?", err: "no query"},
		{in: "https://example.com#x", err: "no fragment"},
		{in: "", err: "not an absolute URL"},
		{in: "https://example.com\n", err: "not a URL"},
	} {
		got, err := ParseBaseURL(test.in)
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "OPEN-VALVE") {
				t.Errorf("%q: %v, want %q", test.in, err, test.err)
			}
		case err != nil || got.String() != test.want:
			t.Errorf("%q: %v, %v", test.in, got, err)
		}
	}
}
