package twiliosim

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"time"
)

// authenticate returns what is wrong with a request's credentials, or nil. The
// lock is held.
func (s *Simulator) authenticate(r *http.Request, now time.Time) *apiError {
	if s.cfg.Platform == KORE {
		return s.checkBearer(r, now)
	}
	return s.checkBasic(r)
}

// checkBasic asks for credentials of the account: HTTP Basic with the account
// SID and auth token, or an API key and its secret.
func (s *Simulator) checkBasic(r *http.Request) *apiError {
	user, password, ok := r.BasicAuth()
	pairs := [...][2]string{{s.cfg.AccountSID, s.cfg.AuthToken}, {s.cfg.APIKey, s.cfg.APISecret}}
	for _, pair := range pairs {
		if ok && equal(user, pair[0]) && equal(password, pair[1]) {
			return nil
		}
	}
	return errUnauthenticated()
}

// checkBearer asks for a live token. Without one, Basic credentials included,
// the answer is a 401; a token that has expired, was revoked or was never
// issued gets a 403.
func (s *Simulator) checkBearer(r *http.Request, now time.Time) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return errUnauthenticated()
	}
	if !s.tokens.live(token, now) {
		return errForbidden()
	}
	return nil
}

// equal compares secrets.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
