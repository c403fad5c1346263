package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// APIError is a response that is not a success.
type APIError struct {
	// Request is its method, host and path.
	Request string
	// StatusCode is the HTTP status; branch on this.
	StatusCode int
	// Code is the API's own error code, empty when the response has none.
	Code string
	// Message and MoreInfo are the API's, as Clean leaves them. Of a body in
	// another form, Message says what it is.
	Message, MoreInfo string
	// FromAPI reports whether the response has the API's own form (Dialect).
	// Whatever else is on the way responds in another.
	FromAPI bool
	// Date is the server's clock, zero when the response does not tell.
	Date time.Time
	// RetryAfter is how long the API asks to wait; zero when it does not say.
	RetryAfter time.Duration
	// Attempts is how often the request was made.
	Attempts int
	// Credentials describes the credentials that were used, without secrets,
	// and Advice says what commonly causes a 401 or 403.
	Credentials, Advice string
}

// Error implements error.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", e.Request, statusText(e.StatusCode))
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
	switch {
	case !e.FromAPI: // Somebody else, who knows nothing of the credentials.
	case e.StatusCode == http.StatusUnauthorized:
		fmt.Fprintf(&b, ". The credentials were not accepted: %s. %s", e.Credentials, e.Advice)
	case e.StatusCode == http.StatusForbidden:
		fmt.Fprintf(&b, ". The credentials lack permission: %s. %s", e.Credentials, e.Advice)
	}
	return b.String()
}

// statusText returns a status as a person wants to see it.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("HTTP %d %s", status, inOwnWords(http.StatusText(status))))
}

// IsRefusal reports whether the API itself refused the request before it
// processed anything. A response in another form may come from something on the
// way, which cannot know what the API has done.
func (e *APIError) IsRefusal() bool {
	return e.FromAPI && e.StatusCode/100 == 4 && e.StatusCode != http.StatusRequestTimeout
}

// LogText is an error for a log: without what the API, or a gateway before it,
// has written into a response.
func LogText(err error) string {
	var api *APIError
	switch {
	case !errors.As(err, &api):
		return err.Error()
	case api.Code != "":
		return statusText(api.StatusCode) + ", error code " + api.Code
	}
	return statusText(api.StatusCode)
}

// TransportError is a request without a response.
type TransportError struct {
	// Request is its method, host and path.
	Request string
	// Wrote reports whether a byte of the last attempt may have been written,
	// so that it may have been processed.
	Wrote bool
	// Attempts is how often the request was made.
	Attempts int
	// AddressFrom is where the address was set; empty where it is the platform's own.
	AddressFrom string
	Err         error
}

// Error implements error.
func (e *TransportError) Error() string {
	s := fmt.Sprintf("%s: %v", e.Request, e.Err)
	if e.Attempts > 1 {
		s += fmt.Sprintf(" (after %d attempts)", e.Attempts)
	}
	if e.AddressFrom != "" {
		s += ". The address is from " + e.AddressFrom
	}
	return s
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// UnreadableError is a response with a status of success whose body could not
// be understood: truncated, empty, HTML, or not what the API describes.
type UnreadableError struct {
	Method, Path string
	StatusCode   int
	Err          error
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s %s: HTTP %d with an unreadable response: %v", e.Method, e.Path, e.StatusCode, e.Err)
}

// Unwrap returns the cause.
func (e *UnreadableError) Unwrap() error { return e.Err }

// maxErrorBytes bounds what is read of an error's body.
const maxErrorBytes = 64 << 10

// newAPIError builds an APIError from a response. It never fails: whatever the
// body is, the status remains. Only what is in the API's own form is shown.
func (c *Client) newAPIError(r *Request, resp *http.Response, body []byte, secrets []string) *APIError {
	e := &APIError{Request: r.name(), StatusCode: resp.StatusCode, Credentials: c.Credentials.Describe()}
	var own ErrorBody
	own, e.FromAPI = c.Dialect.ReadError(resp.StatusCode, body)
	// That a POST's token was refused is still to be believed.
	e.FromAPI = e.FromAPI || r.isSafe() && c.refusesToken(r, resp.StatusCode, body)
	switch {
	case r.forToken:
		e.Message = tokenError(body)
	case e.FromAPI:
		e.Message, e.MoreInfo, e.Code = Clean(own.Message, secrets), Clean(own.MoreInfo, secrets), own.Code
		if !own.IsCode { // One is shown whatever a payload is: what is done after an error depends on it.
			e.Code = Clean(e.Code, secrets)
		}
	case len(body) > 0:
		e.Message = "not the API's own response, but " + DescribeBody(body)
	}
	if e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden {
		e.Advice = cmp.Or(c.Credentials.advice(e.StatusCode), c.Dialect.Advice(e.StatusCode))
	}
	if date, ok := ServerDate(resp.Header); ok {
		e.Date = date
	}
	return e
}

// Dialect is what a platform's responses look like.
type Dialect interface {
	// ReadError reads the body of a response that is an error. It reports whether
	// the body has the form in which the API itself refuses.
	ReadError(status int, body []byte) (own ErrorBody, isOwn bool)
	// RefusesToken reports whether a response looks like the refusal of a token.
	RefusesToken(status int, body []byte) bool
	// Advice says what commonly causes a response of 401 or 403 to credentials,
	// and for any other status what to check where a token is refused.
	Advice(status int) string
}

// ErrorBody is what the API's own error says.
type ErrorBody struct {
	Code string
	// IsCode reports whether Code is one that the API is known to give.
	IsCode            bool
	Message, MoreInfo string
}

// refusesToken reports whether a response looks like the refusal of the token
// with which a request was signed.
func (c *Client) refusesToken(r *Request, status int, body []byte) bool {
	return c.tokens != nil && !r.forToken && c.Dialect.RefusesToken(status, body)
}
