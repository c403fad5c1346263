package rest

import (
	"testing"
	"time"
)

func TestAPIError_text(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		err  APIError
		want string
	}{
		{
			"all", APIError{StatusCode: 429, Code: "20429", Message: "Too many", MoreInfo: "https://x/20429", Attempts: 6, RetryAfter: 90 * time.Second},
			"HTTP 429 over the limit: Too many (error code 20429). More information: https://x/20429. The request was made 6 times. The API asks to wait for 1m30s",
		},
		{"only a status", APIError{StatusCode: 404, Attempts: 1}, "HTTP 404 Not Found"},
		{"a status without a name", APIError{StatusCode: 599, Message: "no"}, "HTTP 599: no"},
		{
			"a redirect", APIError{StatusCode: 307, Attempts: 1},
			"HTTP 307 Temporary Redirect. Redirects are not followed, since they would carry the credentials elsewhere. Check the endpoint",
		},
		{
			"wrong credentials", APIError{StatusCode: 401, FromAPI: true, Credentials: "API key and secret (SK1)", Advice: "Try others"},
			"HTTP 401 Unauthorized. The credentials were not accepted: API key and secret (SK1). Try others",
		},
		{
			"no permission", APIError{StatusCode: 403, FromAPI: true, Credentials: "API key and secret (SK1)", Advice: "Try others"},
			"HTTP 403 Forbidden. The credentials lack permission: API key and secret (SK1). Try others",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.err.Request = "GET supersim.twilio.com/v1/IpCommands"
			if got, want := test.err.Error(), "GET supersim.twilio.com/v1/IpCommands: "+test.want; got != want {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}
