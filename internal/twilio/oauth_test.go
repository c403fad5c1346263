package twilio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
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
	lost := twiliosim.LostAnswer(1)
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

// TestOAuth_noToken lets the token endpoint fail: no message is sent, and the
// error tells no secret.
func TestOAuth_noToken(t *testing.T) {
	t.Parallel()
	const leaked = "eyJhbGciOi-leaked"
	token := func(fields string) twiliosim.Fault {
		return twiliosim.Fault{Status: 200, Body: []byte("{" + fields + "}")}
	}
	const html = "<html><title>Sorry</title>" + twiliosim.DefaultClientSecret + "</html>"
	for _, test := range []struct {
		name   string
		fault  twiliosim.Fault
		secret string
		// swapped has the client ID for the secret.
		swapped bool
		asked   int
		says    []string
	}{
		{name: "wrong secret", secret: "another-secret", asked: 1, says: []string{"HTTP 401 Unauthorized: invalid_client. Check the client ID"}},
		{name: "swapped halves", swapped: true, asked: 1, says: []string{"HTTP 401", "that they are not swapped"}},
		{name: "500 for ever", fault: twiliosim.ServerError(500, 0), asked: 6, says: []string{"HTTP 500", "token endpoint"}},
		{name: "HTML", fault: twiliosim.Fault{Status: 400, Body: []byte(html)}, asked: 1, says: []string{"HTTP 400 Bad Request. Check"}},
		{name: "a token in an error", fault: twiliosim.Fault{Status: 400, Body: []byte(`{"error":"invalid_scope","access_token":"` + leaked + `","error_description":"` + leaked + `"}`)}, asked: 1, says: []string{"HTTP 400 Bad Request: invalid_scope. Check"}},
		{name: "an error with 200", fault: token(`"error":"invalid_client","access_token":"` + leaked + `"`), asked: 1, says: []string{twiliosim.TokenPath, "HTTP 200 OK: invalid_client"}},
		{name: "another type of token", fault: token(`"token_type":"mac","access_token":"` + leaked + `"`), asked: 1, says: []string{twiliosim.TokenPath, "no access_token of the type bearer"}},
		{name: "no token", fault: token(`"token_type":"bearer"`), asked: 1, says: []string{"no access_token"}},
		{name: "a token that no header can carry", fault: token(`"access_token":"` + leaked + `\u0001"`), asked: 1, says: []string{"that a header can carry"}},
		{name: "a token of another kind of JSON", fault: twiliosim.Fault{Status: 200, Body: []byte(`{"access_token":{"` + leaked + `":1}}`)}, asked: 6, says: []string{"not the JSON"}},
		{name: "429 for ever", fault: twiliosim.TooManyRequests("1", 0), asked: 6, says: []string{"HTTP 429"}},
		{name: "a reset", fault: twiliosim.LostRequest(0), asked: 6, says: []string{"getting a token from", "the other side broke the connection off"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newKOREWorld(t, func(cfg *worldConfig) {
				if test.secret != "" {
					cfg.sim.ClientSecret = test.secret
				}
				if test.swapped {
					cfg.Credentials = rest.OAuth{ClientID: twiliosim.DefaultClientSecret, ClientSecret: twiliosim.DefaultClientID, Kind: "KORE client ID and secret"}
				}
			})
			if test.secret == "" && !test.swapped {
				w.sim.Inject(test.fault.On(http.MethodPost, twiliosim.TokenPath))
			}
			_, err := w.client.send(t.Context(), w.message(), time.Time{})
			wantText(t, err, test.says...)
			if !errors.As(err, new(*NotSentError)) {
				t.Errorf("%T: %v", err, err)
			}
			for _, s := range []string{twiliosim.DefaultClientSecret, twiliosim.DefaultClientID, leaked} {
				if strings.Contains(err.Error(), s) || strings.Contains(w.log.String(), s) {
					t.Errorf("%q is told: %v\n%s", s, err, w.log)
				}
			}
			w.wantTokens(test.asked)
			if got := w.sim.Count("", ipCommandsPath); got != 0 {
				t.Errorf("%d requests without a token", got)
			}
		})
	}
}

