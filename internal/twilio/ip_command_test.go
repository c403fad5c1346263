package twilio

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	jsonv1 "github.com/go-json-experiment/json/v1"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestIPCommands_Fetch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seeded := w.twin(time.Time{})
	got, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID)
	if err != nil {
		t.Fatal(err)
	}
	want := IPCommand{
		SID: seeded.SID, AccountSID: ptr(twiliosim.DefaultAccountSID), SIMSID: &w.card.SID, SIMICCID: &w.card.ICCID,
		Status: ptr(StatusSent), Direction: ptr(DirectionToSIM), DeviceIP: &w.card.IP, DevicePort: ptr[int64](5683),
		PayloadType: ptr(PayloadText), Payload: &textPayload,
		DateCreated: ptr[Timestamp]("2026-03-01T12:00:00Z"), DateUpdated: ptr[Timestamp]("2026-03-01T12:00:00Z"),
		URL: ptr("https://supersim.twilio.com/v1/IpCommands/" + seeded.SID),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s\nwant %s", asJSON(t, got), asJSON(t, want))
	}
	checkHeaders(t, w.sim.Requests()[0], rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken})
	w.wantRequests(0, 1)
}

func checkHeaders(t *testing.T, r twiliosim.Request, credentials rest.BasicAuth) {
	t.Helper()
	user, password, ok := (&http.Request{Header: r.Header}).BasicAuth()
	if !ok || user != credentials.Username || password != credentials.Password {
		t.Errorf("credentials %q, %q", user, password)
	}
	if a := r.Header.Get("Accept"); a != "application/json" {
		t.Errorf("Accept %q", a)
	}
	if ua := r.Header.Get("User-Agent"); ua != "terraform-provider-twilio/test" {
		t.Errorf("User-Agent %q", ua)
	}
}

// TestIPCommands_passesThrough has what the API may give some day: nulls everywhere,
// values that no description knows, and new fields.
func TestIPCommands_passesThrough(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]IPCommand{
		`"account_sid":null,"sim_sid":null,"sim_iccid":null,"status":null,"direction":null,"device_ip":null,"device_port":null,"payload_type":null,` +
			`"payload":null,"date_created":null,"date_updated":null,"url":null`: {},
		`"status":"acknowledged","direction":"sideways","payload_type":"cbor","date_created":"yesterday","hops":[1]`: {
			Status: ptr("acknowledged"), Direction: ptr("sideways"), PayloadType: ptr("cbor"), DateCreated: ptr[Timestamp]("yesterday"),
		},
	} {
		want.SID = hg(1)
		w := newWorld(t)
		w.onGet(twiliosim.Fault{Status: 200, Body: fmt.Appendf(nil, `{"sid":%q,%s}`, hg(1), body)})
		if got, err := w.client.IPCommands.Fetch(t.Context(), hg(1)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s, %v\nwant %s", asJSON(t, got), err, asJSON(t, want))
		}
	}
}

func TestIPCommand_states(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status, ip              *string
		queued, failed, settled bool
	}{
		{status: ptr(StatusQueued), queued: true},
		{status: ptr(StatusSent)},
		{status: ptr(StatusSent), ip: ptr("100.64.0.2"), settled: true},
		{status: ptr(StatusReceived), settled: true},
		{status: ptr(StatusFailed), failed: true, settled: true},
		{status: ptr("new")},
		{queued: true},
	} {
		c := IPCommand{Status: test.status, DeviceIP: test.ip}
		if c.IsQueued() != test.queued || c.IsFailed() != test.failed || c.IsSettled() != test.settled {
			t.Errorf("%s: queued %t, failed %t, settled %t", asJSON(t, c), c.IsQueued(), c.IsFailed(), c.IsSettled())
		}
	}
}

