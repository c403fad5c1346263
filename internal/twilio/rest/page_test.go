package rest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// item is an object of an API.
type item struct {
	SID     string `json:"sid"`
	Status  string `json:"status"`
	Port    int    `json:"port"`
	Payload string `json:"payload"`
	Date    string `json:"date_created"`
}

// ID implements Object.
func (i item) ID() string { return i.SID }

// Excluded implements Object.
func (i item) Excluded(url.Values) string { return "" }

// pageOfItems is a page before it is decoded.
func pageOfItems(most int) *page[item] {
	return &page[item]{key: "items", most: most}
}

// TestPage_bound has more rows than were asked for: none beyond those is held
// in memory.
func TestPage_bound(t *testing.T) {
	t.Parallel()
	body := []byte(`{"items":[` + strings.Repeat(`{"sid":"HG00000000000000000000000000000001"},`, 1_000_000) + `{"sid":"HG00000000000000000000000000000001"}],"meta":{"next_page_url":null}}`)
	p := pageOfItems(50)
	err := p.decode(body)
	if err == nil || !strings.Contains(err.Error(), "more than the 50 rows that were asked for") || cap(p.items) > 50 {
		t.Errorf("%d rows, %v", cap(p.items), err)
	}
}

// TestPage_oddRow has a row with fields of other types than described, each as
// large as a page may be: they are not taken apart.
//
//nolint:paralleltest // It counts allocations.
func TestPage_oddRow(t *testing.T) {
	large := strings.Repeat(`{},`, maxPageBytes/9) + `{}`
	body := []byte(`{"items":[{"sid":"` + "HG00000000000000000000000000000001" + `","port":[` + large + `],"more":[` + large + `],"status":"sent"}],"meta":{"next_page_url":null}}`)
	var p *page[item]
	allocated := testing.AllocsPerRun(1, func() {
		p = pageOfItems(1)
		if err := p.decode(body); err != nil {
			t.Fatal(err)
		}
	})
	if want := []item{{SID: "HG00000000000000000000000000000001", Status: "sent"}}; allocated > 1000 || !reflect.DeepEqual(p.items, want) {
		t.Errorf("%v allocations for %v", allocated, fmt.Sprint(p.items))
	}
}

// TestPage_oddNext has an address of the next page that is no text, and as
// large as a page may be: it is not taken apart.
//
//nolint:paralleltest // It counts allocations.
func TestPage_oddNext(t *testing.T) {
	body := []byte(`{"items":[],"meta":{"next_page_url":[` + strings.Repeat(`{},`, maxPageBytes/3-100) + `{}]}}`)
	p := pageOfItems(1)
	allocated := testing.AllocsPerRun(1, func() {
		if err := p.decode(body); err != nil {
			t.Fatal(err)
		}
		if _, err := nextQuery(p.meta.NextPageURL); err == nil || err.Error() != "the address of the next page is no text" {
			t.Errorf("%.200v", err)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations", allocated)
	}
}

// TestPage_oddFields has rows with fields of other types than described: each
// is null, as in a single command, and all others are read.
func TestPage_oddFields(t *testing.T) {
	t.Parallel()
	p := pageOfItems(3)
	const odd = `{"sid":"HG00000000000000000000000000000002","port":"5683","payload":{},"status":"sent","date_created":1}`
	if err := p.decode([]byte(`{"meta":{"next_page_url":null},"items":[{"sid":"HG00000000000000000000000000000001","port":7},` + odd + `,{"sid":"HG00000000000000000000000000000003","port":9}]}`)); err != nil {
		t.Fatal(err)
	}
	single, err := DecodeObject[item]([]byte(odd))
	want := []item{{SID: "HG00000000000000000000000000000001", Port: 7}, {SID: "HG00000000000000000000000000000002", Status: "sent"}, {SID: "HG00000000000000000000000000000003", Port: 9}}
	if err != nil || !reflect.DeepEqual(p.items, want) || !reflect.DeepEqual(single, want[1]) {
		t.Errorf("%s, and by itself %s, %v; want %s", fmt.Sprint(p.items), fmt.Sprint(single), err, fmt.Sprint(want))
	}
}

// TestPage_unreadable has bodies that are no page.
func TestPage_unreadable(t *testing.T) {
	t.Parallel()
	const row = `{"sid":"HG00000000000000000000000000000001"}`
	for body, want := range map[string]string{
		`{"meta":{}}`: "not a page", `{"items":null,"meta":{}}`: "not a page", `{"items":{},"meta":{}}`: "not a page", `[]`: "not a page",
		`{"items":[]}`: "not a page", `{"items":[],"meta":null}`: "not a page", `{"items":[],"meta":7}`: "not a page",
		`{"items":[null],"meta":{}}`: "no sid", `{"items":[` + row + `,{}],"meta":{}}`: "no sid", `{"items":["HG1"],"meta":{}}`: "no sid",
		"<!doctype html><title>Maintenance</title>": "not the JSON that the API describes, but an HTML page, 41 bytes",
		`{"items":[],"meta":{}}{}`:                  "not the JSON", `{"items":[` + row: "not the JSON", `{"items":[{"sid":"HG1","port":"x","payload":"OPEN`: "not the JSON",
	} {
		if err := pageOfItems(3).decode([]byte(body)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "OPEN") {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
}

// TestDecodeObject has bodies that are no object.
func TestDecodeObject(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"hello": "text, 5 bytes", `{"sid":"HG1"}{"sid":"HG2"}`: "text, 26 bytes", `[{"sid":"HG1"}]`: "JSON of another form, 15 bytes",
		`null`: "no sid", `{"payload":"OPEN"}`: "no sid", `{"sid":7,"payload":"OPEN"}`: "no sid", ` {"sid":"HG1","payload":"OPEN`: "text, 29 bytes",
		"\ufeff{\"sid\":\"HG1\"}": "text, 16 bytes", "<html>OPEN</html>": "an HTML page, 17 bytes",
	} {
		if got, err := DecodeObject[item]([]byte(body)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "OPEN") || got != (item{}) {
			t.Errorf("%s: %+v, %v, want %q", body, got, err, want)
		}
	}
}

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
		address, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		query, err := nextQuery(address)
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
