package twiliosim_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestDefaultCredentials holds the defaults to what the vendor's clients want.
func TestDefaultCredentials(t *testing.T) {
	t.Parallel()
	for credential, want := range map[string]string{
		twiliosim.DefaultAccountSID:   `^AC[0-9a-f]{32}$`,
		twiliosim.DefaultAPIKey:       `^SK[0-9a-f]{32}$`,
		twiliosim.DefaultAuthToken:    `^[a-zA-Z0-9]{32}$`,
		twiliosim.DefaultAPISecret:    `^[a-zA-Z0-9]{32}$`,
		twiliosim.DefaultClientID:     `^[a-zA-Z0-9]+$`,
		twiliosim.DefaultClientSecret: `^[a-zA-Z0-9]+$`,
	} {
		if !regexp.MustCompile(want).MatchString(credential) {
			t.Errorf("%s is not like %s", credential, want)
		}
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	custom := twiliosim.Config{AccountSID: "AC1", AuthToken: "t1", APIKey: "SK1", APISecret: "s1"}
	for name, tc := range map[string]struct {
		cfg            twiliosim.Config
		user, password string
		ok             bool
	}{
		"account":                   {user: twiliosim.DefaultAccountSID, password: twiliosim.DefaultAuthToken, ok: true},
		"key":                       {user: twiliosim.DefaultAPIKey, password: twiliosim.DefaultAPISecret, ok: true},
		"custom account":            {cfg: custom, user: "AC1", password: "t1", ok: true},
		"custom key":                {cfg: custom, user: "SK1", password: "s1", ok: true},
		"defaults are then refused": {cfg: custom, user: twiliosim.DefaultAccountSID, password: twiliosim.DefaultAuthToken},
		"wrong token":               {user: twiliosim.DefaultAccountSID, password: "x"},
		"crossed":                   {user: twiliosim.DefaultAccountSID, password: twiliosim.DefaultAPISecret},
		"unknown user":              {user: "AC", password: twiliosim.DefaultAuthToken},
		"none":                      {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSim(tc.cfg)
			for _, path := range []string{"/v1/IpCommands", "/v1/Commands", "/v1/Sims", "/v1/IpCommands/HG0", "/nowhere"} {
				r := newRequest(t, http.MethodGet, path, nil)
				r.Header.Del("Authorization")
				if tc.user != "" {
					r.SetBasicAuth(tc.user, tc.password)
				}
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if tc.ok {
					if w.Code == http.StatusUnauthorized {
						t.Errorf("%s: refused", path)
					}
					continue
				}
				want := apiError{20003, "Authenticate", "https://www.twilio.com/docs/errors/20003", 401}
				if got := decode[apiError](t, w, http.StatusUnauthorized); got != want {
					t.Errorf("%s: %+v", path, got)
				}
			}
		})
	}
}

func TestTwilioHasNoTokens(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	decode[apiError](t, call(t, s, http.MethodPost, twiliosim.TokenPath, credentials()), http.StatusNotFound)
	kore, _ := newKORE(twiliosim.Config{})
	for _, authorization := range []string{"Bearer " + newToken(t, kore), "Bearer " + twiliosim.DefaultAuthToken} {
		decode[apiError](t, ask(t, s, authorization, http.MethodGet, "/v1/IpCommands", nil), http.StatusUnauthorized)
	}
	if n := len(s.Tokens()); n > 0 {
		t.Errorf("%d tokens issued", n)
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	ip := s.AddIPCommand(twiliosim.IPCommand{})
	legacy := s.AddCommand(twiliosim.Command{})
	for _, tc := range []struct {
		method, path string
		status, code int
	}{
		{http.MethodGet, "/", 404, 20404},
		{http.MethodGet, "/v1/Fleets", 404, 20404},
		{http.MethodGet, "/v1/Sims/" + ip.SID, 404, 20404},
		{http.MethodPost, "/v1/Sims", 405, 20004},
		{http.MethodGet, "/v1/IpCommands/", 404, 20404},
		{http.MethodGet, "/v1/IpCommands/HG00000000000000000000000000000000", 404, 20404},
		{http.MethodGet, "/v1/IpCommands/" + ip.SID + "/x", 404, 20404},
		{http.MethodGet, "/v1/IpCommands/" + legacy.SID, 404, 20404},
		{http.MethodGet, "/v1/Commands/" + ip.SID, 404, 20404},
		{http.MethodDelete, "/v1/IpCommands/" + ip.SID, 405, 20004},
		{http.MethodPost, "/v1/IpCommands/" + ip.SID, 405, 20004},
		{http.MethodPut, "/v1/IpCommands", 405, 20004},
		{http.MethodPost, "/v1/Commands", 405, 20004},
		{http.MethodDelete, "/v1/Commands/" + legacy.SID, 405, 20004},
	} {
		got := decode[apiError](t, call(t, s, tc.method, tc.path, nil), tc.status)
		if got.Code != tc.code || got.Status != tc.status {
			t.Errorf("%s %s: %+v", tc.method, tc.path, got)
		}
	}
	if n := len(s.IPCommands()); n != 1 {
		t.Errorf("%d commands", n)
	}
}