// TestIPCommands_address has what stands in the way of the right path.
func TestIPCommands_address(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ prefix, sid, want string }{
		{"/proxy/twilio/", "HG1", "/proxy/twilio/v1/IpCommands/HG1"},
		{"/a%20b", "HG1", "/a b/v1/IpCommands/HG1"},
		{"", "HG1/../../secret?x=y#z", "/v1/IpCommands/HG1/../../secret?x=y#z"},
		{"", "a%2Fb c", "/v1/IpCommands/a%2Fb c"},
	} {
		w := newWorld(t, func(c *worldConfig) { c.prefix = test.prefix })
		w.onGet(twiliosim.ServerError(http.StatusNotFound, 0))
		if _, err := w.client.IPCommands.Fetch(t.Context(), test.sid); !IsNotFound(err) {
			t.Fatal(err)
		}
		if r := w.sim.Requests()[0]; r.Path != test.want || len(r.Query) != 0 {
			t.Errorf("%s?%v, want %s", r.Path, r.Query, test.want)
		}
	}
}

// TestIPCommands_unreadable has responses of status 200 that are none. Each is asked
// for again, up to the maximum, and then an error that says what came instead. What
// else is none is in TestDecodeObject of package rest.
func TestIPCommands_unreadable(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]twiliosim.Fault{
		"it is empty":                    {Status: 200, Body: []byte{}},
		"it is not UTF-8":                {Status: 200, Body: []byte("{\"sid\":\"HG1\",\"payload\":\"\xff\"}")},
		"it broke off in the middle":     {TruncateBody: 20},
		"it is another object, " + hg(1): {Status: 200, Body: []byte(`{"sid":"` + hg(1) + `","payload":"OPEN-VALVE"}`)},
		"it is not the JSON that the API describes, but text, 34 bytes": {Status: 200, Body: []byte(`{"sid":"HG1","payload":"OPEN-VALVE`)},
	} {
		w := newWorld(t)
		seeded := w.twin(time.Time{})
		w.onGet(fault)
		_, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID)
		wantText(t, err, "GET ", "/v1/IpCommands/"+seeded.SID, "HTTP 200", "unreadable", want)
		if err != nil && strings.Contains(err.Error(), "OPEN-VALVE") {
			t.Errorf("the error has the payload: %v", err)
		}
		w.wantRequests(0, 1+DefaultMaxRetries)

		w.sim.ClearFaults()
		fault.Times = DefaultMaxRetries
		w.onGet(fault)
		if got, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID); err != nil || got.SID != seeded.SID {
			t.Errorf("after %d such responses: %v, %v", fault.Times, got.SID, err)
		}
	}
}

// TestIPCommands_Shown has a successful response that repeats the payload in its
// fields: a message shows none of them.
func TestIPCommands_Shown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	date := Timestamp("at " + textPayload)
	cmd := IPCommand{
		SID: hg(1), Status: &textPayload, SIMSID: ptr("x" + textPayload), SIMICCID: ptr(strings.ToLower(textPayload)),
		DateCreated: &date, ErrorCode: jsonv1.Number(textPayload),
	}
	got := w.client.IPCommands.shown(cmd, w.message().hidden())
	for _, text := range []string{*got.Status, *got.SIMSID, *got.SIMICCID, string(*got.DateCreated), string(got.ErrorCode)} {
		if !strings.Contains(text, "[redacted]") || strings.Contains(strings.ToUpper(text), "VALVE") {
			t.Errorf("%q is shown", text)
		}
	}
	if *cmd.Status != textPayload || got.SID != cmd.SID {
		t.Errorf("the command itself has changed: %+v", cmd)
	}
	if got := w.client.IPCommands.shown(IPCommand{Status: ptr(StatusSent)}, []string{"sent"}); *got.Status != StatusSent {
		t.Errorf("a status of the API is shown as %q", *got.Status)
	}
	if got := w.client.IPCommands.shown(IPCommand{SID: hg(1)}, nil); got.Status != nil || got.DateCreated != nil {
		t.Errorf("%+v", got)
	}
}
