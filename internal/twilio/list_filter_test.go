package twilio

import (
	"context"
	"errors"
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
	opts := rest.ListOptions{PageSize: 4}
	ipCommands := func(f IPCommandFilter) func(context.Context, *Client) (int, error) {
		return func(ctx context.Context, c *Client) (int, error) {
			rows, err := collect(c.IPCommands.List(ctx, f, opts))
			return len(rows), err
		}
	}
	commands := func(f CommandFilter) func(context.Context, *Client) (int, error) {
		return func(ctx context.Context, c *Client) (int, error) {
			rows, err := collect(c.Commands.List(ctx, f, opts))
			return len(rows), err
		}
	}
	sims := func(f SIMFilter) func(context.Context, *Client) (int, error) {
		return func(ctx context.Context, c *Client) (int, error) {
			rows, err := collect(c.SIMs.List(ctx, f, opts))
			return len(rows), err
		}
	}
	for _, test := range []struct {
		name, parameter string
		list            func(context.Context, *Client) (int, error)
	}{
		{"IP Commands by SID", "Sim", ipCommands(IPCommandFilter{SIM: w2})},
		{"IP Commands by unique name", "Sim", ipCommands(IPCommandFilter{SIM: "valve-2"})},
		{"IP Commands", "SimIccid", ipCommands(IPCommandFilter{SIMICCID: "8988307000000000002"})},
		{"IP Commands", "Status", ipCommands(IPCommandFilter{Status: StatusFailed})},
		{"IP Commands", "Direction", ipCommands(IPCommandFilter{Direction: DirectionFromSIM})},
		{"IP Commands by two filters", "Direction", ipCommands(IPCommandFilter{SIM: "valve-1", Direction: DirectionFromSIM})},
		{"Commands by SID", "Sim", commands(CommandFilter{SIM: de2})},
		{"Commands by unique name", "Sim", commands(CommandFilter{SIM: "tracker-2"})},
		{"Commands", "Status", commands(CommandFilter{Status: StatusDelivered})},
		{"Commands", "Direction", commands(CommandFilter{Direction: DirectionFromSIM})},
		{"Commands", "Transport", commands(CommandFilter{Transport: TransportSMS})},
		{"SIMs by the fleet's SID", "Fleet", sims(SIMFilter{Fleet: hf2})},
		{"SIMs by the fleet's unique name", "Fleet", sims(SIMFilter{Fleet: "valves"})},
		{"SIMs", "Status", sims(SIMFilter{Status: "ready"})},
		{"SIMs", "Iccid", sims(SIMFilter{ICCID: "8988307000000000001"})},
	} {
		t.Run(test.name+" "+test.parameter, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, losing(test.parameter))
			seed(w)
			n, err := test.list(t.Context(), w.client)
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
			if n, err := test.list(t.Context(), w.client); n != 1 || err != nil {
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
	ipCommands, err1 := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{"valve", "8988307", StatusSent, DirectionToSIM}, rest.ListOptions{}))
	commands, err2 := collect(w.client.Commands.List(t.Context(), CommandFilter{"tracker", StatusSent, DirectionToSIM, TransportIP}, rest.ListOptions{}))
	sims, err3 := collect(w.client.SIMs.List(t.Context(), SIMFilter{Status: "active", ICCID: "8988307"}, rest.ListOptions{}))
	if err := errors.Join(err1, err2, err3); len(ipCommands) != 2 || len(commands) != 1 || len(sims) != 1 || err != nil {
		t.Errorf("%d IP Commands, %d Commands, %d SIMs, %v", len(ipCommands), len(commands), len(sims), err)
	}
	for _, fleet := range []string{"valves", "HF00000000000000000000000000000001"} {
		sims, err := collect(w.client.SIMs.List(t.Context(), SIMFilter{Fleet: fleet}, rest.ListOptions{}))
		wantText(t, err, "the filter Fleet was not kept")
		if len(sims) != 0 {
			t.Errorf("%d SIMs of the fleet %s", len(sims), fleet)
		}
	}
}
