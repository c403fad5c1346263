package twiliosim

import (
	"crypto/subtle"
	"net/http"
)

// authenticated reports whether a request carries credentials of the account:
// HTTP Basic with the account SID and auth token, or an API key and its
// secret. Another platform with bearer tokens would differ here and nowhere
// else.
func (s *Simulator) authenticated(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	if !ok {
		return false
	}
	pairs := [...][2]string{{s.cfg.AccountSID, s.cfg.AuthToken}, {s.cfg.APIKey, s.cfg.APISecret}}
	for _, pair := range pairs {
		if equal(user, pair[0]) && equal(password, pair[1]) {
			return true
		}
	}
	return false
}

// equal compares secrets.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
