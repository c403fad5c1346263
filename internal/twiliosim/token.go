package twiliosim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// TokenPath is where KORE issues tokens: on its own host,
// api.korewireless.com, and here on the same handler as everything else.
const TokenPath = "/api-services/v1/auth/token"

// issuedTokens is the tokens that a simulator has issued.
type issuedTokens struct {
	all     []string             // in the order of their issue
	expires map[string]time.Time // of those that were not revoked
}

// live reports whether a token is good at this time.
func (t *issuedTokens) live(token string, now time.Time) bool {
	expires, ok := t.expires[token]
	return ok && now.Before(expires)
}

// Tokens returns every access token issued so far, the oldest first, whether
// it still works or not: also one whose answer a fault kept from the client.
func (s *Simulator) Tokens() []string {
	s.lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens.all)
}

// RevokeTokens makes every access token issued so far stop working, as if it
// had expired.
func (s *Simulator) RevokeTokens() {
	s.lock()
	defer s.mu.Unlock()
	s.tokens.expires = nil
}

// tokenBody is an access token as KORE gives it.
type tokenBody struct {
	AccessToken string  `json:"access_token"`
	ExpiresIn   float64 `json:"expires_in"` // described as a number, not an integer
	TokenType   string  `json:"token_type"`
	Scope       string  `json:"scope"`
}

// issueToken answers POST /api-services/v1/auth/token. A client says who it is
// in the form: the description has fields for that and no other way, so a
// header with Basic credentials counts for nothing. Which of several mistakes
// is answered is not described. The lock is held.
func (s *Simulator) issueToken(form url.Values, now time.Time) (answer, *apiError) {
	switch grant := form.Get("grant_type"); grant {
	case "":
		return answer{}, errMissing("grant_type")
	case "client_credentials":
	default:
		return answer{}, errInvalid("grant_type", "must be client_credentials")
	}
	if !equal(form.Get("client_id"), s.cfg.ClientID) || !equal(form.Get("client_secret"), s.cfg.ClientSecret) {
		return answer{}, errClient()
	}
	token := s.newToken(now)
	a := jsonAnswer(http.StatusOK, tokenBody{
		AccessToken: token, ExpiresIn: s.cfg.TokenLifetime.Seconds(), TokenType: "Bearer", Scope: "email",
	})
	a.header = http.Header{"Cache-Control": {"no-store"}} // RFC 6749, section 5.1
	return a, nil
}

// newToken makes and remembers a token. It looks like KORE's, a JSON Web Token
// (without a real signature), and is always the same for the same calls in the
// same order by the same clock.
func (s *Simulator) newToken(now time.Time) string {
	expires := now.Add(s.cfg.TokenLifetime)
	id := sha256.Sum256(fmt.Appendf(nil, "token %d %s", len(s.tokens.all), s.started.Format(time.RFC3339Nano)))
	claims, err := json.Marshal(map[string]any{
		"exp": expires.Unix(), "iat": now.Unix(), "jti": hex.EncodeToString(id[:16]), "azp": s.cfg.ClientID,
	})
	if err != nil {
		panic(err) // strings and integers always encode
	}
	encode := base64.RawURLEncoding.EncodeToString
	token := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims)
	signature := sha256.Sum256([]byte(token))
	token += "." + encode(signature[:])
	s.tokens.all = append(s.tokens.all, token)
	if s.tokens.expires == nil {
		s.tokens.expires = map[string]time.Time{}
	}
	s.tokens.expires[token] = expires
	return token
}
