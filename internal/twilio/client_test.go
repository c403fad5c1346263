package twilio

import (
	"strings"
	"testing"
	"time"
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
		{in: "http://LocalHost:8080/x", want: "http://LocalHost:8080/x"},
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

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		cfg        Config
	}{
		{"no credentials", "no credentials", Config{}},
		{"Super SIM", "the Super SIM endpoint: http would", Config{Credentials: BasicAuth{}, SuperSIMURL: "http://example.com"}},
		{"Wireless", "the Programmable Wireless endpoint: http would", Config{Credentials: BasicAuth{}, WirelessURL: "http://example.com"}},
		{"timeout", "can't be negative", Config{Credentials: BasicAuth{}, RequestTimeout: -time.Second}},
		{"retries", "can't be negative", Config{Credentials: BasicAuth{}, MaxRetries: -1}},
	} {
		if _, err := New(test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestNew_defaults(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Credentials: BasicAuth{}})
	if err != nil {
		t.Fatal(err)
	}
	if c.superSIM.String() != "https://supersim.twilio.com" || c.wireless.String() != "https://wireless.twilio.com" ||
		c.http.HTTPClient.Timeout != 30*time.Second || c.maxRetries != 0 {
		t.Errorf("%s, %s, %s, %d", c.superSIM, c.wireless, c.http.HTTPClient.Timeout, c.maxRetries)
	}
	if r := c.rand(); r < 0 || r >= 1 {
		t.Errorf("a random number of %g", r)
	}
}
