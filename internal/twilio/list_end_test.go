package twilio

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// pageOf is a page with this SID and the address of the next.
func pageOf(sid, next string) []byte {
	return fmt.Appendf(nil, `{"ip_commands":[{"sid":%q}],"meta":{"next_page_url":%s}}`, sid, next)
}

// TestList_nextPageElsewhere has pages whose next page is said to be at another host:
// only the query of that is followed, at our own.
func TestList_nextPageElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *worldConfig) { c.prefix = "/proxy" })
	elsewhere, check := foreign(t)
	w.onGet(twiliosim.Fault{Status: 200, Body: pageOf(hg(1), `"`+elsewhere+`/steal?PageToken=2&Sim=a%20b"`), Times: 1})
	w.onGet(twiliosim.Fault{Status: 200, Body: pageOf(hg(2), "null"), Times: 1})
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{SIM: "a b"}, rest.ListOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	wantSIDs(t, got, []string{hg(1), hg(2)})
	check()
	w.wantRequests(0, 2)
	for i, want := range []string{"PageSize=1000&Sim=a+b", "PageToken=2&Sim=a+b"} {
		if r := w.sim.Requests()[i]; r.Path != "/proxy/v1/IpCommands" || r.Query.Encode() != want {
			t.Errorf("request %d is %s?%v, want %s", i, r.Path, r.Query, want)
		}
	}
}

// TestList_unreadable has responses of status 200 that are no page. Each is asked for
// again, and at last is an error, never an end of the list. What else is no page is in
// TestPage_unreadable of package rest.
func TestList_unreadable(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]twiliosim.Fault{
		"not a page":                 {Status: 200, Body: []byte(`{"sims":[],"meta":{"next_page_url":null}}`)},
		"the next page":              {Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":"https://x/y"}}`)},
		"it broke off in the middle": {TruncateBody: 30},
	} {
		w := newWorld(t)
		seeded := w.twin(epoch)
		w.onGet(fault)
		items, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
		wantText(t, err, "GET ", "/v1/IpCommands", "HTTP 200", want)
		w.wantRequests(0, 1+DefaultMaxRetries)
		if len(items) > 0 {
			t.Errorf("%d items", len(items))
		}
		w.sim.ClearFaults()
		fault.Times = 1
		w.onGet(fault)
		got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
		if err != nil {
			t.Fatal(err)
		}
		wantSIDs(t, got, []string{seeded.SID})
	}
}

// TestList_rowWithoutSID has rows whose sid is not one of their kind: they are no
// rows, and the page is none.
func TestList_rowWithoutSID(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	row := `[{"sid":"DE00000000000000000000000000000001"}]`
	w.onGet(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":` + row + `,"commands":` + row + `,"sims":` + row + `,"meta":{"next_page_url":null}}`)})
	for _, filter := range []any{IPCommandFilter{}, CommandFilter{}, SIMFilter{}} {
		_, err := w.rows(filter)
		wantText(t, err, "GET ", "HTTP 200", "one of the rows has no sid")
	}
}

// TestList_movedRows has messages come in while pages are read, so that rows move to
// the next page, in the end more than a page of them: each is given once.
func TestList_movedRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pages := [][]int{{5, 4}, {4, 3}, {4, 3}, {5, 4}, {2, 1}}
	for i, page := range pages {
		next := fmt.Sprintf(`"https://x/?PageToken=%d"`, i)
		if i == len(pages)-1 {
			next = "null"
		}
		w.onGet(twiliosim.Fault{Status: 200, Times: 1, Body: fmt.Appendf(nil, `{"ip_commands":[{"sid":%q},{"sid":%q}],"meta":{"next_page_url":%s}}`, hg(page[0]), hg(page[1]), next)})
	}
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 2}))
	if err != nil {
		t.Fatal(err)
	}
	wantSIDs(t, got, []string{hg(5), hg(4), hg(3), hg(2), hg(1)})
	w.wantRequests(0, len(pages))
}

