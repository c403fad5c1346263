package twiliosim_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	c := post(t, s, message(s.AddSIM(twiliosim.SIM{}).SID, "open"))
	clock.Advance(time.Second)
	call(t, s, http.MethodGet, "/v1/IpCommands?Sim=a&PageSize=7", nil)
	call(t, s, http.MethodGet, "/v1/Commands", nil)
	got := s.Requests()
	if len(got) != 3 {
		t.Fatalf("%d requests", len(got))
	}
	p, l := got[0], got[1]
	if p.Method != "POST" || p.Path != "/v1/IpCommands" || p.Status != 201 || !p.Accepted || p.SID != c.SID ||
		!p.Time.Equal(epoch) || p.Form.Get("Payload") != "open" || p.Header.Get("Authorization") == "" || len(p.Query) != 0 {
		t.Errorf("the POST: %+v", p)
	}
	if l.Method != "GET" || l.Status != 200 || l.Accepted || l.SID != "" || !l.Time.Equal(epoch.Add(time.Second)) ||
		l.Query.Get("PageSize") != "7" || len(l.Form) != 0 {
		t.Errorf("the list: %+v", l)
	}
	p.Form.Set("Payload", "changed") // a copy
	if s.Requests()[0].Form.Get("Payload") != "open" {
		t.Error("the log can be changed from outside")
	}
	for _, tc := range []struct {
		method, prefix string
		want           int
	}{
		{"", "", 3}, {"GET", "", 2}, {"POST", "/v1/IpCommands", 1}, {"", "/v1/IpCommands", 2},
		{"", "/v1/IpCommands/", 0}, {"DELETE", "", 0},
	} {
		if got := s.Count(tc.method, tc.prefix); got != tc.want {
			t.Errorf("Count(%q, %q) = %d, want %d", tc.method, tc.prefix, got, tc.want)
		}
	}
}

// TestNoHistory wants a simulator for long runs to work, and to keep nothing.
func TestNoHistory(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{NoHistory: true})
	post(t, s, message(s.AddSIM(twiliosim.SIM{}).SID, "open"))
	if got := s.IPCommands(); len(got) != 1 || got[0].Status != "sent" || len(s.Requests())+len(s.Deliveries()) > 0 {
		t.Errorf("%+v; %d requests and %d deliveries are kept", got, len(s.Requests()), len(s.Deliveries()))
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	var got []string
	s, clock := newSim(twiliosim.Config{SendDelay: time.Second, Log: func(line string) { got = append(got, line) }})
	a := s.AddSIM(twiliosim.SIM{UniqueName: "valve-01"})
	b := s.AddSIM(twiliosim.SIM{UniqueName: "two\nlines", Detached: true})
	text := message("valve-01", "say \"hi\"\x1b[2J\n")
	binary := message("valve-01", "AP8=")
	binary.Set("PayloadType", "binary")
	sids := []string{post(t, s, text).SID, post(t, s, binary).SID, post(t, s, message(b.SID, "x")).SID}
	clock.Advance(time.Second)
	s.Settle()
	call(t, s, http.MethodGet, "/v1/IpCommands?PageSize=1&Sim=%0A", nil)
	s.Inject(twiliosim.Fault{TruncateBody: 1})
	func() {
		defer func() { _ = recover() }() // the connection breaks
		call(t, s, http.MethodGet, "/v1/Commands", nil)
	}()
	want := []string{
		"request POST /v1/IpCommands 201 " + sids[0],
		"request POST /v1/IpCommands 201 " + sids[1],
		"request POST /v1/IpCommands 201 " + sids[2],
		"delivered " + sids[0] + " to valve-01 (" + a.SID + `) udp/5683 text 13 bytes: "say \"hi\"\x1b[2J\n"`,
		"delivered " + sids[1] + " to valve-01 (" + a.SID + ") udp/5683 binary 2 bytes: hex 00ff",
		"failed " + sids[2] + ` to "two\nlines" (` + b.SID + ")",
		"request GET /v1/IpCommands?PageSize=1&Sim=%0A 200",
		"request GET /v1/Commands 200 truncated",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Everything at once, for the race detector, and every message once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(epoch)
	var lines []string // Log is called by one goroutine at a time
	s := twiliosim.New(twiliosim.Config{Now: c.Now, SendDelay: time.Second, Log: func(line string) { lines = append(lines, line) }})
	sim := s.AddSIM(twiliosim.SIM{})
	const workers, each = 8, 20
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range each {
				if w := call(t, s, http.MethodPost, "/v1/IpCommands", message(sim.SID, "x")); w.Code != 201 {
					t.Errorf("status %d", w.Code)
				}
				call(t, s, http.MethodGet, "/v1/IpCommands?PageSize=5", nil)
				c.Advance(time.Second)
				s.Inject(twiliosim.Fault{Method: "PUT"})
				s.Requests()
			}
		})
	}
	wg.Wait()
	c.Advance(time.Second)
	if n := len(s.Deliveries()); n != workers*each {
		t.Errorf("%d deliveries", n)
	}
	if want := workers * each * 3; len(lines) != want {
		t.Errorf("%d lines, want %d", len(lines), want)
	}
}
