package twilio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// foreign is a server that must see no request.
func foreign(t *testing.T) (url string, check func()) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, func() {
		t.Helper()
		if n := requests.Load(); n != 0 {
			t.Errorf("%d requests went to a host that the API named", n)
		}
	}
}

// pageOf is a page with this SID and the address of the next.
func pageOf(sid, next string) []byte {
	return fmt.Appendf(nil, `{"ip_commands":[{"sid":%q}],"meta":{"next_page_url":%s}}`, sid, next)
}

// TestListIPCommands_nextPageElsewhere has pages whose next page is said to
// be at another host: only the query of that is followed, at our own.
func TestListIPCommands_nextPageElsewhere(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/v1/IpCommands", "/steal"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.prefix = "/proxy" })
			elsewhere, check := foreign(t)
			w.onGet(twiliosim.Fault{Status: 200, Body: pageOf("HG00000000000000000000000000000001", `"`+elsewhere+path+`?PageToken=2&Sim=a%20b"`), Times: 1})
			w.onGet(twiliosim.Fault{Status: 200, Body: pageOf("HG00000000000000000000000000000002", "null"), Times: 1})
			got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{SIM: "a b"}, rest.ListOptions{}))
			if err != nil {
				t.Fatal(err)
			}
			wantSIDs(t, got, []string{"HG00000000000000000000000000000001", "HG00000000000000000000000000000002"})
			check()
			w.wantRequests(0, 2)
			if r := w.sim.Requests()[1]; r.Path != "/proxy/v1/IpCommands" || r.Query.Encode() != "PageToken=2&Sim=a+b" {
				t.Errorf("the second request is %s?%v", r.Path, r.Query)
			}
		})
	}
}

func TestListIPCommands_repeatedPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		nexts []string
		items int
	}{
		{"itself", []string{`"https://x/?PageToken=1"`, `"https://x/?PageToken=1"`}, 2},
		{"the first", []string{`"https://x/?PageSize=1000"`}, 1},
		{"a circle", []string{`"https://x/?PageToken=1"`, `"https://x/?PageToken=2"`, `"https://x/?PageToken=1"`}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for i, next := range test.nexts {
				w.onGet(twiliosim.Fault{Status: 200, Body: pageOf(hg(i), next), Times: 1})
			}
			got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
			wantText(t, err, "GET ", "/v1/IpCommands", "the list does not end")
			if len(got) != test.items {
				t.Errorf("%d items before the error, want %d", len(got), test.items)
			}
			w.wantRequests(0, len(test.nexts))
		})
	}
}

// TestList_unreadable has answers of status 200 that are no page. Each is
// asked for again, and at last is an error, never an end of the list.
func TestList_unreadable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		want  string
	}{
		{"no list", twiliosim.Fault{Body: []byte(`{"meta":{"next_page_url":null}}`)}, "not a page"},
		{"null list", twiliosim.Fault{Body: []byte(`{"ip_commands":null,"commands":null,"meta":{"next_page_url":null}}`)}, "not a page"},
		{"no meta", twiliosim.Fault{Body: []byte(`{"ip_commands":[],"commands":[]}`)}, "not a page"},
		{"null meta", twiliosim.Fault{Body: []byte(`{"ip_commands":[],"commands":[],"meta":null}`)}, "not a page"},
		{"null item", twiliosim.Fault{Body: []byte(`{"ip_commands":[null],"commands":[null],"meta":{"next_page_url":null}}`)}, "one of the rows has no sid"},
		{"item without sid", twiliosim.Fault{Body: []byte(`{"ip_commands":[{"sid":"HG00000000000000000000000000000001"},{}],"commands":[{"sid":"DC00000000000000000000000000000001"},{}],"meta":{"next_page_url":null}}`)}, "one of the rows has no sid"},
		{"item that is no object", twiliosim.Fault{Body: []byte(`{"ip_commands":["HG00000000000000000000000000000001"],"commands":[7],"meta":{"next_page_url":null}}`)}, "one of the rows has no sid"},
		{"the API's other list", twiliosim.Fault{Body: []byte(`{"sims":[],"meta":{"next_page_url":null}}`)}, "not a page"},
		{"next page without a query", twiliosim.Fault{Body: []byte(`{"ip_commands":[],"commands":[],"meta":{"next_page_url":"https://x/y"}}`)}, "next page"},
		{"next page that is no URL", twiliosim.Fault{Body: []byte(`{"ip_commands":[],"commands":[],"meta":{"next_page_url":"http://[x?y"}}`)}, "next page"},
		{"html", twiliosim.Fault{Body: []byte("<!doctype html><title>Maintenance</title>")}, "an HTML page, 41 bytes"},
		{"empty", twiliosim.Fault{Body: []byte{}}, "it is empty"},
		{"truncated", twiliosim.Fault{TruncateBody: 30}, "it broke off in the middle"},
		{"not UTF-8", twiliosim.Fault{Body: []byte("{\"ip_commands\":[{\"sid\":\"\xfe\"}]}")}, "not UTF-8"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			seeded := w.twin(epoch)
			f := test.fault
			if f.Body != nil {
				f.Status = 200
			}
			w.onGet(f)
			items, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
			wantText(t, err, "GET ", "/v1/IpCommands", "HTTP 200", test.want)
			w.wantRequests(0, 1+DefaultMaxRetries)
			_, err = collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{}))
			wantText(t, err, "GET ", "/v1/Commands", "HTTP 200", test.want)
			if len(items) > 0 {
				t.Errorf("%d items", len(items))
			}

			w.sim.ClearFaults()
			f.Times = 1
			w.onGet(f)
			got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
			if err != nil {
				t.Fatal(err)
			}
			wantSIDs(t, got, []string{seeded.SID})
		})
	}
}

// TestListIPCommands_laterPageFails keeps what was read and then says that
// the rest is missing.
func TestListIPCommands_laterPageFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.seed(3)
	f := twiliosim.ServerError(http.StatusInternalServerError, 0)
	f.Skip = 1
	w.onGet(f)
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 2}))
	wantText(t, err, "HTTP 500", "20500")
	wantSIDs(t, got, want[:2])
	w.wantRequests(0, 2+DefaultMaxRetries)
}

// TestListIPCommands_tooLarge has an answer beyond the bound, which is an
// error, and not the part of it that fits.
func TestListIPCommands_tooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	body := append(pageOf("HG00000000000000000000000000000001", "null"), bytes.Repeat([]byte(" "), 16<<20)...)
	w.onGet(twiliosim.Fault{Status: 200, Body: body})
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
	wantText(t, err, "larger than 16 MiB")
	if len(got) != 0 {
		t.Errorf("%d items", len(got))
	}
}

func TestListIPCommands_cancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.seed(3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := 0
	var last error
	for _, err := range w.client.IPCommands.List(ctx, IPCommandFilter{}, rest.ListOptions{PageSize: 2}) {
		if last = err; err == nil {
			got++
			cancel()
		}
	}
	if got != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d items, %v", got, last)
	}
	w.wantRequests(0, 1)
}
