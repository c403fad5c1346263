package twilio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// APIError is an answer of the API that is not a success.
type APIError struct {
	// Method, Host and Path are those of the request.
	Method, Host, Path string
	// StatusCode is the HTTP status; branch on this.
	StatusCode int
	// Code is Twilio's error code (https://www.twilio.com/docs/api/errors),
	// empty when the answer has none.
	Code string
	// Message and MoreInfo are Twilio's, cleaned of control characters.
	// Without a JSON body, Message is an excerpt of what came instead.
	Message, MoreInfo string
	// FromAPI tells that the answer has the API's own form, and is not that of
	// a gateway before it.
	FromAPI bool
	// Date is the server's clock, zero when the answer does not tell.
	Date time.Time
	// RetryAfter is how long the API asks to wait; zero when it does not say.
	RetryAfter time.Duration
	// Attempts is how often the request was made.
	Attempts int
	// Credentials describes the credentials that were used, without secrets,
	// and Advice says what commonly causes an answer 401 or 403 to them.
	Credentials, Advice string
}

// Error implements error.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s: %s", e.Method, e.Host, e.Path, statusText(e.StatusCode))
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " (error code %s)", e.Code)
	}
	if e.MoreInfo != "" {
		fmt.Fprintf(&b, ". More information: %s", e.MoreInfo)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, ". The request was made %d times", e.Attempts)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ". The API asks to wait for %s", e.RetryAfter)
	}
	if e.StatusCode/100 == 3 {
		b.WriteString(". Redirects are not followed, since they would carry the credentials elsewhere. Check the endpoint")
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		fmt.Fprintf(&b, ". The credentials were not accepted: %s. %s", e.Credentials, e.Advice)
	case http.StatusForbidden:
		fmt.Fprintf(&b, ". The credentials lack permission: %s. %s", e.Credentials, e.Advice)
	}
	return b.String()
}

// statusText returns a status as a person wants to see it.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, http.StatusText(status)))
}

// IsNotFound tells whether err is the API's own answer that it does not know
// what it was asked for. A page of a gateway with the status 404 is not.
func IsNotFound(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.StatusCode == http.StatusNotFound && api.FromAPI
}

// logText is an error for a log: without what the API, or a gateway before it,
// has written into an answer, which may repeat the payload.
func logText(err error) string {
	var api *APIError
	switch {
	case !errors.As(err, &api):
		return err.Error()
	case api.Code != "":
		return statusText(api.StatusCode) + ", error code " + api.Code
	}
	return statusText(api.StatusCode)
}

// TransportError is a request without an answer.
type TransportError struct {
	Method, Host, Path string
	// Wrote tells that at least a byte of the last attempt was written, so
	// that it may have been processed.
	Wrote bool
	// Attempts is how often the request was made.
	Attempts int
	Err      error
}

// Error implements error.
func (e *TransportError) Error() string {
	s := fmt.Sprintf("%s %s%s: %v", e.Method, e.Host, e.Path, e.Err)
	if e.Attempts > 1 {
		s += fmt.Sprintf(" (after %d attempts)", e.Attempts)
	}
	return s
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// UnreadableError is an answer with a status of success whose body could not
// be understood: truncated, empty, HTML, or not what the API describes.
type UnreadableError struct {
	Method, Path string
	StatusCode   int
	Err          error
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s %s: HTTP %d with an unreadable answer: %v", e.Method, e.Path, e.StatusCode, e.Err)
}

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// maxErrorBytes bounds what is read of an error's body.
const maxErrorBytes = 64 << 10

// readAPIError builds an APIError from an answer. It never fails: whatever
// the body is, the status remains.
func (c *Client) readAPIError(cl *call, resp *http.Response) *APIError {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes)) // A truncated body is still shown.
	secrets := c.secrets(cl)
	e := parseErrorBody([]byte(redact(string(body), secrets...)))
	e.Method, e.Host, e.Path = cl.method, cl.base.Host, cl.path
	e.StatusCode = resp.StatusCode
	e.Attempts = cl.attempts
	e.Credentials = c.credentials.Describe()
	if e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden {
		e.Advice = c.credentials.advice(e.StatusCode)
	}
	// Again, where the body had them in a form that only decoding shows.
	e.Code, e.Message, e.MoreInfo = redact(e.Code, secrets...), redact(e.Message, secrets...), redact(e.MoreInfo, secrets...)
	if d, ok := retryAfter(resp.Header, c.clock.Now()); ok {
		e.RetryAfter = d
	}
	if date, ok := serverDate(resp.Header); ok {
		e.Date = date
	}
	return e
}

// parseErrorBody reads Twilio's error body, or an excerpt of anything else.
func parseErrorBody(body []byte) *APIError {
	var fields struct {
		Code     any    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return &APIError{Message: excerpt(string(body))}
	}
	e := &APIError{Message: clean(fields.Message), MoreInfo: clean(fields.MoreInfo)}
	if fields.Code != nil {
		e.Code = clean(fmt.Sprint(fields.Code))
	}
	e.FromAPI = *e != (APIError{})
	if text := strings.TrimSpace(string(body)); *e == (APIError{}) && text != "{}" && text != "null" {
		e.Message = excerpt(text) // Somebody else's JSON.
	}
	return e
}