// TestOAuth_failureIsShared has the token endpoint down: the messages of a
// fleet wait for one sequence of attempts, not for one after another, and those
// that come just after share the failure too.
func TestOAuth_failureIsShared(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.sim.Inject(twiliosim.ServerError(503, 0).On(http.MethodPost, twiliosim.TokenPath))
		began := time.Now()
		messages := make([]MessageParams, 10)
		for i := range messages {
			messages[i] = w.message()
		}
		for range 2 {
			for _, r := range w.race(0, messages...) {
				if got := endingOf(w.t, r.sent, r.err); got != isNotSent {
					w.t.Errorf("%s: %v", got, r.err)
				}
				wantText(w.t, r.err, "HTTP 503", "token endpoint")
			}
			if took := time.Since(began); took != backoffs {
				w.t.Errorf("it took %s, want %s", took, backoffs)
			}
			w.wantTokens(1 + DefaultMaxRetries)
		}
		w.sim.ClearFaults()
		time.Sleep(10 * time.Second)
		if sent, err := w.send(); endingOf(w.t, sent, err) != isSent {
			w.t.Error(err)
		}
	}, atKORE)
}

// TestOAuth_failureForWantOfTime has a request give up on the token endpoint
// because its own time is over: that is no failure of others.
func TestOAuth_failureForWantOfTime(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	w.sim.Inject(twiliosim.TooManyRequests("5", 1).On(http.MethodPost, twiliosim.TokenPath))
	_, err := w.client.send(t.Context(), w.message(), w.clock.Now().Add(2*time.Second))
	if got := endingOf(t, &Message{}, err); got != isNotSent {
		t.Errorf("%s: %v", got, err)
	}
	if sent, err := w.send(); endingOf(t, sent, err) != isSent {
		t.Error(err)
	}
}

// TestOAuth_failureLeaves has no token for requests whose turn it is while a
// limit holds them back: none keeps its turn.
func TestOAuth_failureLeaves(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onGet(twiliosim.TooManyRequests("", 1))
		_, _ = w.client.IPCommands.Fetch(w.t.Context(), "HG1") // Refused: the limit is one.
		w.sim.RevokeTokens()
		w.sim.Inject(twiliosim.Fault{Status: 400, Times: 5}.On(http.MethodPost, twiliosim.TokenPath))
		for _, want := range []ending{isNotSent, isNotSent, isNotSent, isNotSent, isNotSent, isSent} {
			sent, err := w.client.send(w.t.Context(), w.message(), time.Now().Add(time.Minute))
			if got := endingOf(w.t, sent, err); got != want {
				w.t.Errorf("%s, want %s: %v", got, want, err)
			}
			time.Sleep(time.Minute)
		}
	}, atKORE)
}

// TestOAuth_deadlines has messages wait for a token that another one gets: each
// ends by its own deadline.
func TestOAuth_deadlines(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.sim.Inject(twiliosim.Stalled(false, 1).On(http.MethodPost, twiliosim.TokenPath))
		began := time.Now()
		var all sync.WaitGroup
		for i := range 5 {
			all.Go(func() {
				time.Sleep(time.Second) // After the one below.
				deadline := time.Now().Add(time.Duration(i+1) * time.Second)
				err := errOf(w.client.send(w.t.Context(), w.message(), deadline))
				if got := endingOf(w.t, &Message{}, err); got != isNotSent || !time.Now().Equal(deadline) {
					w.t.Errorf("%s after %s: %v", got, time.Since(began), err)
				}
			})
		}
		if _, err := w.client.send(w.t.Context(), w.message(), began.Add(time.Minute)); err != nil {
			w.t.Error(err)
		}
		all.Wait()
		w.wantTokens(2)
	}, atKORE)
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
