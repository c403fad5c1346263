package twilio

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
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
		{name: "wrong types", body: `{"code":20404,"message":["no"]}`, message: foreign + "JSON of another form, 31 bytes"},
		{name: "truncated", body: `{"code":20404,"mess`, message: foreign + "text, 19 bytes"},
		{name: "text", body: "upstream\nconnect error", message: foreign + "text, 22 bytes"},
		{name: "not UTF-8", body: "caf\xe9", message: foreign + "text, 4 bytes"},
		{name: "html", body: "<html>\r\n<head><title>502 Bad\r\nGateway</title></head></html>", message: foreign + "an HTML page, 59 bytes"},
		{name: "html after a space", body: "\n <p>no</p>", message: foreign + "an HTML page, 11 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := refusal(t, test.body)
			if e.Code != test.code || e.Message != test.message || e.MoreInfo != test.moreInfo {
				t.Errorf("code %q, message %q, more info %q", e.Code, e.Message, e.MoreInfo)
			}
		})
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
		{Twilio, `{"code":7,"message":"no"}`, false},
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

func FuzzAPIError_read(f *testing.F) {
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
