package twilio

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAPIError_fields asks for what the API refuses, with each kind of body.
func TestAPIError_fields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		want  rest.APIError
	}{
		{"json", twiliosim.Fault{Status: 404}, rest.APIError{StatusCode: 404, Code: "20404", Message: "Not Found", MoreInfo: "https://www.twilio.com/docs/errors/20404"}},
		{"html", twiliosim.HTMLBadGateway(0), rest.APIError{StatusCode: 502, Message: "not the API's own response, but an HTML page, 118 bytes"}},
		{"empty", twiliosim.Fault{Status: 503, Body: []byte{}, Header: http.Header{"Retry-After": {"600"}}}, rest.APIError{StatusCode: 503, RetryAfter: 10 * time.Minute}},
		{"truncated", twiliosim.Fault{Status: 500, TruncateBody: 12}, rest.APIError{StatusCode: 500}},
		{"not UTF-8", twiliosim.Fault{Status: 400, Body: []byte("\xff")}, rest.APIError{StatusCode: 400, Message: "not the API's own response, but text, 1 bytes"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t).noRetries()
			w.onGet(test.fault)
			_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
			var got *rest.APIError
			if !errors.As(err, &got) {
				t.Fatalf("%T: %v", err, err)
			}
			test.want.Request, test.want.Attempts = "GET "+w.client.IPCommands.base.Host+"/v1/IpCommands/HG1", 1
			test.want.Credentials = "account SID and auth token from the test (" + twiliosim.DefaultAccountSID + ")"
			test.want.FromAPI = test.name == "json"
			test.want.Date = epoch.Truncate(time.Second)
			if *got != test.want {
				t.Errorf("%+v\nwant %+v", *got, test.want)
			}
			if IsNotFound(err) != (test.want.StatusCode == 404) {
				t.Errorf("IsNotFound is %t", IsNotFound(err))
			}
			wantText(t, err)
		})
	}
}

// TestIsNotFound_R6 has what is a 404, and what of it is the API's word.
func TestIsNotFound_R6(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"code":20404,"message":"not found","status":404}`: true, `{"code":20404,"message":"not found"}`: true,
		`{"code":20003,"message":"not found","status":404}`: false, `{"code":"20404","message":"not found"}`: false,
		`{"code":5,"message":"Not Found","details":[]}`: false, `{"message":"no Route matched with those values"}`: false,
		`{"code":20404,"message":"not found","status":400}`: false, `[20404]`: false, "<p>20404": false, "": false,
	} {
		w := newWorld(t)
		w.onGet(twiliosim.Fault{Status: http.StatusNotFound, Body: []byte(body)})
		if _, err := w.client.IPCommands.Fetch(t.Context(), "HG1"); IsNotFound(err) != want {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestCredentials_errors has credentials that the API does not take: the
// error tells which they were, and neither it nor the log their secret.
func TestCredentials_errors(t *testing.T) {
	t.Parallel()
	const secret = "OPEN-VALVE-is-not-my-secret" // The log's check knows it.
	for _, test := range []struct {
		name        string
		credentials rest.BasicAuth
		status      int
		want        string
	}{
		{"wrong token", rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: secret, Kind: "account SID and auth token from the environment"}, 401, "account SID and auth token from the environment (" + twiliosim.DefaultAccountSID + ")"},
		{"unknown key", rest.BasicAuth{Username: "SK00000000000000000000000000000000", Password: secret, Kind: "API key and secret from the configuration"}, 401, "API key and secret from the configuration (SK00000000000000000000000000000000)"},
		{"restricted key", rest.BasicAuth{Username: twiliosim.DefaultAPIKey, Password: twiliosim.DefaultAPISecret, Kind: "API key and secret"}, 403, "API key and secret (" + twiliosim.DefaultAPIKey + ")"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.Credentials = test.credentials })
			if test.status == http.StatusForbidden {
				w.sim.Inject(twiliosim.Fault{Status: http.StatusForbidden})
			}
			_, fetchErr := w.client.IPCommands.Fetch(t.Context(), "HG1")
			_, listErr := collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{}))
			_, sendErr := w.client.send(t.Context(), w.message(), time.Time{})
			for _, err := range []error{fetchErr, listErr, sendErr} {
				wantText(t, err, statusText(test.status), test.want, "The usual causes:")
				if err != nil && strings.Contains(err.Error(), secret) || !statusIs(err, test.status) {
					t.Errorf("%T: %v", err, err)
				}
			}
			w.wantRequests(1, 2)
			w.wantCommands(0)
		})
	}
}

func statusIs(err error, status int) bool {
	var api *rest.APIError
	return errors.As(err, &api) && api.StatusCode == status
}
