package twiliosim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
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
// the response is a 401; a token that has expired, was revoked or was never
// issued gets a 403.
func (s *Simulator) checkBearer(r *http.Request, now time.Time) *apiError {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return errUnauthenticated()
	}
	if !now.Before(s.expires[token]) {
		return errStatus(http.StatusForbidden)
	}
	return nil
}

// equal compares secrets.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// TokenPath is where KORE issues tokens: on its own host,
// api.korewireless.com, and here on the same handler as everything else.
const TokenPath = "/api-services/v1/auth/token"

// Tokens returns every access token issued so far, the oldest first, whether
// it still works or not: also one whose response a fault kept from the client.
func (s *Simulator) Tokens() []string {
	s.lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens)
}

// RevokeTokens makes every access token issued so far stop working, as if it
// had expired.
func (s *Simulator) RevokeTokens() {
	s.lock()
	defer s.mu.Unlock()
	clear(s.expires)
}

// issueToken responds to POST /api-services/v1/auth/token. A client says who it is
// in the form: the description has fields for that and no other way, so a
// header with Basic credentials counts for nothing. Which of several mistakes
// is told is not described. The lock is held.
func (s *Simulator) issueToken(in *incoming, now time.Time) (response, *apiError) {
	if in.Method != http.MethodPost {
		return response{}, errMethod()
	}
	switch in.form.Get("grant_type") {
	case "client_credentials":
	case "":
		return response{}, errMissing("grant_type")
	default:
		return response{}, errInvalid("grant_type", "must be client_credentials")
	}
	if !equal(in.form.Get("client_id"), s.cfg.ClientID) || !equal(in.form.Get("client_secret"), s.cfg.ClientSecret) {
		return response{}, errClient()
	}
	a := jsonResponse(http.StatusOK, map[string]any{
		"access_token": s.newToken(now), "expires_in": s.cfg.TokenLifetime.Seconds(), "token_type": "Bearer", "scope": "email",
	})
	a.header = http.Header{"Cache-Control": {"no-store"}} // RFC 6749, section 5.1
	return a, nil
}

// newToken makes and remembers a token. It looks like KORE's, a JSON Web Token
// (without a real signature), and is always the same for the same calls in the
// same order by the same clock.
func (s *Simulator) newToken(now time.Time) string {
	expires := now.Add(s.cfg.TokenLifetime)
	id := sha256.Sum256(fmt.Appendf(nil, "token %d %s", len(s.tokens), s.started.Format(time.RFC3339Nano)))
	part := base64.RawURLEncoding.EncodeToString
	token := part([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + part(encode(map[string]any{
		"exp": expires.Unix(), "iat": now.Unix(), "jti": hex.EncodeToString(id[:16]), "azp": s.cfg.ClientID,
	}))
	signature := sha256.Sum256([]byte(token))
	token += "." + part(signature[:])
	s.tokens = append(s.tokens, token)
	s.expires[token] = expires
	return token
}
