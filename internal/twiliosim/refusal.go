package twiliosim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// apiError is a refusal, whatever form the API gives it; see refusal. The
// codes are those that Twilio's dictionary, https://www.twilio.com/docs/api/errors,
// has for the case, and KORE took them over. For requests that it refuses,
// Super SIM has none of its own (83400 and 83401 are of messages that fail), so
// it gets those of Programmable Wireless, 33101 to 33111.
type apiError struct {
	status  int // HTTP
	code    int // Twilio's
	message string
}

// errUnauthenticated refuses wrong or missing credentials.
func errUnauthenticated() *apiError {
	return &apiError{http.StatusUnauthorized, 20003, "Authenticate"}
}

// errClient refuses a client that the token endpoint does not know, in the
// words of KORE's description.
func errClient() *apiError {
	return &apiError{http.StatusUnauthorized, 20003, "Invalid client or Invalid client credentials"}
}

// errNotFound refuses a path that stands for nothing.
func errNotFound(path string) *apiError {
	return &apiError{http.StatusNotFound, 20404, fmt.Sprintf("The requested resource %s was not found", path)}
}

// errMethod refuses a method that the path does not have.
func errMethod() *apiError {
	return &apiError{http.StatusMethodNotAllowed, 20004, "Method not allowed"}
}

// errMissing refuses a POST without a parameter that it needs.
func errMissing(parameter string) *apiError {
	return &apiError{http.StatusBadRequest, 33102, fmt.Sprintf("Missing required parameter %s in the post body", parameter)}
}

// errInvalid refuses a parameter that is not as it must be.
func errInvalid(parameter, why string) *apiError {
	return &apiError{http.StatusBadRequest, 33101, fmt.Sprintf("Invalid value for parameter %s: %s", parameter, why)}
}

// errTooLong refuses a payload that is too large.
func errTooLong() *apiError {
	return &apiError{http.StatusBadRequest, 33111, fmt.Sprintf("Invalid value for parameter Payload: cannot exceed %d bytes", MaxPayload)}
}

// errUnknownSIM refuses a POST to a SIM that does not exist. That its HTTP
// status is 404 is not described, but is the harder case for a client, which
// must not take it for a command that is gone.
func errUnknownSIM(sidOrName string) *apiError {
	return &apiError{http.StatusNotFound, 33107, fmt.Sprintf("SIM %s was not found", sidOrName)}
}

// errInactiveSIM refuses a POST to a SIM that takes no commands.
func errInactiveSIM(sid string) *apiError {
	return &apiError{http.StatusBadRequest, 33104, fmt.Sprintf("SIM %s is neither active nor ready", sid)}
}

// errPaging refuses a page, or a size of one, that is not a number from least
// to most.
func errPaging(parameter string, least, most int) *apiError {
	return &apiError{http.StatusBadRequest, 33103, fmt.Sprintf("Invalid value for parameter %s: must be an integer from %d to %d", parameter, least, most)}
}

// errPageToken refuses a token that is none of the API's.
func errPageToken() *apiError {
	return &apiError{http.StatusBadRequest, 21481, "Invalid PageToken"}
}

// errPageSize refuses a page size above the maximum.
func errPageSize(maximum int) *apiError {
	return &apiError{http.StatusBadRequest, 20007, fmt.Sprintf("Page size too large, the maximum is %d", maximum)}
}

// errStatus refuses where only an HTTP status is known: a fault's, or that of
// a token that does not work. Twilio's general codes are 20000 and the status:
// 20403, 20429, 20500.
func errStatus(status int) *apiError {
	return &apiError{status, 20000 + status, cmp.Or(http.StatusText(status), "HTTP status "+strconv.Itoa(status))}
}

// response is an HTTP response that is not written yet.
type response struct {
	status int
	header http.Header // besides what every response has; a nil value suppresses
	body   []byte
}

// jsonResponse returns a response with a body in JSON.
func jsonResponse(status int, body any) response { return response{status: status, body: encode(body)} }

// encode encodes as the API does: without escaping for HTML.
func encode(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // there are only texts, numbers and what consists of them
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// errorBody is how both platforms describe an error. KORE gives the code and
// the URL under conditions only:
// https://docs.korewireless.com/developers/api-management/api-responses.
type errorBody struct {
	Code     int    `json:"code,omitempty"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info,omitempty"`
	Status   int    `json:"status"`
}

// refusal puts a refusal of a request with this path into the API's form.
func (s *Simulator) refusal(path string, e *apiError) response {
	kore := s.cfg.Platform == KORE
	if kore && path == TokenPath {
		return tokenRefusal(e)
	}
	body := errorBody{e.code, e.message, s.cfg.Platform.traits().errors + strconv.Itoa(e.code), e.status}
	if kore && ofGateway(path, e.status) {
		body.Code, body.MoreInfo = 0, ""
	}
	a := jsonResponse(e.status, body)
	if e.status == http.StatusUnauthorized {
		a.header = http.Header{"Www-Authenticate": {pick(kore, "Bearer", `Basic realm="Twilio API"`)}}
	}
	return a
}

// ofGateway reports whether a refusal by KORE has neither a code nor a URL. The
// description of Programmable Wireless requires a code in every error; that of
// Super SIM says nothing of errors, so its refusal of a token, the work of a
// gateway rather than of the API, is the harder case for a client.
func ofGateway(path string, status int) bool {
	return !strings.HasPrefix(path, commandsPath) &&
		(status == http.StatusUnauthorized || status == http.StatusForbidden)
}

// tokenRefusal puts a refusal by the token endpoint into the forms that its
// description has: that of OAuth 2.0 for a 401 only. Its codes are not
// described.
func tokenRefusal(e *apiError) response {
	if e.status == http.StatusUnauthorized {
		return jsonResponse(e.status, map[string]any{"error": "invalid_client", "error_description": e.message})
	}
	return jsonResponse(e.status, map[string]any{"code": e.status, "message": e.message})
}
