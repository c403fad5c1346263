package twilio

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestOAuth_expiredToken has KORE refuse the token with 403: it is renewed
// once, for all, and each message is accepted once.
func TestOAuth_expiredToken(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	w.noRetries() // Renewing is none.
	w.sends(1)
	w.sim.RevokeTokens() // However young.
	w.sends(20)
	w.wantTokens(2)
	if got := len(w.sim.IPCommands()); got != 21 {
		t.Errorf("%d commands, want 21", got)
	}
}

// TestOAuth_forbiddenForGood_R1 has KORE refuse whatever token: each request is
// made once more with a new one, but a fleet of them asks for no more than one
// in ten seconds.
func TestOAuth_forbiddenForGood_R1(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	w.sim.Inject(twiliosim.ServerError(http.StatusForbidden, 0).On("", ipCommandsPath))
	for _, step := range []struct {
		advance       time.Duration
		posts, tokens int
	}{{0, 2, 2}, {0, 3, 2}, {9 * time.Second, 4, 2}, {time.Second, 6, 3}} {
		w.clock.Advance(step.advance)
		err := errOf(w.client.send(t.Context(), w.message(), time.Time{}))
		wantText(t, err, "HTTP 403", "KORE client ID and secret from the test", "API client of KORE")
		if got := endingOf(t, &Message{}, err); got != isRefused {
			t.Errorf("%s: %v", got, err)
		}
		if got := w.sim.Count(http.MethodPost, ipCommandsPath); got != step.posts {
			t.Errorf("%d POSTs, want %d", got, step.posts)
		}
		w.wantTokens(step.tokens)
		// One GET for each POST: none of the refusals is believed otherwise.
		if got := w.gets(); got != step.posts {
			t.Errorf("%d GETs, want %d", got, step.posts)
		}
	}
	w.wantCommands(0)
}

// TestOAuth_slowRefusals_R1 has each refusal take longer than a refused token
// stands: a POST still has its token renewed once.
func TestOAuth_slowRefusals_R1(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	refused := twiliosim.ServerError(http.StatusForbidden, 0)
	refused.Delay = func() { w.clock.Advance(11 * time.Second) }
	w.sim.Inject(refused.On("", ipCommandsPath))
	err := errOf(w.send())
	if got := endingOf(t, &Message{}, err); got != isRefused {
		t.Errorf("%s: %v", got, err)
	}
	w.wantTokens(2)
	w.wantRequests(4, 2) // Two for tokens.
}

