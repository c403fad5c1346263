package twiliosim_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestKOREFaultBodies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path   string
		status int
		want   string
	}{
		{twiliosim.TokenPath, 401, `{"error":"invalid_client","error_description":"Unauthorized"}`},
		{twiliosim.TokenPath, 429, `{"code":429,"message":"Too Many Requests"}`},
		{twiliosim.TokenPath, 500, `{"code":500,"message":"Internal Server Error"}`},
		{"/v1/IpCommands", 403, `{"message":"Forbidden","status":403}`},
		{"/v1/IpCommands/HG0", 503, `{"code":20503,"message":"Service Unavailable","more_info":"https://docs.korewireless.com/errors/20503","status":503}`},
		{"/v1/Commands", 403, `{"code":20403,"message":"Forbidden","more_info":"https://docs.korewireless.com/errors/20403","status":403}`},
	} {
		s, _ := newKORE(twiliosim.Config{})
		s.Inject(twiliosim.ServerError(tc.status, 0).On("", tc.path))
		w := ask(t, s, "", http.MethodPost, tc.path, nil)
		if w.Code != tc.status || w.Body.String() != tc.want {
			t.Errorf("%s: %d %s", tc.path, w.Code, w.Body)
		}
	}
}

// A fault on the token endpoint leaves the APIs alone, and says in the log of
// requests what became of it.
func TestFaultsOnTokenEndpoint(t *testing.T) {
	t.Parallel()
	on := func(f twiliosim.Fault) twiliosim.Fault { return f.On(http.MethodPost, twiliosim.TokenPath) }
	for name, tc := range map[string]struct {
		fault  twiliosim.Fault
		status int // 0: the client gets no response
		issued int
	}{
		"slow down":    {on(twiliosim.TooManyRequests("1", 0)), 429, 0},
		"bad gateway":  {on(twiliosim.HTMLBadGateway(0)), 502, 0},
		"lost request": {on(twiliosim.LostRequest(0)), 0, 0},
		"lost answer":  {on(twiliosim.LostResponse(0)), 0, 1},
		"truncated":    {on(twiliosim.Fault{TruncateBody: 5}), 200, 1},
		"other body":   {on(twiliosim.Fault{Body: []byte("{}")}), 200, 1},
		"elsewhere":    {twiliosim.ServerError(500, 0).On("", "/v1/"), 200, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newKORE(twiliosim.Config{})
			s.Inject(tc.fault)
			server := httptest.NewServer(s)
			defer server.Close()
			r := newRequest(t, http.MethodPost, server.URL+twiliosim.TokenPath, credentials())
			response, err := server.Client().Do(r)
			if (err != nil) != (tc.status == 0) || err == nil && response.StatusCode != tc.status {
				t.Errorf("got %v, %v", response, err)
			}
			if err == nil {
				response.Body.Close()
			}
			if n := len(s.Tokens()); n != tc.issued {
				t.Errorf("%d tokens issued", n)
			}
			if got := s.Requests(); len(got) != 1 || got[0].Path != twiliosim.TokenPath || got[0].Status != tc.status {
				t.Errorf("requests %+v", got)
			}
			if n := s.Count(http.MethodPost, twiliosim.TokenPath); n != 1 {
				t.Errorf("%d requests for a token", n)
			}
		})
	}
}

// A token endpoint that stalls lets go of a client that gives up.
func TestTokenEndpointStalls(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{})
	arrived := make(chan struct{})
	fault := twiliosim.Stalled(false, 0).On("", twiliosim.TokenPath)
	fault.Delay = func() { close(arrived) }
	s.Inject(fault)
	server := httptest.NewServer(s)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	r := newRequest(t, http.MethodPost, server.URL+twiliosim.TokenPath, credentials()).WithContext(ctx)
	response, err := server.Client().Do(r)
	if err == nil {
		response.Body.Close()
		t.Errorf("got %d", response.StatusCode)
	}
}

// Whatever is asked, and wherever a client puts its secrets, no line of the
// log has one.
func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	cfg := twiliosim.Config{
		ClientSecret: "p&ss word", AuthToken: "t0ken/", APISecret: "s3cret+", Platform: twiliosim.KORE,
		Now: func() time.Time { return epoch }, Log: func(line string) { log.WriteString(line + "\n") },
	}
	s := twiliosim.New(cfg)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {twiliosim.DefaultClientID}, "client_secret": {cfg.ClientSecret}}
	got := decode[token](t, ask(t, s, "", http.MethodPost, twiliosim.TokenPath+"?"+form.Encode(), form), http.StatusOK)
	secrets := []string{got.AccessToken, cfg.ClientSecret, cfg.AuthToken, cfg.APISecret}
	for _, secret := range secrets {
		for _, target := range []string{
			"/v1/IpCommands?Status=sent&token=" + url.QueryEscape(secret), "/v1/IpCommands?" + url.QueryEscape(secret),
			"/v1/Commands/" + url.PathEscape(secret), "/elsewhere?" + url.Values{secret: {secret}}.Encode(),
		} {
			ask(t, s, "Bearer "+got.AccessToken, http.MethodGet, target, nil)
		}
	}
	if n := strings.Count(log.String(), "\n"); n != 17 || !strings.HasPrefix(log.String(), "request POST "+twiliosim.TokenPath+" 200\n") ||
		!strings.Contains(log.String(), "request GET /v1/IpCommands?Status=sent&token=[secret] 200\n") {
		t.Errorf("%d lines:\n%s", n, &log)
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			if strings.Contains(log.String(), form) {
				t.Errorf("the log has %q:\n%s", form, &log)
			}
		}
	}
}
