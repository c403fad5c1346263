package twilio

import (
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzNextQuery wants the query of the next page and never more of the
// address, so that whatever it is, requests stay with the host they began at.
func FuzzNextQuery(f *testing.F) {
	for _, next := range []string{
		"", "https://supersim.twilio.com/v1/IpCommands?PageSize=50&Page=1&PageToken=PAHG1", "http://evil.example/?Page=1", "//evil.example/v1?Page=1",
		"https://user:password@evil.example/?Page=1#fragment", "?Page=1", "/v1/IpCommands", "https://supersim.twilio.com/v1/IpCommands?",
		"?a;b", "?%zz", "%zz", ":", "https://[::1", "?a=1?b=2#c", "?\n", "?\x7f",
	} {
		f.Add(next)
	}
	f.Fuzz(func(t *testing.T, next string) {
		if !utf8.ValidString(next) {
			t.Skip("no JSON string")
		}
		query, err := nextQuery([]byte(asJSON(t, next)))
		if err != nil {
			if query != "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("%q, %q", query, err)
			}
			return
		}
		base := url.URL{Scheme: "https", Host: "supersim.twilio.com", Path: "/v1/IpCommands", RawQuery: query}
		got, err := url.Parse(base.String())
		if err != nil || got.Host != base.Host || got.Path != base.Path || got.User != nil || got.Fragment != "" || got.RawQuery != query {
			t.Errorf("%q leads to %v, %v", query, got, err)
		}
		if !strings.Contains(next, query) {
			t.Errorf("%q is not of %q", query, next)
		}
	})
}

// FuzzTimestamp wants each date that is understood to be the same moment in
// RFC 3339, and each other one to be passed through.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{
		"", "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.123456789+01:00", "2026-03-01T12:00:00", "0000-01-01T00:00:00+23:59",
		"Sun, 01 Mar 2026 12:00:00 +0000", "Sun, 01 Mar 2026 12:00:00 GMT", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		at, ok := Timestamp(s).Time()
		text := Timestamp(s).RFC3339()
		if !ok {
			if text != s {
				t.Errorf("%q became %q", s, text)
			}
			return
		}
		// RFC 3339 has years of four digits.
		if year := at.UTC().Year(); year < 0 || year > 9999 {
			return
		}
		again, err := time.Parse(time.RFC3339, text)
		if err != nil || !again.Equal(at) {
			t.Errorf("%q became %q, %v", s, text, err)
		}
	})
}
