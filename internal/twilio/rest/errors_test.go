package rest

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func TestAPIError_read(t *testing.T) {
	t.Parallel()
	const foreign = "not the API's own response, but "
	long := strings.Repeat("ü", 600)
	for _, test := range []struct {
		name, body              string
		code, message, moreInfo string
	}{
		{
			name: "the API's",
			body: `{"code":20404,"message":"The requested resource was not found","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`,
			code: "20404", message: "The requested resource was not found", moreInfo: "https://www.twilio.com/docs/errors/20404",
		},
		{name: "a code that is the payload", body: `{"code":30001,"message":"30001 x"}`, code: "30001", message: "[redacted] x"},
		{name: "control characters", body: `{"code":20404,"message":"a\u001b[31m\u0007\n\tb"}`, code: "20404", message: "a [31m b"},
		{name: "more than a terminal wants", body: `{"code":20404,"message":"` + long + `"}`, code: "20404", message: long[:1000] + "…"},
		// What is not in the API's own form is not shown.
		{name: "string code", body: `{"code":"20404","message":"no"}`, message: foreign + "JSON of another form, 31 bytes"},
		{name: "null code", body: `{"code":null,"message":"no"}`, message: foreign + "JSON of another form, 28 bytes"},
		{name: "large code", body: `{"code":12345678901234567890,"message":"no"}`, message: foreign + "JSON of another form, 44 bytes"},
		{name: "only a message", body: `{"message":"no"}`, message: foreign + "JSON of another form, 16 bytes"},
		{name: "empty"},
		{name: "blank", body: " \r\n", message: foreign + "text, 3 bytes"},
		{name: "empty object", body: `{}`, message: foreign + "JSON of another form, 2 bytes"},
		{name: "another API's error", body: `{"error":"no"}`, message: foreign + "JSON of another form, 14 bytes"},
		{name: "a token endpoint's error", body: `{"error":"invalid_client","error_description":"30001"}`, message: "invalid_client"},
		{name: "wrong types", body: `{"code":20404,"message":["no"]}`, message: foreign + "JSON of another form, 31 bytes"},
		{name: "truncated", body: `{"code":20404,"mess`, message: foreign + "text, 19 bytes"},
		{name: "text", body: "upstream\nconnect error", message: foreign + "text, 22 bytes"},
		{name: "not UTF-8", body: "caf\xe9", message: foreign + "text, 4 bytes"},
		{name: "html", body: "<html>\r\n<head><title>502 Bad\r\nGateway</title></head></html>", message: foreign + "an HTML page, 59 bytes"},
		{name: "html after a space", body: "\n <p>no</p>", message: foreign + "an HTML page, 11 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := APIError{FromAPI: CodeForm.matches(http.StatusNotFound, []byte(test.body))}
			e.read([]byte(test.body), []string{"30001"})
			if e.Code != test.code || e.Message != test.message || e.MoreInfo != test.moreInfo {
				t.Errorf("code %q, message %q, more info %q", e.Code, e.Message, e.MoreInfo)
			}
		})
	}
}

// TestErrorForm_foreign has answers that look like the API's own, and are those
// of a gateway: nothing definite follows from them.
func TestErrorForm_foreign(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		form ErrorForm
		body string
		want bool
	}{
		{CodeForm, `{"code":20403,"message":"no","status":403}`, true},
		{CodeForm, `{"code":20403,"message":"no"}`, true},
		{CodeForm, `{"code":20403,"message":"no","status":404}`, false},
		{CodeForm, `{"code":"20403","message":"no"}`, false},
		{CodeForm, `{"code":7,"message":"no"}`, false},
		{CodeForm, `{"code":403,"message":"no"}`, false},
		{CodeForm, `{"code":900901,"message":"Invalid Credentials"}`, false},
		{CodeForm, `{"status":403,"message":"no"}`, false},
		{StatusForm, `{"status":403,"message":"no"}`, true},
		{StatusForm, `{"status":"403","message":"no"}`, false},
		{StatusForm, `{"status":403,"error":"Forbidden"}`, false},
		{StatusForm, `{"timestamp":"2026-03-01T12:00:00Z","status":403,"error":"Forbidden","message":"Forbidden","path":"/"}`, false},
	} {
		if got := test.form.matches(403, []byte(test.body)); got != test.want {
			t.Errorf("%d %s: %t", test.form, test.body, got)
		}
	}
}

func FuzzAPIError_read(f *testing.F) {
	for _, s := range []string{
		`{"code":20404,"message":"no","more_info":"https://www.twilio.com/docs/errors/20404","status":404}`, `{"code":{"a":1}}`,
		``, `null`, `[]`, `{"code":"a\u0000b"}`, "<title>\u0130</title>", "<\xff", "\xff\xfe", `{"message":"` + strings.Repeat("x", 1000) + `"}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e := APIError{FromAPI: CodeForm.matches(http.StatusNotFound, body)}
		e.read(body, nil)
		for _, s := range []string{e.Code, e.Message, e.MoreInfo, e.Error()} {
			// Quoting may make each of 500 characters ten: \U0001f600.
			if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || utf8.RuneCountInString(s) > 3*6000 {
				t.Errorf("%q", s)
			}
		}
	})
}

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