// TestOAuth_blockedResponse_R1 has something that inspects responses block that to a
// POST, in words that are the gateway's too. Only a GET with the same token that is
// refused as well makes it a refusal; whatever else becomes of the GET, the message is
// not sent again, but looked for. Neither a cancelled apply nor a deadline prevents the
// GET (rule R3), and both prevent another POST.
func TestOAuth_blockedResponse_R1(t *testing.T) {
	t.Parallel()
	blocked := twiliosim.Fault{Status: http.StatusForbidden, Body: []byte(`{"message":"Response blocked: viewer is not authorized"}`), Times: 1}
	inOwnForm := twiliosim.ServerError(http.StatusForbidden, 1)
	processed := blocked
	processed.Accept = true
	for _, test := range []struct {
		name  string
		posts []twiliosim.Fault
		probe []twiliosim.Fault
		// ends is whether the message is cancelled, or its time over, as its POST is
		// refused.
		ends string

		wantPosts, gets, tokens, commands int
		want                              ending
	}{
		{"another knows the token", []twiliosim.Fault{processed}, nil, "", 1, 2, 1, 1, isAdopted},
		{"the probe fails", []twiliosim.Fault{processed}, []twiliosim.Fault{twiliosim.ServerError(500, 1)}, "", 1, 2, 1, 1, isAdopted},
		{"the probe is blocked otherwise", []twiliosim.Fault{processed}, []twiliosim.Fault{{Status: 403, Body: []byte("<p>"), Times: 1}}, "", 1, 2, 1, 1, isAdopted},
		{"the probe is asked to come again", []twiliosim.Fault{processed}, []twiliosim.Fault{twiliosim.TooManyRequests("", 1)}, "", 1, 2, 1, 1, isAdopted},
		{"the probe is lost, which Go repeats", []twiliosim.Fault{processed}, []twiliosim.Fault{twiliosim.LostRequest(1)}, "", 1, 3, 1, 1, isAdopted},
		{"the probe gets no response", []twiliosim.Fault{processed}, []twiliosim.Fault{twiliosim.Stalled(false, 1)}, "", 1, 2, 1, 1, isAdopted},
		{"the probe finds something", []twiliosim.Fault{processed}, []twiliosim.Fault{{Status: 200, Body: []byte("{}"), Times: 1}}, "", 1, 2, 1, 1, isAdopted},
		{"not processed", []twiliosim.Fault{blocked}, nil, "", 1, 1 + len(looks), 1, 0, isUnknown},
		{"the probe is refused as well", []twiliosim.Fault{blocked}, []twiliosim.Fault{blocked}, "", 2, 1, 2, 1, isSent},
		{"after the renewal, processed", []twiliosim.Fault{blocked, processed}, []twiliosim.Fault{blocked}, "", 2, 3, 2, 1, isAdopted},
		{"after the renewal, refused", []twiliosim.Fault{blocked, blocked}, []twiliosim.Fault{blocked, blocked}, "", 2, 2, 2, 0, isRefused},
		{"after the renewal, in the API's own form", []twiliosim.Fault{blocked, inOwnForm}, []twiliosim.Fault{blocked}, "", 2, 2, 2, 0, isRefused},
		{"in the API's own form, for another reason than the token", []twiliosim.Fault{inOwnForm}, nil, "", 1, 1, 1, 0, isRefused},
		{"cancelled, and processed", []twiliosim.Fault{processed}, nil, "cancelled", 1, 2, 1, 1, isAdopted},
		{"cancelled, and refused", []twiliosim.Fault{blocked}, []twiliosim.Fault{blocked}, "cancelled", 1, 1, 1, 0, isRefused},
		{"late, and processed", []twiliosim.Fault{processed}, nil, "late", 1, 2, 1, 1, isAdopted},
		{"late, and refused", []twiliosim.Fault{blocked}, []twiliosim.Fault{blocked}, "late", 1, 1, 1, 0, isRefused},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				ctx, cancel := context.WithCancel(w.t.Context())
				defer cancel()
				var deadline time.Time
				for _, f := range test.posts {
					switch test.ends {
					case "cancelled":
						f.Then = cancel
					case "late":
						deadline = time.Now().Add(500 * time.Millisecond)
						f.Delay = func() { time.Sleep(time.Second) }
					}
					w.onPost(f)
				}
				for _, f := range test.probe {
					w.sim.Inject(f.On(http.MethodGet, ipCommandsPath+"/HG"))
				}
				sent, err := w.client.send(ctx, w.message(), deadline)
				if got := endingOf(w.t, sent, err); got != test.want {
					w.t.Errorf("%s, want %s: %v", got, test.want, err)
				}
				w.wantRequests(test.wantPosts+test.tokens, test.gets)
				w.wantTokens(test.tokens)
				w.wantCommands(test.commands)
			}, atKORE)
		})
	}
}

// TestOAuth_probe asks with the token of the POST, though there is a newer one,
// for a command that none is.
func TestOAuth_probe(t *testing.T) {
	t.Parallel()
	w := newKOREWorld(t)
	refused := twiliosim.ServerError(http.StatusForbidden, 1)
	refused.Then = func() {
		w.clock.Advance(time.Hour)
		if _, err := collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{})); err != nil {
			t.Error(err)
		}
	}
	w.onPost(refused)
	if sent, err := w.send(); endingOf(t, sent, err) != isSent {
		t.Error(err)
	}
	w.wantTokens(2)
	var story []string
	for _, r := range w.sim.Requests() {
		token := slices.Index(w.sim.Tokens(), strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		story = append(story, fmt.Sprint(r.Method, " ", r.Path, " ", token, " ", r.Status))
	}
	want := []string{"GET /v1/IpCommands/HG00000000000000000000000000000000 0 403", "POST /v1/IpCommands 1 201"}
	if got := story[max(0, len(story)-2):]; !slices.Equal(got, want) {
		t.Errorf("%q, want %q at the end", story, want)
	}
}
