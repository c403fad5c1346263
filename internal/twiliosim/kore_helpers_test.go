package twiliosim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// newKORE returns KORE's simulator under a fake clock.
func newKORE(cfg twiliosim.Config) (*twiliosim.Simulator, *clock.Fake) {
	cfg.Platform = twiliosim.KORE
	return newSim(cfg)
}

// token is a response of the token endpoint.
type token struct {
	AccessToken string  `json:"access_token"`
	ExpiresIn   float64 `json:"expires_in"`
	TokenType   string  `json:"token_type"`
	Scope       string  `json:"scope"`
}

// credentials returns a valid request for a token.
func credentials() url.Values {
	return url.Values{
		"grant_type": {"client_credentials"},
		"client_id":  {twiliosim.DefaultClientID}, "client_secret": {twiliosim.DefaultClientSecret},
	}
}

// ask asks a handler with this Authorization header, if any.
func ask(t testing.TB, h http.Handler, authorization, method, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := newRequest(t, method, target, form)
	r.Header.Del("Authorization")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// newToken gets an access token.
func newToken(t testing.TB, h http.Handler) string {
	t.Helper()
	return decode[token](t, ask(t, h, "", http.MethodPost, twiliosim.TokenPath, credentials()), http.StatusOK).AccessToken
}

// koreCall gets a token and asks with it.
func koreCall(t testing.TB, s *twiliosim.Simulator, method, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, s, "Bearer "+newToken(t, s), method, target, form)
}
