package twiliosim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/openapitest"
)

// asker sends a request that must succeed.
type asker func(method, target string, form url.Values) *httptest.ResponseRecorder

// newAsker returns an asker with this Authorization header.
func newAsker(t *testing.T, h http.Handler, authorization string) asker {
	return func(method, target string, form url.Values) *httptest.ResponseRecorder {
		t.Helper()
		w := ask(t, h, authorization, method, target, form)
		if w.Code >= 300 {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		return w
	}
}

// exercise asks for every kind of response that a seeded simulator can give to a
// correct request.
func exercise(t *testing.T, s *twiliosim.Simulator, send asker, maxPageSize int) {
	t.Helper()
	detached := s.AddSIM(twiliosim.SIM{Detached: true})
	s.AddSIM(twiliosim.SIM{UniqueName: "replies", Replies: []twiliosim.Reply{{Payload: []byte("\x01\xff"), Port: 502}}})
	create := func(form url.Values) string {
		t.Helper()
		return decode[command](t, send(http.MethodPost, "/v1/IpCommands", form), http.StatusCreated).SID
	}
	created := []string{
		create(message("valve-01", "open")), create(message(detached.SID, "lost")), create(message("replies", "READ")),
		create(url.Values{
			"Sim": {"valve-02"}, "Payload": {"AQL/"}, "DevicePort": {"65535"}, "PayloadType": {"binary"},
			"CallbackUrl": {"https://example.com/sent?a=b"}, "CallbackMethod": {"GET"},
		}),
	}
	for _, reply := range decode[list](t, send(http.MethodGet, "/v1/IpCommands?Sim=replies&Direction=from_sim", nil), http.StatusOK).IPCommands {
		created = append(created, reply.SID)
	}
	if len(created) != 5 {
		t.Errorf("%d commands, with the reply", len(created))
	}
	for _, sid := range created {
		send(http.MethodGet, "/v1/IpCommands/"+sid, nil)
	}
	for _, c := range s.Commands() {
		send(http.MethodGet, "/v1/Commands/"+c.SID, nil)
	}
	for target, least := range map[string]int{
		"/v1/IpCommands":            1,
		"/v1/IpCommands?PageSize=3": 3,
		"/v1/IpCommands?Sim=valve-01&SimIccid=89883070000000000001&Status=sent&Direction=to_sim&Page=0": 1,
		"/v1/IpCommands?Status=failed":                                             1,
		"/v1/IpCommands?Sim=nobody":                                                1,
		fmt.Sprintf("/v1/IpCommands?PageSize=%d", maxPageSize):                     1,
		"/v1/Commands?PageSize=2":                                                  3,
		"/v1/Commands?PageSize=1000":                                               1,
		"/v1/Commands?Sim=tracker-01&Status=queued&Direction=to_sim&Transport=sms": 1,
		"/v1/Commands?Direction=from_sim":                                          1,
		"/v1/Sims?PageSize=2":                                                      3,
		"/v1/Sims?Fleet=valves&Status=active&Iccid=89883070000000000001":           1,
		"/v1/Sims?Status=scheduled":                                                1,
		"/v1/Sims?PageSize=1000":                                                   1,
	} {
		pages := 0
		for next := &target; next != nil; pages++ {
			next = decode[list](t, send(http.MethodGet, *next, nil), http.StatusOK).Meta.NextPageURL
		}
		if pages < least {
			t.Errorf("%s: only %d pages", target, pages)
		}
	}
}

// TestContract asks for everything that the simulator can respond and holds
// each request and response to the published descriptions.
func TestContract(t *testing.T) {
	t.Parallel()
	contract := openapitest.Load(t)
	s, _ := newSim(twiliosim.Config{})
	twiliosim.Seed(s)
	basic := newRequest(t, http.MethodGet, "/", nil).Header.Get("Authorization")
	exercise(t, s, newAsker(t, contract.Handler(t, s), basic), 1000)
	if asked := len(s.Requests()); contract.Validated() != asked {
		t.Errorf("%d of %d responses were held to the descriptions", contract.Validated(), asked)
	}
}

// TestContractKORE does so for KORE, with everything null that may be, and
// with the errors that are described.
func TestContractKORE(t *testing.T) {
	t.Parallel()
	contract := openapitest.LoadKORE(t)
	s, _ := newKORE(twiliosim.Config{})
	twiliosim.Seed(s)
	for _, field := range ipCommandFields {
		s.AddIPCommand(twiliosim.IPCommand{Null: []string{field}})
	}
	for _, field := range commandFields {
		if field != "command_mode" {
			s.AddCommand(twiliosim.Command{SimUniqueName: "tracker-01", Null: []string{field}})
		}
	}
	s.AddSIM(twiliosim.SIM{UniqueName: "null", CommandNull: ipCommandFields})
	for _, field := range simFields {
		s.AddSIM(twiliosim.SIM{Fleet: "valves", Null: []string{field}})
	}
	handler := contract.Handler(t, s)
	bearer := "Bearer " + newToken(t, handler)
	send := newAsker(t, handler, bearer)
	exercise(t, s, send, 100)
	send(http.MethodPost, "/v1/IpCommands", message("null", "x"))
	if asked := len(s.Requests()); contract.Validated() != asked {
		t.Errorf("%d of %d responses were held to the descriptions", contract.Validated(), asked)
	}
}

// TestContractKOREErrors holds KORE's refusals to the descriptions: what the
// simulator refuses by itself, and what faults make it refuse.
func TestContractKOREErrors(t *testing.T) {
	t.Parallel()
	contract := openapitest.LoadKORE(t)
	s, _ := newKORE(twiliosim.Config{})
	handler := contract.Handler(t, s)
	live := "Bearer " + newToken(t, handler)
	refused := 0
	refuse := func(authorization, method, target string, form url.Values, status int) {
		t.Helper()
		refused++
		if w := ask(t, handler, authorization, method, target, form); w.Code != status {
			t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
	}
	refuse("", http.MethodPost, twiliosim.TokenPath, with("grant_type", "password"), 400)
	refuse("", http.MethodPost, twiliosim.TokenPath, with("client_secret", "x"), 401)
	refuse("Bearer x", http.MethodGet, "/v1/Commands", nil, 403)
	refuse("Bearer x", http.MethodGet, "/v1/Commands/DC0", nil, 403)
	refuse(live, http.MethodGet, "/v1/Commands/DC0", nil, 404)
	refuse(live, http.MethodGet, "/v1/Commands?PageToken=x", nil, 400)
	for path, statuses := range map[string][]int{
		twiliosim.TokenPath: {400, 401, 500},
		"/v1/Commands":      {400, 401, 403, 404, 415, 422, 500, 503},
	} {
		for _, status := range statuses {
			s.Inject(twiliosim.ServerError(status, 1).On("", path))
			if path == twiliosim.TokenPath {
				refuse("", http.MethodPost, path, credentials(), status)
			} else {
				refuse(live, http.MethodGet, path, nil, status)
			}
		}
	}
	if got := contract.Validated(); got != refused+1 {
		t.Errorf("%d of %d responses were held to the descriptions", got, refused+1)
	}
	// The description of Super SIM has no errors: these pass unseen.
	refuse("Bearer x", http.MethodGet, "/v1/IpCommands", nil, 403)
	refuse(live, http.MethodPost, "/v1/IpCommands", message("nobody", "x"), 404)
	if got := contract.Validated(); got != refused-1 {
		t.Errorf("%d responses were held to the descriptions", got)
	}
}
