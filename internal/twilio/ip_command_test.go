package twilio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	jsonv1 "github.com/go-json-experiment/json/v1"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestSend_formAndHeaders(t *testing.T) {
	t.Parallel()
	account := rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken, Kind: "account SID and auth token"}
	key := rest.BasicAuth{Username: twiliosim.DefaultAPIKey, Password: twiliosim.DefaultAPISecret, Kind: "API key and secret"}
	for _, test := range []struct {
		name        string
		credentials rest.BasicAuth
		change      func(*MessageParams)
		want        url.Values
	}{
		{
			name: "text", credentials: account, change: func(*MessageParams) {},
			want: url.Values{"Payload": {textPayload}, "PayloadType": {"text"}, "DevicePort": {"5683"}},
		},
		{
			name: "binary with a callback", credentials: key,
			change: func(p *MessageParams) {
				p.Payload, p.PayloadType, p.DevicePort = binaryPayload, PayloadBinary, 65535
				p.CallbackURL, p.CallbackMethod = "https://example.com/sent?a=b&c=d", http.MethodGet
			},
			want: url.Values{
				"Payload": {binaryPayload}, "PayloadType": {"binary"}, "DevicePort": {"65535"},
				"CallbackUrl": {"https://example.com/sent?a=b&c=d"}, "CallbackMethod": {"GET"},
			},
		},
		{
			name: "text that a form has to escape", credentials: account,
			change: func(p *MessageParams) { p.Payload = "OPEN-VALVE a=b&c=%20+ü\n\x00\u2028" },
			want:   url.Values{"Payload": {"OPEN-VALVE a=b&c=%20+ü\n\x00\u2028"}, "PayloadType": {"text"}, "DevicePort": {"5683"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.Credentials = test.credentials })
			p := w.message()
			test.change(&p)
			test.want.Set("Sim", w.card.SID)
			sent, err := w.client.send(t.Context(), p, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			requests := w.sim.Requests()
			if len(requests) != 1 {
				t.Fatalf("%d requests, want 1", len(requests))
			}
			r := requests[0]
			if r.Method != http.MethodPost || r.Path != "/v1/IpCommands" || len(r.Query) != 0 || !reflect.DeepEqual(r.Form, test.want) {
				t.Errorf("%s %s?%v with %v, want %v", r.Method, r.Path, r.Query, r.Form, test.want)
			}
			checkHeaders(t, r, test.credentials)
			if ct := r.Header.Get("Content-Type"); ct != "application/x-www-form-urlencoded" {
				t.Errorf("Content-Type %q", ct)
			}
			if sent.Lost != nil || sent.SID != r.SID || *sent.Status != StatusQueued || *sent.Payload != p.Payload {
				t.Errorf("sent %+v", sent)
			}
		})
	}
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

func TestFetchIPCommand(t *testing.T) {
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

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestFetchIPCommand_passesThrough has what the API may give some day: nulls
// everywhere, values that no description knows, and new fields.
func TestFetchIPCommand_passesThrough(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		want       IPCommand
		queued     bool
	}{
		{
			name: "nulls", queued: true,
			body: `{"sid":"HG00000000000000000000000000000001","account_sid":null,"sim_sid":null,"sim_iccid":null,"status":null,"direction":null,"device_ip":null,` +
				`"device_port":null,"payload_type":null,"payload":null,"date_created":null,"date_updated":null,"url":null}`,
			want: IPCommand{SID: "HG00000000000000000000000000000001"},
		},
		{name: "only a sid", body: `{"sid":"HG00000000000000000000000000000001"}`, want: IPCommand{SID: "HG00000000000000000000000000000001"}, queued: true},
		{
			name: "values and fields of the future",
			body: `{"sid":"HG00000000000000000000000000000001","status":"acknowledged","direction":"sideways","payload_type":"cbor","date_created":"yesterday","hops":[1]}`,
			want: IPCommand{
				SID: "HG00000000000000000000000000000001", Status: ptr("acknowledged"), Direction: ptr("sideways"), PayloadType: ptr("cbor"),
				DateCreated: ptr[Timestamp]("yesterday"),
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onGet(twiliosim.Fault{Status: 200, Body: []byte(test.body)})
			got, err := w.client.IPCommands.Fetch(t.Context(), "HG00000000000000000000000000000001")
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%s\nwant %s", asJSON(t, got), asJSON(t, test.want))
			}
			if got.IsQueued() != test.queued || got.IsFailed() || got.IsSettled() {
				t.Errorf("queued %t, failed %t, settled %t", got.IsQueued(), got.IsFailed(), got.IsSettled())
			}
		})
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

// TestFetchIPCommand_address has what stands in the way of the right path.
func TestFetchIPCommand_address(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ prefix, sid, want string }{
		{"", "HG1", "/v1/IpCommands/HG1"},
		{"/proxy/twilio", "HG1", "/proxy/twilio/v1/IpCommands/HG1"},
		{"/proxy/twilio/", "HG1", "/proxy/twilio/v1/IpCommands/HG1"},
		{"/a%20b", "HG1", "/a b/v1/IpCommands/HG1"},
		{"", "HG1/../../secret?x=y#z", "/v1/IpCommands/HG1/../../secret?x=y#z"},
		{"", "a%2Fb c", "/v1/IpCommands/a%2Fb c"},
	} {
		t.Run(test.prefix+" "+test.sid, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.prefix = test.prefix })
			w.onGet(twiliosim.ServerError(http.StatusNotFound, 0))
			if _, err := w.client.IPCommands.Fetch(t.Context(), test.sid); !IsNotFound(err) {
				t.Fatal(err)
			}
			if r := w.sim.Requests()[0]; r.Path != test.want || len(r.Query) != 0 {
				t.Errorf("%s?%v, want %s", r.Path, r.Query, test.want)
			}
		})
	}
}

