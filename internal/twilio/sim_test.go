package twilio

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestListSIMs(t *testing.T) {
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

	got, err = collect(w.client.SIMs.List(t.Context(), SIMFilter{ICCID: *want[1].ICCID}, rest.ListOptions{}))
	if err != nil || !reflect.DeepEqual(got, want[1:2]) {
		t.Errorf("%s, %v", asJSON(t, got), err)
	}
	requests := w.sim.Requests()
	if len(requests) != 3 {
		t.Fatalf("%d requests, want 3", len(requests))
	}
	for i, q := range []url.Values{
		0: {"Fleet": {"meters"}, "Status": {"ready"}, "PageSize": {"2"}},
		2: {"Iccid": {*want[1].ICCID}, "PageSize": {"1000"}},
	} {
		if r := requests[i]; q != nil && (r.Path != "/v1/Sims" || !reflect.DeepEqual(r.Query, q)) {
			t.Errorf("%s?%v, want %v", r.Path, r.Query, q)
		}
	}
}

// TestListSIMs_passesThrough has a status that the API may add, and what is
// null and what is not described.
func TestListSIMs_passesThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onGet(twiliosim.Fault{Status: http.StatusOK, Body: []byte(
		`{"sims":[{"sid":"HS00000000000000000000000000000001","status":"paused","fleet_sid":null,"links":{"a":"b"},"profile":5},{"sid":"HS00000000000000000000000000000002"}],"meta":{"key":"sims"}}`)})
	got, err := collect(w.client.SIMs.List(t.Context(), SIMFilter{Status: "paused"}, rest.ListOptions{}))
	want := []SIM{{SID: "HS00000000000000000000000000000001", Status: ptr("paused")}, {SID: "HS00000000000000000000000000000002"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s, %v", asJSON(t, got), err)
	}
	if q := w.queries()[0]; q.Get("Status") != "paused" {
		t.Errorf("the query is %v", q)
	}
}
