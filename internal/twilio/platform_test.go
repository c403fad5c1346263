package twilio

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// refusal is the error that a body becomes, where 30001 must be hidden.
func refusal(t *testing.T, body string) *rest.APIError {
	t.Helper()
	transport := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	})
	client, err := New(Config{Config: rest.Config{Credentials: rest.BasicAuth{}, Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.IPCommands.fetch(t.Context(), "HG1", time.Time{}, []string{"30001"})
	var e *rest.APIError
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	return e
}

// TestReadError has what a body becomes. What is not in the API's own form is not
// shown.
func TestReadError(t *testing.T) {
	t.Parallel()
	const foreign = "not the API's own response, but "
	long := strings.Repeat("ü", 600)
	for _, test := range []struct{ body, code, message, moreInfo string }{
		{
			`{"code":20404,"message":"The requested resource was not found","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`,
			"20404", "The requested resource was not found", "https://www.twilio.com/docs/errors/20404",
		},
		{`{"code":30001,"message":"30001 x"}`, "30001", "[redacted] x", ""}, // A code that is the payload.
		{`{"code":20404,"message":"a\u001b[31m\u0007\n\tb"}`, "20404", "a [31m b", ""},
		{`{"code":20404,"message":"` + long + `"}`, "20404", long[:1000] + "…", ""},
		{`{"code":12345678901234567890,"message":"no"}`, "", foreign + "JSON of another form, 44 bytes", ""},
		{`{"code":20404,"message":["no"]}`, "", foreign + "JSON of another form, 31 bytes", ""},
		{`{"code":20404,"message":"no"}{}`, "", foreign + "text, 31 bytes", ""},
		{`{"code":20404,"mess`, "", foreign + "text, 19 bytes", ""},
		{"", "", "", ""},
		{" \r\n", "", foreign + "text, 3 bytes", ""},
		{"caf\xe9", "", foreign + "text, 4 bytes", ""},
		{"\n <p>no</p>", "", foreign + "an HTML page, 11 bytes", ""},
	} {
		if e := refusal(t, test.body); e.Code != test.code || e.Message != test.message || e.MoreInfo != test.moreInfo {
			t.Errorf("%s: code %q, message %q, more info %q", test.body, e.Code, e.Message, e.MoreInfo)
		}
	}
}

// TestReadError_foreign has responses that look like the API's own, and are those
// of a gateway: nothing definite follows from them.
func TestReadError_foreign(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		dialect rest.Dialect
		body    string
		want    bool
	}{
		{Twilio, `{"code":20403,"message":"no","status":403}`, true},
		{Twilio, `{"code":20403,"message":"no"}`, true},
		{Twilio, `{"code":20403,"message":"no","status":404}`, false},
		{Twilio, `{"code":"20403","message":"no"}`, false},
		{Twilio, `{"code":7,"message":"no","details":[]}`, false},
		{Twilio, `{"message":"no Route matched with those values"}`, false},
		{Twilio, `[{"code":20403,"message":"no"}]`, false},
		{Twilio, `{"code":403,"message":"no"}`, false},
		{Twilio, `{"code":900901,"message":"Invalid Credentials"}`, false},
		{Twilio, `{"status":403,"message":"no"}`, false},
		{KORE, `{"status":403,"message":"no"}`, true},
		{KORE, `{"status":"403","message":"no"}`, false},
		{KORE, `{"status":403,"error":"Forbidden"}`, false},
		{KORE, `{"timestamp":"2026-03-01T12:00:00Z","status":403,"error":"Forbidden","message":"Forbidden","path":"/"}`, false},
	} {
		if _, got := test.dialect.ReadError(http.StatusForbidden, []byte(test.body)); got != test.want {
			t.Errorf("%T %s: %t", test.dialect, test.body, got)
		}
	}
}

// TestRefusesToken_R1 has what KORE's gateway says of a token in its own words, and
// what others say, which says nothing about the token.
func TestRefusesToken_R1(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"message":"Forbidden","status":403}`: true, `{"message":"Unauthorized"}`: true, `{"message":"The incoming token has expired"}`: true,
		`{"Message":"User is not authorized to access this resource with an explicit deny"}`: true,
		"<html><title>403 Forbidden</title></html>":                                          false, "Forbidden": false, "": false, `["Forbidden"]`: false, `{"error":"Forbidden"}`: false,
		`{"message":"Forbidden"}`: false, `{"message":"Forbidden","status":401}`: false, `{"message":"Unauthorized"} {}`: false, `{"message":"CSRF token missing"}`: false,
	} {
		if got := KORE.RefusesToken(http.StatusForbidden, []byte(body)); got != want {
			t.Errorf("%s: %t", body, got)
		}
	}
	refused := []byte(`{"message":"Unauthorized"}`)
	if !KORE.RefusesToken(http.StatusUnauthorized, refused) || KORE.RefusesToken(http.StatusNotFound, refused) || Twilio.RefusesToken(http.StatusForbidden, refused) {
		t.Error("KORE refuses tokens with 401 and 403, and Twilio has none")
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

// TestAPIError_fields asks for what the API refuses.
func TestAPIError_fields(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault twiliosim.Fault
		want  rest.APIError
	}{
		{twiliosim.Fault{Status: 404}, rest.APIError{StatusCode: 404, Code: "20404", Message: "Not Found", MoreInfo: "https://www.twilio.com/docs/errors/20404", FromAPI: true}},
		{twiliosim.Fault{Status: 503, Body: []byte{}, Header: http.Header{"Retry-After": {"600"}}}, rest.APIError{StatusCode: 503, RetryAfter: 10 * time.Minute}},
		{twiliosim.Fault{Status: 500, TruncateBody: 12}, rest.APIError{StatusCode: 500}},
	} {
		w := newWorld(t).noRetries()
		w.onGet(test.fault)
		_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
		var got *rest.APIError
		if !errors.As(err, &got) {
			t.Fatalf("%T: %v", err, err)
		}
		test.want.Request, test.want.Attempts = "GET "+w.client.IPCommands.base.Host+"/v1/IpCommands/HG1", 1
		test.want.Credentials = "account SID and auth token from the test (" + twiliosim.DefaultAccountSID + ")"
		test.want.Date = epoch.Truncate(time.Second)
		if *got != test.want {
			t.Errorf("%+v\nwant %+v", *got, test.want)
		}
	}
}

// TestCredentials_errors has credentials that the API does not take: the error tells
// which they were, and neither it nor the log their secret.
func TestCredentials_errors(t *testing.T) {
	t.Parallel()
	const secret = "OPEN-VALVE-is-not-my-secret" // The log's check knows it.
	for status, test := range map[int]struct {
		credentials rest.BasicAuth
		want        string
	}{
		401: {rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: secret, Kind: "auth token from the environment"}, "auth token from the environment (" + twiliosim.DefaultAccountSID + ")"},
		403: {rest.BasicAuth{Username: twiliosim.DefaultAPIKey, Password: twiliosim.DefaultAPISecret, Kind: "API key and secret"}, "API key and secret (" + twiliosim.DefaultAPIKey + ")"},
	} {
		w := newWorld(t, func(c *worldConfig) { c.Credentials = test.credentials })
		if status == http.StatusForbidden {
			w.sim.Inject(twiliosim.Fault{Status: http.StatusForbidden})
		}
		_, fetchErr := w.client.IPCommands.Fetch(t.Context(), "HG1")
		for _, err := range []error{fetchErr, errOf(w.send())} {
			wantText(t, err, fmt.Sprint("HTTP ", status), test.want, "The usual causes:")
			if err != nil && strings.Contains(err.Error(), secret) || !statusIs(err, status) {
				t.Errorf("%T: %v", err, err)
			}
		}
		w.wantRequests(1, 1)
		w.wantCommands(0)
	}
}

func FuzzReadError(f *testing.F) {
	for _, s := range []string{
		`{"code":20404,"message":"no","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`, `{"code":{"a":1}}`,
		``, `null`, `[]`, `{"code":"a\u0000b"}`, "<title>\u0130</title>", "<\xff", "\xff\xfe", `{"message":"` + strings.Repeat("x", 1000) + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := refusal(t, string(body))
		for _, s := range []string{e.Code, e.Message, e.MoreInfo, e.Error()} {
			// Quoting may make each of 500 characters ten: \U0001f600.
			if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || utf8.RuneCountInString(s) > 3*6000 {
				t.Errorf("%q", s)
			}
		}
	})
}
