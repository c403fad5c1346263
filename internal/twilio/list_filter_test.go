package twilio

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// losing is a proxy that drops this parameter of each query, or none.
func losing(parameter string) func(*worldConfig) {
	return func(c *worldConfig) {
		c.wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				r = r.Clone(r.Context())
				query := r.URL.Query()
				query.Del(parameter)
				r.URL.RawQuery = query.Encode()
				return next.RoundTrip(r)
			})
		}
	}
}

// rows counts the rows of the list that this filter is for.
func (w *world) rows(filter any) (n int, err error) {
	opts := rest.ListOptions{PageSize: 4}
	switch f := filter.(type) {
	case IPCommandFilter:
		rows, err := collect(w.client.IPCommands.List(w.t.Context(), f, opts))
		return len(rows), err
	case CommandFilter:
		rows, err := collect(w.client.Commands.List(w.t.Context(), f, opts))
		return len(rows), err
	}
	rows, err := collect(w.client.SIMs.List(w.t.Context(), filter.(SIMFilter), opts))
	return len(rows), err
}

// TestList_filterNotKept has a proxy drop one filter of a list. The list ends
// with an error before it gives anything, and without a request for another
// page. With its filters kept, the same list has one row.
func TestList_filterNotKept(t *testing.T) {
	t.Parallel()
	const (
		de1, de2 = "DE00000000000000000000000000000001", "DE00000000000000000000000000000002"
		hf1, hf2 = "HF00000000000000000000000000000001", "HF00000000000000000000000000000002"
	)
	seed := func(w *world) {
		for i, sid := range []string{w2, w1} {
			w.sim.AddSIM(twiliosim.SIM{
				SID: sid, UniqueName: fmt.Sprintf("valve-%d", 2-i), ICCID: fmt.Sprintf("898830700000000000%d", 2-i),
				Status: []string{"ready", "new"}[i], Fleet: []string{"meters", "valves"}[i], FleetSID: []string{hf2, hf1}[i],
			})
			w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: sid, Status: []string{StatusSent, StatusFailed}[i], DateCreated: epoch.Add(time.Duration(i) * time.Minute)})
			w.sim.AddCommand(twiliosim.Command{
				SIMSID: []string{de2, de1}[i], SimUniqueName: fmt.Sprintf("tracker-%d", 2-i), Status: []string{StatusDelivered, StatusFailed}[i],
				Transport: []string{TransportIP, TransportSMS}[i], DateCreated: epoch.Add(time.Duration(i) * time.Minute),
			})
		}
		w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w1, Direction: DirectionFromSIM, Status: StatusReceived, DateCreated: epoch.Add(time.Hour)})
		w.sim.AddCommand(twiliosim.Command{SIMSID: de1, Direction: DirectionFromSIM, Status: StatusReceived, Transport: TransportIP, DateCreated: epoch.Add(time.Hour)})
	}
	for _, test := range []struct {
		name, parameter string
		filter          any
	}{
		{"IP Commands by SID", "Sim", IPCommandFilter{SIM: w2}},
		{"IP Commands by unique name", "Sim", IPCommandFilter{SIM: "valve-2"}},
		{"IP Commands", "SimIccid", IPCommandFilter{SIMICCID: "8988307000000000002"}},
		{"IP Commands", "Status", IPCommandFilter{Status: StatusFailed}},
		{"IP Commands", "Direction", IPCommandFilter{Direction: DirectionFromSIM}},
		{"IP Commands by two filters", "Direction", IPCommandFilter{SIM: "valve-1", Direction: DirectionFromSIM}},
		{"Commands by SID", "Sim", CommandFilter{SIM: de2}},
		{"Commands by unique name", "Sim", CommandFilter{SIM: "tracker-2"}},
		{"Commands", "Status", CommandFilter{Status: StatusDelivered}},
		{"Commands", "Direction", CommandFilter{Direction: DirectionFromSIM}},
		{"Commands", "Transport", CommandFilter{Transport: TransportSMS}},
		{"SIMs by the fleet's SID", "Fleet", SIMFilter{Fleet: hf2}},
		{"SIMs by the fleet's unique name", "Fleet", SIMFilter{Fleet: "valves"}},
		{"SIMs", "Status", SIMFilter{Status: "ready"}},
		{"SIMs", "Iccid", SIMFilter{ICCID: "8988307000000000001"}},
	} {
		t.Run(test.name+" "+test.parameter, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, losing(test.parameter))
			seed(w)
			n, err := w.rows(test.filter)
			wantText(t, err, "GET ", "/v1/", "the filter "+test.parameter+" was not kept", "proxy or a cache")
			for _, foreign := range []string{w1, w2, de1, de2, hf1, hf2, "898830", "valve-"} {
				if err != nil && strings.Contains(err.Error(), foreign) {
					t.Errorf("the error shows %s: %v", foreign, err)
				}
			}
			if n != 0 {
				t.Errorf("%d rows before the error", n)
			}
			w.wantRequests(0, 1)

			w = newWorld(t)
			seed(w)
			if n, err := w.rows(test.filter); n != 1 || err != nil {
				t.Errorf("with its filter, %d rows, %v", n, err)
			}
		})
	}
}

// TestList_filterLater has the filter dropped from the address of the next page
// alone: the query that was asked for is what counts on each page.
func TestList_filterLater(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{w1, strings.Replace(w1, "01", "0A", 1), "valve"} {
		sid := w1
		if IsSID("HS", asked) {
			sid = strings.ToLower(asked)
			sid = "HS" + sid[2:] // The API writes it in its own case.
		}
		w := newWorld(t)
		for i, sim := range []string{sid, sid, w2, sid} {
			w.onGet(twiliosim.Fault{Status: 200, Times: 1, Body: fmt.Appendf(nil,
				`{"ip_commands":[{"sid":%q,"sim_sid":%q}],"meta":{"next_page_url":"https://x/?PageToken=%d"}}`, hg(i), sim, i)})
		}
		got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{SIM: asked}, rest.ListOptions{PageSize: 1}))
		wantText(t, err, "the filter Sim was not kept")
		wantSIDs(t, got, []string{hg(0), hg(1)})
		w.wantRequests(0, 3)
	}
}

// TestList_untold has rows that do not tell what the list was asked for. They cannot
// be checked, and pass; but a SIM without a fleet is in none.
func TestList_untold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onGet(twiliosim.Fault{Status: 200, Body: fmt.Appendf(nil,
		`{"ip_commands":[{"sid":%q,"status":null},{"sid":%q,"sim_sid":%q}],"commands":[{"sid":"DC%s"}],"sims":[{"sid":%q,"fleet_sid":null}],"meta":{"next_page_url":null}}`,
		hg(1), hg(2), w1, strings.Repeat("0", 32), w1)})
	for _, filter := range []any{
		IPCommandFilter{"valve", "8988307", StatusSent, DirectionToSIM}, CommandFilter{"tracker", StatusSent, DirectionToSIM, TransportIP}, SIMFilter{Status: "active", ICCID: "8988307"},
	} {
		if n, err := w.rows(filter); n == 0 || err != nil {
			t.Errorf("%+v: %d rows, %v", filter, n, err)
		}
	}
	for _, fleet := range []string{"valves", "HF00000000000000000000000000000001"} {
		n, err := w.rows(SIMFilter{Fleet: fleet})
		wantText(t, err, "the filter Fleet was not kept")
		if n != 0 {
			t.Errorf("%d SIMs of the fleet %s", n, fleet)
		}
	}
}
