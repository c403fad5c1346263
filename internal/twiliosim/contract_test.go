package twiliosim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/openapitest"
)

// TestContract asks for everything that the simulator can answer and holds
// each request and answer to the published descriptions.
func TestContract(t *testing.T) {
	t.Parallel()
	contract := openapitest.Load(t)
	s, _ := newSim(twiliosim.Config{})
	twiliosim.Seed(s)
	detached := s.AddSIM(twiliosim.SIM{Detached: true})
	handler := contract.Handler(t, s.Handler())
	ask := func(method, target string, form url.Values) *httptest.ResponseRecorder {
		t.Helper()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, newRequest(t, method, target, form))
		if w.Code >= 300 {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		return w
	}
	create := func(form url.Values) string {
		t.Helper()
		return decode[command](t, ask(http.MethodPost, "/v1/IpCommands", form), http.StatusCreated).SID
	}

	created := []string{
		create(message("valve-01", "open")), create(message(detached.SID, "lost")),
		create(url.Values{
			"Sim": {"valve-02"}, "Payload": {"AQL/"}, "DevicePort": {"65535"}, "PayloadType": {"binary"},
			"CallbackUrl": {"https://example.com/sent?a=b"}, "CallbackMethod": {"GET"},
		}),
	}
	for _, sid := range created {
		ask(http.MethodGet, "/v1/IpCommands/"+sid, nil)
	}
	for _, c := range s.Commands() {
		ask(http.MethodGet, "/v1/Commands/"+c.SID, nil)
	}
	for target, least := range map[string]int{
		"/v1/IpCommands":            1,
		"/v1/IpCommands?PageSize=3": 3,
		"/v1/IpCommands?Sim=valve-01&SimIccid=89883070000000000001&Status=sent&Direction=to_sim&PageSize=1000&Page=0": 1,
		"/v1/IpCommands?Status=failed": 1,
		"/v1/IpCommands?Sim=nobody":    1,
		"/v1/Commands?PageSize=2":      3,
		"/v1/Commands?Sim=tracker-01&Status=queued&Direction=to_sim&Transport=sms": 1,
		"/v1/Commands?Direction=from_sim":                                          1,
	} {
		pages := 0
		for next := &target; next != nil; pages++ {
			next = decode[list](t, ask(http.MethodGet, *next, nil), http.StatusOK).Meta.NextPageURL
		}
		if pages < least {
			t.Errorf("%s: only %d pages", target, pages)
		}
	}
	if asked := len(s.Requests()); contract.Validated() != asked {
		t.Errorf("%d of %d answers were held to the descriptions", contract.Validated(), asked)
	}
}
