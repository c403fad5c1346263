package twiliosim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestMain makes sure that nothing in these tests leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// epoch is when the fake clocks start: not on a whole second.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

// newSim returns a simulator under a fake clock.
func newSim(cfg twiliosim.Config) (*twiliosim.Simulator, *clock.Fake) {
	c := clock.NewFake(epoch)
	cfg.Now = c.Now
	return twiliosim.New(cfg), c
}

// command is an IP Command as JSON has it.
type command struct {
	SID         string  `json:"sid"`
	AccountSID  string  `json:"account_sid"`
	SIMSID      string  `json:"sim_sid"`
	SIMICCID    string  `json:"sim_iccid"`
	Status      string  `json:"status"`
	Direction   string  `json:"direction"`
	DeviceIP    *string `json:"device_ip"`
	DevicePort  int     `json:"device_port"`
	PayloadType string  `json:"payload_type"`
	Payload     string  `json:"payload"`
	DateCreated string  `json:"date_created"`
	DateUpdated string  `json:"date_updated"`
	URL         string  `json:"url"`
}

// list is a page of any kind.
type list struct {
	IPCommands []command `json:"ip_commands"`
	Commands   []struct {
		SID string `json:"sid"`
	} `json:"commands"`
	SIMs []struct {
		SID string `json:"sid"`
	} `json:"sims"`
	Meta struct {
		FirstPageURL    string  `json:"first_page_url"`
		Key             string  `json:"key"`
		NextPageURL     *string `json:"next_page_url"`
		Page            int     `json:"page"`
		PageSize        int     `json:"page_size"`
		PreviousPageURL *string `json:"previous_page_url"`
		URL             string  `json:"url"`
	} `json:"meta"`
}

// apiError is a refusal.
type apiError struct {
	Code     int    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// newRequest returns a request with the default credentials.
func newRequest(t testing.TB, method, target string, form url.Values) *http.Request {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	return r
}

// call asks the simulator without a connection in between.
func call(t testing.TB, s *twiliosim.Simulator, method, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, newRequest(t, method, target, form))
	return w
}

// decode reads a response that must have this status.
func decode[T any](t testing.TB, w *httptest.ResponseRecorder, status int) T {
	t.Helper()
	var v T
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

// message returns a valid POST.
func message(sim, payload string) url.Values {
	return url.Values{"Sim": {sim}, "Payload": {payload}, "DevicePort": {"5683"}}
}

// post creates a command.
func post(t testing.TB, s *twiliosim.Simulator, form url.Values) command {
	t.Helper()
	return decode[command](t, call(t, s, http.MethodPost, "/v1/IpCommands", form), http.StatusCreated)
}

// fetch gets a command.
func fetch(t testing.TB, s *twiliosim.Simulator, sid string) command {
	t.Helper()
	return decode[command](t, call(t, s, http.MethodGet, "/v1/IpCommands/"+sid, nil), http.StatusOK)
}

// getList gets a page. target may be an absolute URL.
func getList(t testing.TB, s *twiliosim.Simulator, target string) list {
	t.Helper()
	return decode[list](t, call(t, s, http.MethodGet, target, nil), http.StatusOK)
}

// sids returns the SIDs on a page.
func (l list) sids() []string {
	var sids []string
	for _, c := range l.IPCommands {
		sids = append(sids, c.SID)
	}
	for _, c := range l.Commands {
		sids = append(sids, c.SID)
	}
	for _, sim := range l.SIMs {
		sids = append(sids, sim.SID)
	}
	return sids
}
