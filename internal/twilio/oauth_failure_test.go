package twilio

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

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