// TestList_silentPage has pages whose meta does not say whether another follows.
// A full one ends the list with an error where more is wanted; null and an empty
// text say that none follows, and so does a page that is not full.
func TestList_silentPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rows, limit int
		meta        string
		isError     bool
	}{
		{2, 0, `{"key":"ip_commands"}`, true},
		{2, 0, `{}`, true},
		{2, 3, `{}`, true},
		{2, 2, `{}`, false},
		{1, 0, `{}`, false},
		{0, 0, `{}`, false},
		{2, 0, `{"next_page_url":null}`, false},
		{2, 0, `{"next_page_url":""}`, false},
	} {
		w := newWorld(t)
		rows := []string{`{"sid":"` + hg(1) + `"}`, `{"sid":"` + hg(2) + `"}`}[:test.rows]
		w.onGet(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[` + strings.Join(rows, ",") + `],"meta":` + test.meta + `}`)})
		got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 2, Limit: test.limit}))
		if test.isError {
			wantText(t, err, "may be cut short", "next_page_url")
		} else if err != nil {
			t.Errorf("%+v: %v", test, err)
		}
		if len(got) != test.rows {
			t.Errorf("%+v: %d rows", test, len(got))
		}
		w.wantRequests(0, 1)
	}
}

// endless is an API whose list never ends. Each page has the address of another,
// with this token, and these rows. What asks for more than limit pages fails the
// test, and gets the last one, so that the test ends.
type endless struct {
	t     *testing.T
	limit int
	rows  func(page int) string
	token func(page int) int
	page  int
}

// The bounds of rest.List: pages in a row that have nothing new, and what it
// remembers at least.
const barrenPages, recent = 20, 1000

// RoundTrip implements http.RoundTripper.
func (e *endless) RoundTrip(r *http.Request) (*http.Response, error) {
	next := fmt.Sprintf(`"https://x/?PageToken=%d"`, e.token(e.page))
	if e.page++; e.page > e.limit {
		e.t.Errorf("page %d was asked for, want at most %d", e.page, e.limit)
		next = "null"
	}
	body := fmt.Sprintf(`{"ip_commands":[%s],"meta":{"next_page_url":%s}}`, e.rows(e.page-1), next)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {epoch.Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestList_endless has lists that never end, each in its own way: each ends with
// an error, by a bound of its own.
func TestList_endless(t *testing.T) {
	t.Parallel()
	row := func(n int) string { return fmt.Sprintf(`{"sid":%q}`, hg(n)) }
	itself := func(page int) int { return page }
	for _, test := range []struct {
		name     string
		rows     func(page int) string
		token    func(page int) int
		maxPages int
		// given and pages are how many rows and pages the list has before its error.
		given, pages int
		text         string
	}{
		{"empty pages", func(int) string { return "" }, itself, 0, 0, barrenPages, "20 pages in a row have nothing new"},
		{"one page, under other addresses", func(int) string { return row(1) }, itself, 0, 1, barrenPages + 1, "20 pages in a row have nothing new"},
		{"two pages in turn, under other addresses", func(page int) string { return row(page % 2) }, itself, 0, 2, barrenPages + 2, "20 pages in a row have nothing new"},
		{"the same address", row, func(int) int { return 1 }, 0, 2, 2, "its next page is one that was read before"},
		{"two addresses in turn", row, func(page int) int { return page % 2 }, 0, 3, 3, "its next page is one that was read before"},
		{"something new on each page", row, itself, 0, 10_000, 10_000, "more than 10000 pages"},
		{"something new on each page, of few", row, itself, 7, 7, 7, "than are read (7 pages of 1)"},
		{"a circle longer than what is remembered", func(page int) string { return row(page % (2*recent + 1)) }, itself, 3 * recent, 3 * recent, 3 * recent, "than are read (3000 pages of 1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := &endless{t: t, limit: test.pages, rows: test.rows, token: test.token}
			given := 0
			var err error
			for _, err = range clientIn(t, api).IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 1, MaxPages: test.maxPages}) {
				if err == nil {
					given++
				}
			}
			wantText(t, err, test.text)
			if given != test.given || api.page != test.pages {
				t.Errorf("%d rows of %d pages, want %d of %d", given, api.page, test.given, test.pages)
			}
		})
	}
}

// TestList_laterPageFails keeps what was read and then says that
// the rest is missing.
func TestList_laterPageFails(t *testing.T) {
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

// TestList_tooLarge has a response beyond the bound, which is an
// error, and not the part of it that fits.
func TestList_tooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	body := append(pageOf(hg(1), "null"), bytes.Repeat([]byte(" "), 16<<20)...)
	w.onGet(twiliosim.Fault{Status: 200, Body: body})
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
	wantText(t, err, "larger than 16 MiB")
	if len(got) != 0 {
		t.Errorf("%d items", len(got))
	}
}
