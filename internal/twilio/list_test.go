package twilio

import (
	"fmt"
	"net/url"
	"reflect"
	"runtime"
	"strconv"
	"testing"
	"time"
	"weak"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestList_requests has how many requests and which page size each
// way of asking takes.
func TestList_requests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seeded, limit, pageSize int
		breakAfter              int
		items, requests, size   int
	}{
		{seeded: 0, items: 0, requests: 1, size: 1000},
		{seeded: 25, items: 25, requests: 1, size: 1000},
		{seeded: 25, limit: 10, items: 10, requests: 1, size: 10},
		{seeded: 25, pageSize: 10, items: 25, requests: 3, size: 10},
		{seeded: 20, pageSize: 10, items: 20, requests: 2, size: 10},
		{seeded: 25, pageSize: 10, limit: 11, items: 11, requests: 2, size: 10},
		{seeded: 25, pageSize: 10, limit: 5, items: 5, requests: 1, size: 5},
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

// TestList_KORE asks for no more than KORE takes.
func TestList_KORE(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	for range 250 {
		w.sim.AddIPCommand(twiliosim.IPCommand{})
	}
	all, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))
	if err != nil || len(all) != 250 || w.gets() != 3 {
		t.Fatalf("%d commands with %d requests, %v", len(all), w.gets(), err)
	}
}

func TestList_Commands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 3 {
		w.sim.AddCommand(twiliosim.Command{SimUniqueName: "tracker", Transport: "ip", DateCreated: epoch.Add(time.Duration(i) * time.Hour)})
		w.sim.AddCommand(twiliosim.Command{SimUniqueName: "other"})
	}
	filter := CommandFilter{SIM: "tracker", Status: StatusSent, Direction: DirectionToSIM, Transport: TransportIP}
	got, err := collect(w.client.Commands.List(t.Context(), filter, rest.ListOptions{PageSize: 2}))
	if err != nil || len(got) != 3 {
		t.Fatalf("%d commands, %v", len(got), err)
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

func TestList_SIMs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []SIM
	for i := range 3 {
		sim := w.sim.AddSIM(twiliosim.SIM{UniqueName: fmt.Sprint("meter-", i), Fleet: "meters", Status: "ready"})
		want = append([]SIM{{
			SID: sim.SID, UniqueName: ptr(sim.UniqueName), AccountSID: ptr(twiliosim.DefaultAccountSID), ICCID: ptr(sim.ICCID),
			Status: ptr("ready"), FleetSID: ptr(sim.FleetSID),
			DateCreated: ptr[Timestamp]("2026-03-01T12:00:00Z"), DateUpdated: ptr[Timestamp]("2026-03-01T12:00:00Z"),
			URL: ptr("https://supersim.twilio.com/v1/Sims/" + sim.SID),
		}}, want...)
		w.sim.AddSIM(twiliosim.SIM{Fleet: "valves", Status: "ready"})
	}
	got, err := collect(w.client.SIMs.List(t.Context(), SIMFilter{Fleet: "meters", Status: "ready"}, rest.ListOptions{PageSize: 2}))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s, %v\nwant %s", asJSON(t, got), err, asJSON(t, want))
	}
	w.wantRequests(0, 2)
	r := w.sim.Requests()[0]
	if q := (url.Values{"Fleet": {"meters"}, "Status": {"ready"}, "PageSize": {"2"}}); r.Path != "/v1/Sims" || !reflect.DeepEqual(r.Query, q) {
		t.Errorf("%s?%v, want %v", r.Path, r.Query, q)
	}
}

// TestList_memoryByPage wants of a list that memory follows the page: what came before
// the present one is garbage, however long the list.
func TestList_memoryByPage(t *testing.T) {
	t.Parallel()
	const pages = 50
	api := &endless{
		t: t, limit: pages, token: func(page int) int { return page },
		rows: func(page int) string { return fmt.Sprintf(`{"sid":%q,"payload":"message %d"}`, hg(page), page) },
	}
	var payloads []weak.Pointer[string] // of each page
	for c, err := range clientIn(t, api).IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 1, Limit: pages}) {
		if err != nil {
			t.Fatal(err)
		}
		runtime.GC()
		for page, p := range payloads {
			if p.Value() != nil {
				t.Errorf("page %d is still held on page %d", page, len(payloads))
			}
		}
		payloads = append(payloads, weak.Make(c.Payload))
	}
	if len(payloads) != pages {
		t.Errorf("%d pages", len(payloads))
	}
}
