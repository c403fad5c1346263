package twilio

import (
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
	"weak"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// collect reads a list to its end.
func collect[T any](seq iter.Seq2[T, error]) (items []T, err error) {
	for item, err := range seq {
		if err != nil {
			return items, err
		}
		items = append(items, item)
	}
	return items, nil
}

// queries returns the queries of the requests so far.
func (w *world) queries() []url.Values {
	var all []url.Values
	for _, r := range w.sim.Requests() {
		all = append(all, r.Query)
	}
	return all
}

// seed makes the API know n commands to the world's SIM, and returns their
// SIDs in the API's order, newest first.
func (w *world) seed(n int) []string {
	sids := make([]string, n)
	for i := range n {
		sids[n-1-i] = w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, DateCreated: epoch.Add(time.Duration(i) * time.Second / 7)}).SID
	}
	return sids
}

func wantSIDs(t *testing.T, got []IPCommand, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d commands, want %d", len(got), len(want))
	}
	for i, c := range got {
		if c.SID != want[i] {
			t.Fatalf("command %d is %s, want %s", i, c.SID, want[i])
		}
	}
}

func TestListIPCommands_allPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := w.seed(2345)
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	wantSIDs(t, got, want)
	w.wantRequests(0, 3)
	for i, q := range w.queries() {
		if q.Get("PageSize") != "1000" || (i > 0) != q.Has("PageToken") {
			t.Errorf("request %d: %v", i, q)
		}
	}
	if n := w.dials.n(); n != 1 {
		t.Errorf("%d connections for one list", n)
	}
}

// TestListIPCommands_requests has how many requests and which page size each
// way of asking takes.
func TestListIPCommands_requests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seeded, limit, pageSize int
		breakAfter              int
		items, requests, size   int
	}{
		{seeded: 0, items: 0, requests: 1, size: 1000},
		{seeded: 25, items: 25, requests: 1, size: 1000},
		{seeded: 25, limit: 10, items: 10, requests: 1, size: 10},
		{seeded: 25, limit: 25, items: 25, requests: 1, size: 25},
		{seeded: 25, limit: 26, items: 25, requests: 1, size: 26},
		{seeded: 25, pageSize: 10, items: 25, requests: 3, size: 10},
		{seeded: 20, pageSize: 10, items: 20, requests: 2, size: 10},
		{seeded: 25, pageSize: 10, limit: 20, items: 20, requests: 2, size: 10},
		{seeded: 25, pageSize: 10, limit: 11, items: 11, requests: 2, size: 10},
		{seeded: 25, pageSize: 10, limit: 5, items: 5, requests: 1, size: 5},
		{seeded: 25, pageSize: 1, limit: 3, items: 3, requests: 3, size: 1},
		{seeded: 25, pageSize: 10, breakAfter: 1, items: 1, requests: 1, size: 10},
		{seeded: 25, pageSize: 10, breakAfter: 10, items: 10, requests: 1, size: 10},
		{seeded: 25, pageSize: 10, breakAfter: 11, items: 11, requests: 2, size: 10},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			want := w.seed(test.seeded)[:test.items]
			var got []IPCommand
			list := w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: test.pageSize, Limit: test.limit})
			for c, err := range list {
				if err != nil {
					t.Fatal(err)
				}
				if got = append(got, c); len(got) == test.breakAfter {
					break
				}
			}
			wantSIDs(t, got, want)
			w.wantRequests(0, test.requests)
			for _, q := range w.queries() {
				if q.Get("PageSize") != strconv.Itoa(test.size) {
					t.Errorf("query %v, want PageSize %d", q, test.size)
				}
			}
			// The same iterator starts anew.
			if test.breakAfter == 0 {
				again, err := collect(list)
				if err != nil {
					t.Fatal(err)
				}
				wantSIDs(t, again, want)
			}
		})
	}
}

func TestListIPCommands_filters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *worldConfig) { c.prefix = "/below/this" })
	body := []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)
	w.onGet(twiliosim.Fault{Status: 200, Body: body})
	for _, test := range []struct {
		filter IPCommandFilter
		want   url.Values
	}{
		{IPCommandFilter{}, url.Values{}},
		{IPCommandFilter{SIM: "valve &=1"}, url.Values{"Sim": {"valve &=1"}}},
		{IPCommandFilter{SIMICCID: "8988307"}, url.Values{"SimIccid": {"8988307"}}},
		{
			IPCommandFilter{"HS1", "8988307", StatusFailed, DirectionFromSIM},
			url.Values{"Sim": {"HS1"}, "SimIccid": {"8988307"}, "Status": {"failed"}, "Direction": {"from_sim"}},
		},
	} {
		if _, err := collect(w.client.IPCommands.List(t.Context(), test.filter, rest.ListOptions{PageSize: 7})); err != nil {
			t.Fatal(err)
		}
		test.want.Set("PageSize", "7")
		requests := w.sim.Requests()
		r := requests[len(requests)-1]
		if r.Path != "/below/this/v1/IpCommands" || !reflect.DeepEqual(r.Query, test.want) {
			t.Errorf("%s?%v, want %v", r.Path, r.Query, test.want)
		}
		checkHeaders(t, r, rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken})
	}
}

func TestListCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []string
	for i := range 3 {
		c := w.sim.AddCommand(twiliosim.Command{SimUniqueName: "tracker", Transport: "ip", DeliveryReceiptRequested: i == 1, DateCreated: epoch.Add(time.Duration(i) * time.Hour)})
		want = append([]string{c.SID}, want...)
		w.sim.AddCommand(twiliosim.Command{SimUniqueName: "other"})
	}
	filter := CommandFilter{SIM: "tracker", Status: StatusSent, Direction: DirectionToSIM, Transport: TransportIP}
	got, err := collect(w.client.Commands.List(t.Context(), filter, rest.ListOptions{PageSize: 2}))
	if err != nil || len(got) != 3 {
		t.Fatalf("%d commands, %v", len(got), err)
	}
	for i, c := range got {
		if c.SID != want[i] {
			t.Errorf("command %d is %s, want %s", i, c.SID, want[i])
		}
	}
	newest := got[0]
	if want := (Command{
		SID: newest.SID, AccountSID: ptr(twiliosim.DefaultAccountSID), SIMSID: newest.SIMSID, Command: ptr("seeded"), CommandMode: ptr(PayloadText),
		Transport: ptr(TransportIP), DeliveryReceiptRequested: ptr(false), Status: ptr(StatusSent), Direction: ptr(DirectionToSIM),
		DateCreated: ptr[Timestamp]("2026-03-01T14:00:00Z"), DateUpdated: ptr[Timestamp]("2026-03-01T14:00:00Z"),
		URL: ptr("https://wireless.twilio.com/v1/Commands/" + newest.SID),
	}); !reflect.DeepEqual(newest, want) {
		t.Errorf("%s\nwant %s", asJSON(t, newest), asJSON(t, want))
	}
	w.wantRequests(0, 2)
	r := w.sim.Requests()[0]
	if q := (url.Values{"Sim": {"tracker"}, "Status": {"sent"}, "Direction": {"to_sim"}, "Transport": {"ip"}, "PageSize": {"2"}}); r.Path != "/v1/Commands" || !reflect.DeepEqual(r.Query, q) {
		t.Errorf("%s?%v, want %v", r.Path, r.Query, q)
	}
}

func TestListCommands_passesThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onGet(twiliosim.Fault{Status: http.StatusOK, Body: []byte(
		`{"commands":[{"sid":"DC00000000000000000000000000000001","status":"lost","command_mode":"morse","transport":null},{"sid":"DC00000000000000000000000000000002"}],"meta":{"key":"commands"}}`)})
	got, err := collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{}))
	want := []Command{{SID: "DC00000000000000000000000000000001", Status: ptr("lost"), CommandMode: ptr("morse")}, {SID: "DC00000000000000000000000000000002"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s, %v", asJSON(t, got), err)
	}
}

// TestConnections_kept has a request fail: the connections of others are still
// there for the next.
func TestConnections_kept(t *testing.T) {
	t.Parallel()
	const n = 10
	w := newWorld(t).noRetries()
	together := func() {
		var here sync.WaitGroup
		here.Add(n)
		w.onPost(twiliosim.Fault{Times: n, Delay: func() {
			here.Done()
			here.Wait() // Each has a connection of its own.
		}})
		w.sends(n)
	}
	together()
	w.onGet(twiliosim.Fault{Status: 200, Body: []byte("x"), Times: 1})
	if _, err := w.client.IPCommands.Fetch(t.Context(), "HG1"); err == nil {
		t.Error("no error")
	}
	together()
	if got := w.dials.n(); got != n {
		t.Errorf("%d connections, want %d", got, n)
	}
}

// TestKORE_pages asks for no more than KORE takes.
func TestKORE_pages(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	for range 250 {
		w.sim.AddIPCommand(twiliosim.IPCommand{Null: []string{"status", "direction", "device_port", "payload_type"}})
	}
	all, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
	if err != nil || len(all) != 250 {
		t.Fatalf("%d commands, %v", len(all), err)
	}
	if all[0].Status != nil || all[0].Direction != nil || all[0].DevicePort != nil || all[0].PayloadType != nil {
		t.Errorf("nulls became %+v", all[0])
	}
	if got := w.sim.Count(http.MethodGet, ipCommandsPath); got != 3 {
		t.Errorf("%d requests for 250 commands, want 3", got)
	}
}

// TestListIPCommands_fewestRequests lists what a fleet has in 30 days, as the
// platforms allow: 1,000 commands in a page, and 100 on KORE's.
func TestListIPCommands_fewestRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ commands, pageSize, requests int }{
		{100_000, 0, 100},
		{100_000, 100, 1000},
	} {
		t.Run(fmt.Sprintf("%d in pages of %d", test.commands, test.pageSize), func(t *testing.T) {
			t.Parallel()
			api := &longList{commands: test.commands}
			client := fleetClient(t, api)
			n := 0
			for _, err := range client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: test.pageSize}) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != test.commands || api.requests.Load() != int64(test.requests) {
				t.Errorf("%d commands with %d requests, want %d with %d", n, api.requests.Load(), test.commands, test.requests)
			}
		})
	}
}

// TestListIPCommands_memoryByPage wants of a list that memory follows the
// page: what came before the present one is garbage, however long the list.
func TestListIPCommands_memoryByPage(t *testing.T) {
	t.Parallel()
	const pages, size = 50, 20
	client := fleetClient(t, &longList{commands: pages * size})
	var payloads []weak.Pointer[string] // of the first command of each page
	n := 0
	for c, err := range client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: size}) {
		if err != nil {
			t.Fatal(err)
		}
		if n%size == 0 {
			runtime.GC()
			for page, p := range payloads {
				if p.Value() != nil {
					t.Errorf("page %d is still held on page %d", page, n/size)
				}
			}
			payloads = append(payloads, weak.Make(c.Payload))
		}
		n++
	}
	if len(payloads) != pages {
		t.Errorf("%d pages", len(payloads))
	}
}
