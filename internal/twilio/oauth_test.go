package twilio

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// atKORE has a world at KORE.
func atKORE(cfg *worldConfig) {
	cfg.sim.Platform, cfg.Platform = twiliosim.KORE, KORE
	cfg.Credentials = rest.OAuth{
		ClientID: twiliosim.DefaultClientID, ClientSecret: twiliosim.DefaultClientSecret, Kind: "KORE client ID and secret from the test",
	}
}

// newKOREWorld is a world at KORE.
func newKOREWorld(t *testing.T, changes ...func(*worldConfig)) *world {
	t.Helper()
	return newWorld(t, append([]func(*worldConfig){atKORE}, changes...)...)
}

// wantTokens checks how many tokens were asked for.
func (w *world) wantTokens(n int) {
	w.t.Helper()
	if got := w.sim.Count(http.MethodPost, twiliosim.TokenPath); got != n {
		w.t.Errorf("%d requests for a token, want %d", got, n)
	}
}

// TestOAuth_oneToken serves a whole process with one token.
func TestOAuth_oneToken(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	w.wantTokens(0)
	w.sends(50)
	w.wantTokens(1)
	for _, r := range w.sim.Requests() {
		if agent := r.Header.Get("User-Agent"); agent != "terraform-provider-twilio/test" {
			t.Errorf("%s has the User-Agent %q", r.Path, agent)
		}
	}
	w.wantCommands(50)
}

// TestOAuth_renewedBeforeItExpires moves the clock to the last minute of the
// token's hour: no request is refused.
func TestOAuth_renewedBeforeItExpires(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	for _, step := range []struct {
		advance time.Duration
		tokens  int
	}{{0, 1}, {58 * time.Minute, 1}, {time.Minute + time.Second, 2}, {58 * time.Minute, 2}} {
		w.clock.Advance(step.advance)
		w.sends(1)
		w.wantTokens(step.tokens)
	}
	for _, r := range w.sim.Requests() {
		if r.Status >= 400 {
			t.Errorf("%s %s got %d", r.Method, r.Path, r.Status)
		}
	}
}

// cancelledAsTokenExpires returns a context that is cancelled while the first
// POST is in flight, whose response is lost and during which the token expires.
func (w *world) cancelledAsTokenExpires() context.Context {
	ctx, cancel := context.WithCancel(w.t.Context())
	lost := twiliosim.LostResponse(1)
	lost.Then = func() {
		cancel()
		w.clock.Advance(time.Hour)
	}
	w.onPost(lost)
	return ctx
}

// TestOAuth_cancelled has a token expire while a POST is in flight that is
// cancelled and whose response is lost: the look for its outcome still gets a new
// token (rule R3), but a POST that has not begun does not.
func TestOAuth_cancelled(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	ctx := w.cancelledAsTokenExpires()
	sent, err := w.client.send(ctx, w.message(), time.Time{})
	if got := endingOf(t, sent, err); got != isAdopted {
		t.Errorf("%s: %v", got, err)
	}
	w.wantTokens(2)
	w.clock.Advance(time.Hour)
	if sent, err := w.client.send(ctx, w.message(), time.Time{}); endingOf(t, sent, err) != isNotSent {
		t.Error(err)
	}
	w.wantTokens(2)
	w.wantCommands(1)
}

// TestOAuth_cancelledAndRefused has the token endpoint fail once a send is
// cancelled: it is asked once, and not waited for.
func TestOAuth_cancelledAndRefused(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	refused := twiliosim.ServerError(503, 0)
	refused.Match = func(string, string, url.Values, url.Values) bool { return w.clock.Now().After(epoch) }
	w.sim.Inject(refused.On(http.MethodPost, twiliosim.TokenPath))
	err := errOf(w.client.send(w.cancelledAsTokenExpires(), w.message(), time.Time{}))
	wantUnknown(t, err)
	wantText(t, err, "looking for it failed", "HTTP 503")
	w.wantTokens(2)
	// An hour until the token expires.
	if waited := w.clock.Now().Sub(epoch); waited != time.Hour {
		t.Errorf("waited for %s", waited-time.Hour)
	}
}

// TestOAuth_cancelledAtLast has the token come as apply is cancelled: the message
// is not begun.
func TestOAuth_cancelledAtLast(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := newKOREWorld(t, func(cfg *worldConfig) {
		cfg.wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if err == nil {
					var body []byte
					body, err = io.ReadAll(resp.Body)
					_ = resp.Body.Close()
					resp.Body = io.NopCloser(bytes.NewReader(body))
				}
				cancel()
				return resp, err
			})
		}
	})
	sent, err := w.client.send(ctx, w.message(), time.Time{})
	if got := endingOf(t, sent, err); got != isNotSent {
		t.Errorf("%s: %v", got, err)
	}
	w.wantRequests(1, 0) // The one for a token.
}

// TestOAuth_tokenType takes a bearer token in whatever letter case, and one whose type
// is not told.
func TestOAuth_tokenType(t *testing.T) {
	t.Parallel()
	for _, tokenType := range []string{`,"token_type":"BEARER"`, `,"token_type":null`, ""} {
		w := newKOREWorld(t)
		w.sends(1)
		w.sim.Inject(twiliosim.Fault{Status: 200, Body: []byte(`{"access_token":"` + w.sim.Tokens()[0] + `"` + tokenType + `}`)}.On(http.MethodPost, twiliosim.TokenPath))
		w.clock.Advance(59*time.Minute + time.Second) // Its last minute.
		w.sends(1)
		w.wantTokens(2)
	}
}

// TestOAuth_echoed has KORE repeat what it was given: neither half of the
// credentials is told, since they may be swapped.
func TestOAuth_echoed(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	w.onGet(twiliosim.Fault{Status: 400, Body: []byte(`{"status":400,"message":"no such client ` + twiliosim.DefaultClientID + ` with ` + twiliosim.DefaultClientSecret + `"}`)})
	_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
	wantText(t, err, "no such client [redacted] with [redacted]")
}
