package twiliosim_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "valve-01"})
	clock.Advance(time.Hour)
	w := call(t, s, http.MethodPost, "/v1/IpCommands", message("valve-01", "öffnen"))
	c := decode[command](t, w, http.StatusCreated)
	want := command{
		SID: c.SID, AccountSID: twiliosim.DefaultAccountSID, SIMSID: sim.SID, SIMICCID: sim.ICCID,
		Status: "queued", Direction: "to_sim", DevicePort: 5683, PayloadType: "text", Payload: "öffnen",
		DateCreated: "2026-03-01T13:00:00Z", DateUpdated: "2026-03-01T13:00:00Z",
		URL: "https://supersim.twilio.com/v1/IpCommands/" + c.SID,
	}
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if got := w.Header().Get("Date"); got != "Sun, 01 Mar 2026 13:00:00 GMT" {
		t.Errorf("Date: %s", got)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: %s", got)
	}
	if other := post(t, s, message(sim.SID, "öffnen")); other.SID == c.SID || other.SIMSID != sim.SID {
		t.Errorf("the second is %+v", other)
	}
}

func TestCreateAccepts(t *testing.T) {
	t.Parallel()
	for name, form := range map[string]url.Values{
		"1300 bytes of text":   {"Payload": {strings.Repeat("é", 650)}},
		"1300 bytes of binary": {"Payload": {base64.StdEncoding.EncodeToString(make([]byte, 1300))}, "PayloadType": {"binary"}},
		"text said":            {"PayloadType": {"text"}},
		"lowest port":          {"DevicePort": {"1"}},
		"highest port":         {"DevicePort": {"65535"}},
		"callback":             {"CallbackUrl": {"https://example.com/a?b=c"}, "CallbackMethod": {"GET"}},
		"space":                {"Payload": {" "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSim(twiliosim.Config{})
			full := message(s.AddSIM(twiliosim.SIM{}).SID, "x")
			for k, v := range form {
				full[k] = v
			}
			c := post(t, s, full)
			if c.Payload != full.Get("Payload") {
				t.Errorf("payload %q", c.Payload)
			}
			stored := s.IPCommands()[0]
			if stored.CallbackURL != form.Get("CallbackUrl") || stored.CallbackMethod != form.Get("CallbackMethod") {
				t.Errorf("callback: %+v", stored)
			}
		})
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	const missing, invalid = "Missing required parameter ", "Invalid value for parameter "
	for name, tc := range map[string]struct {
		form         url.Values
		status, code int
		message      string // its start
	}{
		"no sim":            {url.Values{"Sim": nil}, 400, 33102, missing + "Sim"},
		"unknown sim":       {url.Values{"Sim": {"nobody"}}, 404, 33107, "SIM nobody was not found"},
		"inactive sim":      {url.Values{"Sim": {"inactive"}}, 400, 33104, "SIM HS"},
		"no payload":        {url.Values{"Payload": nil}, 400, 33102, missing + "Payload"},
		"empty payload":     {url.Values{"Payload": {""}}, 400, 33102, missing + "Payload"},
		"long text":         {url.Values{"Payload": {strings.Repeat("é", 650) + "x"}}, 400, 33111, invalid + "Payload: cannot exceed 1300"},
		"not UTF-8":         {url.Values{"Payload": {"\xff"}}, 400, 33101, invalid + "Payload: must be UTF-8"},
		"long binary":       {url.Values{"PayloadType": {"binary"}, "Payload": {base64.StdEncoding.EncodeToString(make([]byte, 1301))}}, 400, 33111, invalid + "Payload: cannot exceed 1300"},
		"not Base64":        {url.Values{"PayloadType": {"binary"}, "Payload": {"a"}}, 400, 33101, invalid + "Payload: must be Base64"},
		"unpadded Base64":   {url.Values{"PayloadType": {"binary"}, "Payload": {"AQ"}}, 400, 33101, invalid + "Payload: must be Base64"},
		"Base64 in lines":   {url.Values{"PayloadType": {"binary"}, "Payload": {"AQ\n=="}}, 400, 33101, invalid + "Payload: must be Base64"},
		"no port":           {url.Values{"DevicePort": nil}, 400, 33102, missing + "DevicePort"},
		"port 0":            {url.Values{"DevicePort": {"0"}}, 400, 33101, invalid + "DevicePort"},
		"port 65536":        {url.Values{"DevicePort": {"65536"}}, 400, 33101, invalid + "DevicePort"},
		"port in words":     {url.Values{"DevicePort": {"coap"}}, 400, 33101, invalid + "DevicePort"},
		"unknown type":      {url.Values{"PayloadType": {"hex"}}, 400, 33101, invalid + "PayloadType"},
		"relative callback": {url.Values{"CallbackUrl": {"/sent"}}, 400, 33101, invalid + "CallbackUrl"},
		"ftp callback":      {url.Values{"CallbackUrl": {"ftp://example.com"}}, 400, 33101, invalid + "CallbackUrl"},
		"callback method":   {url.Values{"CallbackUrl": {"https://example.com"}, "CallbackMethod": {"PUT"}}, 400, 33101, invalid + "CallbackMethod"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSim(twiliosim.Config{})
			s.AddSIM(twiliosim.SIM{UniqueName: "inactive", Status: "inactive"})
			form := message(s.AddSIM(twiliosim.SIM{}).SID, "x")
			for k, v := range tc.form {
				form[k] = v
			}
			got := decode[apiError](t, call(t, s, http.MethodPost, "/v1/IpCommands", form), tc.status)
			if got.Code != tc.code || got.Status != tc.status || !strings.HasPrefix(got.Message, tc.message) {
				t.Errorf("got %+v", got)
			}
			if r := s.Requests()[0]; r.Accepted || r.SID != "" || len(s.IPCommands()) != 0 || len(s.Deliveries()) != 0 {
				t.Errorf("a refused command exists: %+v", r)
			}
		})
	}
}

func TestCreateReadsOnlyForms(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{})
	form := message(sim.SID, "x")
	for name, change := range map[string]func(*http.Request){
		"in the query": func(r *http.Request) { r.URL.RawQuery = form.Encode(); r.Body = http.NoBody },
		"as JSON":      func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"broken":       func(r *http.Request) { r.Body = http.NoBody; r.Header.Set("Content-Type", "x;;") },
	} {
		r := newRequest(t, http.MethodPost, "/v1/IpCommands", form)
		change(r)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if got := decode[apiError](t, w, http.StatusBadRequest); got.Code != 33102 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
