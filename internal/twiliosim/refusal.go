package twiliosim

import (
	"net/http"
	"strconv"
	"strings"
)

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
func (s *Simulator) refusal(path string, e *apiError) answer {
	if s.cfg.Platform == KORE && path == TokenPath {
		return tokenRefusal(e)
	}
	body := errorBody{e.code, e.message, s.cfg.Platform.traits().errors + strconv.Itoa(e.code), e.status}
	challenge := `Basic realm="Twilio API"`
	if s.cfg.Platform == KORE {
		challenge = "Bearer"
		if notInAPI(path, e.status) {
			body.Code, body.MoreInfo = 0, ""
		}
	}
	a := jsonAnswer(e.status, body)
	if e.status == http.StatusUnauthorized {
		a.header = http.Header{"Www-Authenticate": {challenge}}
	}
	return a
}

// notInAPI reports whether a refusal by KORE has neither a code nor a URL. The
// description of Programmable Wireless requires a code in every error; that of
// Super SIM says nothing of errors, so its refusal of a token, the work of a
// gateway rather than of the API, is the harder case for a client.
func notInAPI(path string, status int) bool {
	return strings.HasPrefix(path, ipCommandsPath) &&
		(status == http.StatusUnauthorized || status == http.StatusForbidden)
}

// tokenRefusal puts a refusal by the token endpoint into the forms that its
// description has: that of OAuth 2.0 for a 401 only. Its codes are not
// described.
func tokenRefusal(e *apiError) answer {
	if e.status == http.StatusUnauthorized {
		return jsonAnswer(e.status, map[string]any{"error": "invalid_client", "error_description": e.message})
	}
	return jsonAnswer(e.status, map[string]any{"code": e.status, "message": e.message})
}
