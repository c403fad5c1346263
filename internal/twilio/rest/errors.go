package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// APIError is an answer of the API that is not a success.
type APIError struct {
	// Request is its method, host and path.
	Request string
	// StatusCode is the HTTP status; branch on this.
	StatusCode int
	// Code is Twilio's error code (https://www.twilio.com/docs/api/errors),
	// empty when the answer has none.
	Code string
	// Message and MoreInfo are Twilio's, as Clean leaves them. Of a body in
	// another form, Message says what it is.
	Message, MoreInfo string
	// FromAPI reports whether the answer has the form in which the API, or
	// KORE's gateway, refuses. Whatever else is on the way answers in another.
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
// processed anything. An answer in another form may come from something on the
// way, which cannot know what the API has done.
func (e *APIError) IsRefusal() bool {
	return e.FromAPI && e.StatusCode/100 == 4 && e.StatusCode != http.StatusRequestTimeout
}

// IsNotFound reports whether err is the API's own answer that it does not know
// what it was asked for: 404 with the code 20404. A gateway that does not know
// the path answers 404 too.
func IsNotFound(err error) bool {
	var api *APIError
	return errors.As(err, &api) && api.StatusCode == http.StatusNotFound && api.FromAPI && api.Code == "20404"
}

// LogText is an error for a log: without what the API, or a gateway before it,
// has written into an answer.
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

// TransportError is a request without an answer.
type TransportError struct {
	// Request is its method, host and path.
	Request string
	// Wrote reports whether a byte of the last attempt may have been written,
	// so that it may have been processed.
	Wrote bool
	// Attempts is how often the request was made.
	Attempts int
	Err      error
}

// Error implements error.
func (e *TransportError) Error() string {
	s := fmt.Sprintf("%s: %v", e.Request, e.Err)
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

// newAPIError builds an APIError from an answer. It never fails: whatever the
// body is, the status remains. Only what is in the API's own form is shown.
func (c *Client) newAPIError(r *Request, resp *http.Response, body []byte, secrets []string) *APIError {
	e := &APIError{Request: r.name(), StatusCode: resp.StatusCode, Credentials: c.Credentials.Describe()}
	e.FromAPI = c.ErrorForm.matches(resp.StatusCode, body) || c.tokens != nil && refusesToken(resp.StatusCode, body)
	e.read(body, secrets)
	if e.StatusCode == http.StatusUnauthorized || e.StatusCode == http.StatusForbidden {
		e.Advice = c.Credentials.advice(e.StatusCode)
	}
	if date, ok := ServerDate(resp.Header); ok {
		e.Date = date
	}
	return e
}

// errorBody is what the bodies of errors have in common. Anything may stand in
// the fields.
type errorBody struct {
	Code     any `json:"code"`
	Status   any `json:"status"`
	Message  any `json:"message"`
	MoreInfo any `json:"more_info"`
	// Timestamp is a field of Spring's errors, which are any gateway's.
	Timestamp any `json:"timestamp"`
	// Error is a field of a token endpoint's errors.
	Error string `json:"error"`
}

// parse reads an error body, and reports whether it is a JSON object.
func (b *errorBody) parse(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(b) == nil && d.Decode(new(any)) == io.EOF && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

// tells reports whether the body names this HTTP status.
func (b *errorBody) tells(status int) bool {
	number, isNumber := b.Status.(json.Number)
	return isNumber && number.String() == strconv.Itoa(status)
}

// read reads an error body. One that is not the API's is described, except that
// a token endpoint's has a code of OAuth.
func (e *APIError) read(body []byte, secrets []string) {
	var fields errorBody
	isObject := fields.parse(body)
	switch {
	case e.FromAPI:
		message, _ := fields.Message.(string)
		moreInfo, _ := fields.MoreInfo.(string)
		e.Message, e.MoreInfo = Clean(message, secrets), Clean(moreInfo, secrets)
		if fields.Code != nil {
			e.Code = fmt.Sprint(fields.Code)
		}
		if !isCode(fields.Code) { // One is shown whatever a payload is: what is done after an error depends on it.
			e.Code = Clean(e.Code, secrets)
		}
	case isObject && isOAuthCode.MatchString(fields.Error):
		e.Message = fields.Error
	case len(body) > 0:
		e.Message = "not the API's own response, but " + DescribeAnswer(body)
	}
}

// isOAuthCode has the codes of a token endpoint (RFC 6749, section 5.2).
var isOAuthCode = regexp.MustCompile(`^(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type)$`)

// ErrorForm is the form in which an API refuses.
type ErrorForm int

const (
	// CodeForm is Twilio's: a JSON object with a numeric code and a message.
	CodeForm ErrorForm = iota
	// StatusForm is KORE's: a JSON object with the HTTP status and a message.
	StatusForm
)

// isCode reports whether a value is one of Twilio's error codes, numbers of five
// digits (https://www.twilio.com/docs/api/errors). Gateways have codes too, but
// shorter or longer ones: gRPC's end at 16, others repeat the HTTP status, and
// WSO2's have six digits.
func isCode(value any) bool {
	number, isNumber := value.(json.Number)
	code, err := number.Int64()
	return isNumber && err == nil && code >= 10000 && code <= 99999
}

// matches reports whether an answer is in this form.
func (f ErrorForm) matches(status int, body []byte) bool {
	var fields errorBody
	if !fields.parse(body) {
		return false
	}
	if message, ok := fields.Message.(string); !ok || message == "" {
		return false
	}
	tellsStatus := fields.tells(status)
	if f == StatusForm {
		return tellsStatus && fields.Timestamp == nil
	}
	return isCode(fields.Code) && (tellsStatus || fields.Status == nil)
}

// aboutAuthorization is what the message of KORE's gateway is about when it
// refuses a token.
var aboutAuthorization = regexp.MustCompile(`(?i)authori[sz]|expired`)

// refusesToken reports whether an answer is the refusal of a token by KORE's
// gateway: a JSON object with a message about authorization. Its words are not
// documented; "Forbidden" alone is those of many a firewall, so that the object
// has to have the status as well.
func refusesToken(status int, body []byte) bool {
	var fields errorBody
	if status != http.StatusUnauthorized && status != http.StatusForbidden || !fields.parse(body) {
		return false
	}
	message, _ := fields.Message.(string)
	return aboutAuthorization.MatchString(message) || message == http.StatusText(http.StatusForbidden) && fields.tells(status)
}
