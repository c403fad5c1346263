package twiliosim_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestListIPCommandsFilters(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	a := s.AddSIM(twiliosim.SIM{UniqueName: "a b&c"})
	b := s.AddSIM(twiliosim.SIM{UniqueName: "b", Detached: true})
	next := func() { clock.Advance(time.Second) }
	sent := post(t, s, message(a.SID, "1")).SID
	next()
	failed := post(t, s, message(b.SID, "2")).SID
	next()
	received := s.ReceiveFromSIM(a.SID, 7, []byte("3")).SID
	next()
	queued := s.AddIPCommand(twiliosim.IPCommand{SIMSID: b.SID, Status: "queued", DateCreated: epoch.Add(time.Hour)}).SID
	for query, want := range map[string][]string{
		"":                                   {queued, received, failed, sent},
		"Sim=" + a.SID:                       {received, sent},
		"Sim=" + url.QueryEscape("a b&c"):    {received, sent},
		"Sim=b&Status=failed":                {failed},
		"Sim=nobody":                         nil,
		"SimIccid=" + b.ICCID:                {queued, failed},
		"SimIccid=89":                        nil,
		"Status=queued":                      {queued},
		"Status=sent":                        {sent},
		"Status=failed":                      {failed},
		"Status=received":                    {received},
		"Direction=to_sim":                   {queued, failed, sent},
		"Direction=from_sim":                 {received},
		"Direction=from_sim&Status=sent":     nil,
		"Status=&Sim=&PageSize=&Transport=x": {queued, received, failed, sent},
	} {
		if got := getList(t, s, "/v1/IpCommands?"+query).sids(); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
}

func TestListCommandsFilters(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	add := func(c twiliosim.Command) twiliosim.Command {
		clock.Advance(time.Second)
		return s.AddCommand(c)
	}
	sms := add(twiliosim.Command{SimUniqueName: "t1"})
	delivered := add(twiliosim.Command{SimUniqueName: "t1", Status: "delivered", Transport: "ip"}).SID
	received := add(twiliosim.Command{SimUniqueName: "t2", Direction: "from_sim"}).SID
	for query, want := range map[string][]string{
		"":                               {received, delivered, sms.SID},
		"Sim=t1":                         {delivered, sms.SID},
		"Sim=" + sms.SIMSID:              {delivered, sms.SID},
		"Status=delivered":               {delivered},
		"Status=received":                {received},
		"Direction=to_sim&Transport=sms": {sms.SID},
		"Transport=ip":                   {delivered},
	} {
		if got := getList(t, s, "/v1/Commands?"+query).sids(); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
	if got := decode[command](t, call(t, s, http.MethodGet, "/v1/Commands/"+sms.SID, nil), 200); got.SID != sms.SID {
		t.Errorf("fetched %+v", got)
	}
}

func TestListSIMsFilters(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	add := func(sim twiliosim.SIM) twiliosim.SIM {
		clock.Advance(time.Second)
		return s.AddSIM(sim)
	}
	alone := add(twiliosim.SIM{Status: "new"})
	valve := add(twiliosim.SIM{Fleet: "valves"})
	ready := add(twiliosim.SIM{Fleet: "valves", Status: "ready"})
	meter := add(twiliosim.SIM{Fleet: "meters", Status: "broken"})
	wantLists := func(lists map[string][]string) {
		t.Helper()
		for query, want := range lists {
			if got := getList(t, s, "/v1/Sims?"+query).sids(); !slices.Equal(got, want) {
				t.Errorf("%q: got %v, want %v", query, got, want)
			}
		}
	}
	wantLists(map[string][]string{
		"":                                  {meter.SID, ready.SID, valve.SID, alone.SID},
		"Fleet=":                            {meter.SID, ready.SID, valve.SID, alone.SID},
		"Fleet=valves":                      {ready.SID, valve.SID},
		"Fleet=" + valve.FleetSID:           {ready.SID, valve.SID},
		"Status=active":                     {valve.SID},
		"Status=new":                        {alone.SID},
		"Iccid=" + meter.ICCID:              {meter.SID},
		"Fleet=meters&Iccid=" + alone.ICCID: nil,
	})
	if valve.FleetSID == meter.FleetSID || alone.FleetSID != "" {
		t.Errorf("the fleets are %q, %q and %q", valve.FleetSID, meter.FleetSID, alone.FleetSID)
	}
	// A SIM moves to another fleet, and keeps its place in the list.
	s.AddSIM(twiliosim.SIM{SID: valve.SID, Fleet: "meters"})
	wantLists(map[string][]string{"Fleet=meters": {meter.SID, valve.SID}, "Fleet=" + valve.FleetSID: {ready.SID}})
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	for query, code := range map[string]int{
		"/v1/IpCommands?Status=delivered":  33101,
		"/v1/IpCommands?Status=QUEUED":     33101,
		"/v1/IpCommands?Direction=up":      33101,
		"/v1/Commands?Status=new":          33101,
		"/v1/Commands?Direction=x":         33101,
		"/v1/Commands?Transport=udp":       33101,
		"/v1/Sims?Status=sent":             33101,
		"/v1/Sims?PageSize=1001":           20007,
		"/v1/IpCommands?PageSize=0":        33103,
		"/v1/IpCommands?PageSize=-1":       33103,
		"/v1/IpCommands?PageSize=ten":      33103,
		"/v1/IpCommands?PageSize=1001":     20007,
		"/v1/Commands?PageSize=1001":       20007,
		"/v1/IpCommands?Page=-1":           33103,
		"/v1/IpCommands?Page=x":            33103,
		"/v1/IpCommands?PageToken=PAx":     21481,
		"/v1/IpCommands?PageToken=" + long: 21481,
	} {
		got := decode[apiError](t, call(t, s, http.MethodGet, query, nil), http.StatusBadRequest)
		if got.Code != code || got.Status != 400 || got.MoreInfo != fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code) {
			t.Errorf("%s: %+v", query, got)
		}
	}
}

// long has the length of a page token, and no more of one.
const long = "PAzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"

// walk follows next_page_url from target and returns the pages.
func walk(t testing.TB, s *twiliosim.Simulator, target string, between func(page int)) []list {
	t.Helper()
	var pages []list
	for {
		page := getList(t, s, target)
		pages = append(pages, page)
		if page.Meta.NextPageURL == nil {
			return pages
		}
		target = *page.Meta.NextPageURL
		if between != nil {
			between(len(pages))
		}
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ commands, size, pages int }{
		{0, 50, 1}, {1, 1, 1}, {49, 50, 1}, {50, 50, 1}, {51, 50, 2}, {100, 50, 2}, {7, 3, 3}, {2345, 1000, 3},
	} {
		t.Run(fmt.Sprint(tc), func(t *testing.T) {
			t.Parallel()
			s, clock := newSim(twiliosim.Config{})
			var want []string
			for i := range tc.commands {
				if i%3 == 0 { // three in the same second
					clock.Advance(time.Second)
				}
				want = append(want, s.AddIPCommand(twiliosim.IPCommand{}).SID)
			}
			slices.Reverse(want)
			target := "/v1/IpCommands"
			if tc.size != 50 {
				target += fmt.Sprintf("?PageSize=%d", tc.size)
			}
			pages := walk(t, s, target, nil)
			var got []string
			for i, p := range pages {
				got = append(got, p.sids()...)
				if p.IPCommands == nil {
					t.Error("the array is null")
				}
				if p.Meta.Page != i || p.Meta.PageSize != tc.size || p.Meta.Key != "ip_commands" {
					t.Errorf("page %d: %+v", i, p.Meta)
				}
			}
			if !slices.Equal(got, want) || len(pages) != tc.pages {
				t.Errorf("%d commands on %d pages", len(got), len(pages))
			}
		})
	}
}

func TestPageURLs(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	s.AddSIM(twiliosim.SIM{UniqueName: "a b"})
	for range 3 {
		s.AddIPCommand(twiliosim.IPCommand{})
	}
	first := getList(t, s, "/v1/IpCommands?Sim=a+b&Status=sent&PageSize=2").Meta
	const base = "https://supersim.twilio.com/v1/IpCommands?Status=sent&Sim=a+b&PageSize=2&Page="
	if first.URL != base+"0" || first.FirstPageURL != base+"0" || first.PreviousPageURL != nil {
		t.Errorf("first: %+v", first)
	}
	second := getList(t, s, *first.NextPageURL).Meta
	if second.URL != *first.NextPageURL || second.FirstPageURL != base+"0" || second.NextPageURL != nil || second.PreviousPageURL == nil {
		t.Errorf("second: %+v", second)
	}
	u, err := url.Parse(second.URL)
	if err != nil || u.Query().Get("Page") != "1" || len(u.Query().Get("PageToken")) != 34 {
		t.Errorf("second: %s, %v", second.URL, err)
	}
	if got := getList(t, s, "/v1/Commands").Meta; got.URL != "https://wireless.twilio.com/v1/Commands?PageSize=50&Page=0" || got.Key != "commands" {
		t.Errorf("commands: %+v", got)
	}
}

func TestPreviousPages(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	for range 7 {
		s.AddIPCommand(twiliosim.IPCommand{})
	}
	pages := walk(t, s, "/v1/IpCommands?PageSize=3", nil)
	target := *pages[2].Meta.PreviousPageURL
	for i := 1; i >= 0; i-- {
		back := getList(t, s, target)
		if !slices.Equal(back.sids(), pages[i].sids()) || back.Meta.Page != i {
			t.Errorf("back on page %d: %v", i, back.sids())
		}
		if again := getList(t, s, *back.Meta.NextPageURL); !slices.Equal(again.sids(), pages[i+1].sids()) {
			t.Errorf("forward from page %d: %v", i, again.sids())
		}
		if i > 0 {
			target = *back.Meta.PreviousPageURL
		} else if back.Meta.PreviousPageURL != nil {
			t.Error("there is a page before the first")
		}
	}
}

// What arrives or goes while somebody reads page after page must neither
// repeat nor hide anything else.
func TestPagesAreStable(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	var want []string
	for range 9 {
		want = append(want, s.AddIPCommand(twiliosim.IPCommand{}).SID)
		clock.Advance(time.Second)
	}
	slices.Reverse(want)
	var got []string
	pages := walk(t, s, "/v1/IpCommands?PageSize=3", func(page int) {
		s.AddIPCommand(twiliosim.IPCommand{}) // lands on the first page
		s.Forget(want[page*3-1])              // what the token stands on
	})
	for _, p := range pages {
		got = append(got, p.sids()...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Back to a page that is no more: nothing is before, everything is after.
	for _, c := range s.IPCommands() {
		if c.SID != want[6] && c.SID != want[7] {
			s.Forget(c.SID)
		}
	}
	back := getList(t, s, *pages[2].Meta.PreviousPageURL)
	if len(back.IPCommands) != 0 {
		t.Errorf("back: %v", back.sids())
	}
	if again := getList(t, s, *back.Meta.NextPageURL); !slices.Equal(again.sids(), want[6:8]) {
		t.Errorf("and forth: %v", again.sids())
	}
}

// BenchmarkLongList reads a list of 100,000 commands page by page: the time of
// a page must not depend on how many come before it.
func BenchmarkLongList(b *testing.B) {
	s, _ := newSim(twiliosim.Config{})
	const commands = 100_000
	for range commands {
		s.AddIPCommand(twiliosim.IPCommand{})
	}
	for b.Loop() {
		seen := 0
		for _, p := range walk(b, s, "/v1/IpCommands?PageSize=1000", nil) {
			seen += len(p.IPCommands)
		}
		if seen != commands {
			b.Fatalf("%d commands", seen)
		}
	}
}