// TestFetchIPCommand_unreadable has answers of status 200 that are none. Each
// is asked for again, up to the maximum, and then an error that says what
// came instead.
func TestFetchIPCommand_unreadable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		want  string
	}{
		{"empty", twiliosim.Fault{Body: []byte{}}, "it is empty"},
		{"html", twiliosim.Fault{Body: []byte("<html><head><title>Log in to the Wi-Fi</title></head></html>")}, "an HTML page, 60 bytes"},
		{"text", twiliosim.Fault{Body: []byte("hello")}, "5 bytes"},
		{"not UTF-8", twiliosim.Fault{Body: []byte("{\"sid\":\"HG1\",\"payload\":\"\xff\"}")}, "it is not UTF-8"},
		{"truncated", twiliosim.Fault{TruncateBody: 20}, "it broke off in the middle"},
		{"half, but complete to HTTP", twiliosim.Fault{Body: []byte(`{"sid":"HG1","payload":"OPEN-VALVE`)}, "34 bytes"},
		{"another command", twiliosim.Fault{Body: []byte(`{"sid":"HG00000000000000000000000000000001","payload":"OPEN-VALVE"}`)}, "it is another object, HG00000000000000000000000000000001"},
		{"two values", twiliosim.Fault{Body: []byte(`{"sid":"HG1"}{"sid":"HG2"}`)}, "26 bytes"},
		{"a list", twiliosim.Fault{Body: []byte(`[{"sid":"HG1"}]`)}, "15 bytes"},
		{"null", twiliosim.Fault{Body: []byte(`null`)}, "no sid"},
		{"no sid", twiliosim.Fault{Body: []byte(`{"payload":"OPEN-VALVE"}`)}, "no sid"},
		{"a SID of a wrong type", twiliosim.Fault{Body: []byte(`{"sid":7,"payload":"OPEN-VALVE"}`)}, "no sid"},
		{"JSON after a space", twiliosim.Fault{Body: []byte(` {"sid":"HG1","payload":"OPEN-VALVE`)}, "35 bytes"},
		{"JSON after a byte order mark", twiliosim.Fault{Body: []byte("\ufeff{\"sid\":\"HG1\",\"payload\":\"OPEN-VALVE\"}")}, "39 bytes"},
		{"text with the payload", twiliosim.Fault{Body: []byte("you sent OPEN-VALVE")}, "19 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			seeded := w.twin(time.Time{})
			f := test.fault
			if f.Body != nil {
				f.Status = 200
			}
			w.onGet(f)
			_, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID)
			wantText(t, err, "GET ", "/v1/IpCommands/"+seeded.SID, "HTTP 200", "unreadable", test.want)
			if err != nil && strings.Contains(err.Error(), "OPEN-VALVE") {
				t.Errorf("the error has the payload: %v", err)
			}
			w.wantRequests(0, 1+DefaultMaxRetries)

			w.sim.ClearFaults()
			f.Times = DefaultMaxRetries
			w.onGet(f)
			if got, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID); err != nil || got.SID != seeded.SID {
				t.Errorf("after %d such answers: %v, %v", f.Times, got.SID, err)
			}
		})
	}
}

// TestParams_secrets has all of a callback URL but its scheme and host.
func TestParams_secrets(t *testing.T) {
	t.Parallel()
	p := MessageParams{Payload: "open", CallbackURL: "https://user:hunter2@example.com/services/T000/s3cr3t?a=tok-1&b=tok-2#fragment"}
	want := []string{"open", "user", "hunter2", "a=tok-1&b=tok-2", "/services/T000/s3cr3t", "tok-1", "tok-2", "fragment"}
	got := slices.DeleteFunc(p.hidden(), func(s string) bool { return s == "" })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestShown_foreign has a successful response that repeats the payload in its
// fields: a message shows none of them.
func TestShown_foreign(t *testing.T) {
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

// TestClean_normalisation has a response repeat a payload in another Unicode
// normalisation.
func TestClean_normalisation(t *testing.T) {
	t.Parallel()
	payload := "Öffne Tür Süd für Müller"
	got := rest.Clean("invalid payload: "+norm.NFD.String(payload), []string{payload})
	if strings.Contains(norm.NFC.String(got), "Müller") || strings.Contains(norm.NFC.String(got), "Tür") {
		t.Error(got)
	}
}
