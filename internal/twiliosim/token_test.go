package twiliosim_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// with returns a request for a token with a field set, or without it if the
// value is empty.
func with(field, value string) url.Values {
	form := credentials()
	form.Set(field, value)
	if value == "" {
		form.Del(field)
	}
	return form
}

const (
	invalidClient = `{"error":"invalid_client","error_description":"Invalid client or Invalid client credentials"}`
	noGrantType   = `{"code":400,"message":"Missing required parameter grant_type in the post body"}`
)

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, contentType string // the defaults are right
		form                url.Values
		basic               bool
		status              int
		body                string
	}{
		"right":            {form: credentials(), status: 200},
		"more than needed": {form: with("scope", "x"), status: 200},
		"wrong client":     {form: with("client_id", "x"), status: 401, body: invalidClient},
		"wrong secret":     {form: with("client_secret", "x"), status: 401, body: invalidClient},
		"no client":        {form: with("client_id", ""), status: 401, body: invalidClient},
		"no secret":        {form: with("client_secret", ""), status: 401, body: invalidClient},
		"in a header":      {form: url.Values{"grant_type": {"client_credentials"}}, basic: true, status: 401, body: invalidClient},
		"in both":          {form: credentials(), basic: true, status: 200},
		"no grant":         {form: with("grant_type", ""), status: 400, body: noGrantType},
		"wrong grant": {
			form: with("grant_type", "password"), status: 400,
			body: `{"code":400,"message":"Invalid value for parameter grant_type: must be client_credentials"}`,
		},
		"not a form": {form: credentials(), contentType: "application/json", status: 400, body: noGrantType},
		"a GET":      {method: http.MethodGet, status: 405, body: `{"code":405,"message":"Method not allowed"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newKORE(twiliosim.Config{})
			if tc.method == "" {
				tc.method = http.MethodPost
			}
			r := newRequest(t, tc.method, twiliosim.TokenPath, tc.form)
			r.Header.Del("Authorization")
			if tc.basic {
				r.SetBasicAuth(twiliosim.DefaultClientID, twiliosim.DefaultClientSecret)
			}
			if tc.contentType != "" {
				r.Header.Set("Content-Type", tc.contentType)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tc.status || tc.body != "" && w.Body.String() != tc.body {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if issued := len(s.Tokens()); (issued == 1) != (tc.status == 200) {
				t.Errorf("%d tokens issued", issued)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{})
	twin, _ := newKORE(twiliosim.Config{})
	if n := len(s.Tokens()); n != 0 {
		t.Errorf("%d tokens before the first", n)
	}
	form := regexp.MustCompile(`^eyJhbGciOiJSUzI1NiIs[\w-]+\.[\w-]+\.[\w-]{43}$`)
	var tokens []string
	for range 3 {
		w := ask(t, s, "", http.MethodPost, twiliosim.TokenPath, credentials())
		got := decode[token](t, w, http.StatusOK)
		if !form.MatchString(got.AccessToken) || slices.Contains(tokens, got.AccessToken) {
			t.Errorf("token %s after %v", got.AccessToken, tokens)
		}
		if got.ExpiresIn != 3600 || got.TokenType != "Bearer" || got.Scope == "" || !strings.Contains(w.Body.String(), `"expires_in":3600,`) {
			t.Errorf("got %s", w.Body)
		}
		if h := w.Header().Get("Cache-Control"); h != "no-store" {
			t.Errorf("Cache-Control: %s", h)
		}
		if again := newToken(t, twin); again != got.AccessToken {
			t.Errorf("not always the same: %s and %s", got.AccessToken, again)
		}
		tokens = append(tokens, got.AccessToken)
	}
	if got := s.Tokens(); !slices.Equal(got, tokens) {
		t.Errorf("issued %v, want %v", got, tokens)
	}
	requests := s.Requests()
	if len(requests) != 3 || requests[0].Path != twiliosim.TokenPath || requests[0].Status != 200 ||
		requests[0].Accepted || requests[0].Form.Get("client_secret") != twiliosim.DefaultClientSecret {
		t.Errorf("requests %+v", requests)
	}
}

func TestTokenLifetime(t *testing.T) {
	t.Parallel()
	s, clock := newKORE(twiliosim.Config{TokenLifetime: 90*time.Second + 500*time.Millisecond})
	w := ask(t, s, "", http.MethodPost, twiliosim.TokenPath, credentials())
	first := decode[token](t, w, http.StatusOK)
	if first.ExpiresIn != 90.5 {
		t.Errorf("expires in %v", first.ExpiresIn)
	}
	status := func(accessToken string) int {
		return ask(t, s, "Bearer "+accessToken, http.MethodGet, "/v1/IpCommands", nil).Code
	}
	clock.Advance(time.Minute)
	second := newToken(t, s)
	clock.Advance(30*time.Second + 500*time.Millisecond - 1)
	if got := status(first.AccessToken); got != 200 {
		t.Errorf("before it expires: %d", got)
	}
	clock.Advance(1)
	if got := status(first.AccessToken); got != 403 {
		t.Errorf("when it expires: %d", got)
	}
	if got := status(second); got != 200 {
		t.Errorf("a later token: %d", got)
	}
	s.RevokeTokens()
	if got := status(second); got != 403 {
		t.Errorf("revoked: %d", got)
	}
	if got := status(newToken(t, s)); got != 200 {
		t.Errorf("issued after that: %d", got)
	}
	if n := len(s.Tokens()); n != 3 {
		t.Errorf("%d tokens issued", n)
	}
}

func TestTokenOfOtherClient(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{ClientID: "me", ClientSecret: "p&ss word"})
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"me"}, "client_secret": {"p&ss word"}}
	if w := ask(t, s, "", http.MethodPost, twiliosim.TokenPath, form); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(t, s, "", http.MethodPost, twiliosim.TokenPath, credentials()); w.Code != 401 {
		t.Errorf("the default client: %d %s", w.Code, w.Body)
	}
}

func TestBearerAuthentication(t *testing.T) {
	t.Parallel()
	missing := map[string]string{
		"/v1/IpCommands": `{"message":"Authenticate","status":401}`,
		"/v1/Commands":   `{"code":20003,"message":"Authenticate","more_info":"https://docs.korewireless.com/errors/20003","status":401}`,
	}
	refused := map[string]string{
		"/v1/IpCommands": `{"message":"Forbidden","status":403}`,
		"/v1/Commands":   `{"code":20403,"message":"Forbidden","more_info":"https://docs.korewireless.com/errors/20403","status":403}`,
	}
	other := twiliosim.New(twiliosim.Config{
		Platform: twiliosim.KORE, Now: func() time.Time { return epoch.Add(1) },
	})
	for name, tc := range map[string]struct {
		authorization string // TOKEN stands for a live one
		status        int
		bodies        map[string]string
	}{
		"right":           {authorization: "Bearer TOKEN", status: 200},
		"lower case":      {authorization: "bearer TOKEN", status: 200},
		"none":            {status: 401, bodies: missing},
		"no token":        {authorization: "Bearer ", status: 401, bodies: missing},
		"no scheme":       {authorization: "TOKEN", status: 401, bodies: missing},
		"Basic":           {authorization: "Basic QUNhYTpz", status: 401, bodies: missing},
		"Basic and token": {authorization: "Basic TOKEN", status: 401, bodies: missing},
		"unknown":         {authorization: "Bearer x", status: 403, bodies: refused},
		"of another":      {authorization: "Bearer " + newToken(t, other), status: 403, bodies: refused},
		"cut":             {authorization: "Bearer TOKENx", status: 403, bodies: refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newKORE(twiliosim.Config{})
			authorization := strings.ReplaceAll(tc.authorization, "TOKEN", newToken(t, s))
			for _, path := range []string{"/v1/IpCommands", "/v1/Commands"} {
				w := ask(t, s, authorization, http.MethodGet, path, nil)
				if w.Code != tc.status || tc.bodies != nil && w.Body.String() != tc.bodies[path] {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
				if challenge := w.Header().Get("Www-Authenticate"); (challenge == "Bearer") != (tc.status == 401) {
					t.Errorf("%s: the challenge %q", path, challenge)
				}
			}
			w := ask(t, s, authorization, http.MethodPost, "/v1/IpCommands", message(s.AddSIM(twiliosim.SIM{}).SID, "x"))
			if created := len(s.IPCommands()); (w.Code == 201) != (tc.status == 200) || (created == 1) != (tc.status == 200) {
				t.Errorf("POST: %d, and %d commands", w.Code, created)
			}
		})
	}
}
