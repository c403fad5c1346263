package twilio

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestPacer_deadline lets a request to the other API be refused for longer than a send
// has time: it must not be made late. One that has the time waits.
func TestPacer_deadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	w.onGet(twiliosim.TooManyRequests("90", 1))
	_, err := collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{}))
	wantText(t, err, "HTTP 429")
	_, err = w.client.send(t.Context(), w.message(), w.clock.Now().Add(time.Minute))
	wantText(t, err, "was not made", "429", "1m30s")
	if !errors.As(err, new(*NotSentError)) || w.clock.Now() != epoch {
		t.Errorf("after %s, %T: %v", w.clock.Now().Sub(epoch), err, err)
	}
	w.wantRequests(0, 1)
	if _, err = w.client.send(t.Context(), w.message(), w.clock.Now().Add(2*time.Minute)); err != nil {
		t.Error(err)
	}
	w.wantRequests(1, 1)
	if waited := w.clock.Now().Sub(epoch); waited != 90*time.Second {
		t.Errorf("waited for %s", waited)
	}
}

// TestPacer_deadlineInQueue has a message wait for its turn while a limit holds
// it back: it ends by its deadline there, too.
func TestPacer_deadlineInQueue(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onGet(twiliosim.TooManyRequests("", 1))
		w.onPost(twiliosim.Fault{Times: 1, Delay: func() {
			_, _ = w.client.IPCommands.Fetch(w.t.Context(), "HG1") // Refused: the limit is one.
			time.Sleep(20 * time.Second)
		}})
		w.noRetries()
		held := make(chan error, 1)
		go func() { held <- errOf(w.send()) }()
		time.Sleep(time.Second)
		deadline := time.Now().Add(5 * time.Second)
		err := errOf(w.client.send(w.t.Context(), w.message(), deadline))
		if got := endingOf(w.t, &Message{}, err); got != isNotSent || !time.Now().Equal(deadline) {
			w.t.Errorf("%s %s after the deadline: %v", got, time.Since(deadline), err)
		}
		if err := <-held; err != nil {
			w.t.Error(err)
		}
		w.wantRequests(1, 1)
	})
}

// TestPacer_cancelledLook cancels a send whose response is lost, while a limit
// holds requests back: the look for its outcome waits for its turn (rule R3).
func TestPacer_cancelledLook(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onGet(twiliosim.TooManyRequests("", 1))
		w.sim.Inject(twiliosim.Fault{Method: http.MethodGet, PathPrefix: "/v1/Commands", Times: 1, Delay: func() { time.Sleep(3 * time.Second) }})
		lost := twiliosim.LostResponse(0)
		lost.Delay = func() {
			// Another request is refused, so that a third waits for the POST.
			if _, err := w.client.IPCommands.Fetch(w.t.Context(), "HG1"); err == nil {
				w.t.Error("the request was not refused")
			}
			go func() {
				if _, err := collect(w.client.Commands.List(w.t.Context(), CommandFilter{}, rest.ListOptions{})); err != nil {
					w.t.Error(err)
				}
			}()
			time.Sleep(5 * time.Second)
		}
		w.onPost(lost)
		w.noRetries()
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		sent, err := w.client.send(ctx, w.message(), time.Time{})
		if got := endingOf(w.t, sent, err); got != isAdopted {
			w.t.Errorf("%s: %v", got, err)
		}
		if took := time.Since(began); took != 8*time.Second {
			w.t.Errorf("it took %s", took)
		}
		w.wantRequests(1, 3)
	})
}

// othersGetThrough has other requests get through, ten in a second, until the returned
// function is called.
func (w *world) othersGetThrough() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var reading sync.WaitGroup
	reading.Go(func() {
		for ctx.Err() == nil {
			_, _ = collect(w.client.Commands.List(ctx, CommandFilter{}, rest.ListOptions{}))
			time.Sleep(100 * time.Millisecond)
		}
	})
	time.Sleep(50 * time.Millisecond)
	return func() {
		cancel()
		reading.Wait()
	}
}

// TestPacer_refusedWhileOthersGetThrough has the API refuse one message for most of
// its minute, without saying for how long in a way that tells: while others get
// through, a refusal is no repetition, and alone it is.
func TestPacer_refusedWhileOthersGetThrough(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []string{"", "Fri, 01 Jan 1999 12:00:00 GMT", "1.5"} {
		for _, others := range []bool{true, false} {
			bubble(t, func(w *world) {
				began := time.Now()
				refused := twiliosim.TooManyRequests(retryAfter, 0)
				refused.Match = func(_, _ string, _, form url.Values) bool {
					return form.Get("Payload") == textPayload && time.Since(began) < 25*time.Second
				}
				w.onPost(refused)
				stop := func() {}
				if others {
					stop = w.othersGetThrough()
				}
				sent, err := w.client.send(w.t.Context(), w.message(), began.Add(time.Minute))
				stop()
				// The first counts, since nobody got through before it, so the waits are
				// half a second.
				want, posts := isSent, 51
				switch {
				case !others:
					want, posts = isNotSent, 1+DefaultMaxRetries
				case retryAfter == "1.5":
					posts = 16
				}
				if got := endingOf(w.t, sent, err); got != want || w.posts() < posts || w.posts() > posts+1 {
					w.t.Errorf("Retry-After %q, others %t: %s after %s and %d POSTs, want %s and %d: %v", retryAfter, others, got, time.Since(began), w.posts(), want, posts, err)
				}
			})
		}
	}
}

// TestPacer_refusedOnceOthersStop has a message refused while others get through, and
// then alone: from then on each refusal counts.
func TestPacer_refusedOnceOthersStop(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onPost(twiliosim.TooManyRequests("", 0))
		began := time.Now()
		time.AfterFunc(5*time.Second, w.othersGetThrough())
		err := errOf(w.client.send(w.t.Context(), w.message(), began.Add(time.Minute)))
		wantText(w.t, err, "HTTP 429")
		if took := time.Since(began); took < 8*time.Second || took > 20*time.Second {
			w.t.Errorf("it took %s", took)
		}
	})
}

// TestPacer_refusedForEver has a request without a deadline refused for ever, while
// others get through: it ends even so. One that must not be repeated is not.
func TestPacer_refusedForEver(t *testing.T) {
	t.Parallel()
	const patience = 2 * time.Minute // for how long a 429 does not count without a deadline
	for retries, most := range map[int]time.Duration{0: time.Second, DefaultMaxRetries: patience + 5*30*time.Second} {
		bubble(t, func(w *world) {
			w.client.IPCommands.MaxRetries = retries
			refused := twiliosim.TooManyRequests("", 0)
			refused.Delay = func() { time.Sleep(time.Second) } // While others get through.
			w.sim.Inject(refused.On(http.MethodGet, ipCommandsPath))
			stop := w.othersGetThrough()
			began := time.Now()
			_, err := w.client.IPCommands.Fetch(w.t.Context(), "HG1")
			took := time.Since(began)
			stop()
			wantText(w.t, err, "HTTP 429")
			if took > most || retries > 0 && took < patience || retries == 0 && w.sim.Count(http.MethodGet, ipCommandsPath) != 1 {
				w.t.Errorf("%d retries: it took %s, at most %s", retries, took, most)
			}
		})
	}
}

// TestPacer_refusedForLong has an API that refuses all reads of a plan, and asks to
// wait a little less than a read accepts.
func TestPacer_refusedForLong(t *testing.T) {
	t.Parallel()
	for _, after := range []string{"60", "110"} {
		bubble(t, func(w *world) {
			w.onGet(twiliosim.Fault{Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {after}}})
			began := time.Now()
			var all sync.WaitGroup
			slots := make(chan bool, 10)
			for range 30 {
				all.Go(func() {
					slots <- true
					defer func() { <-slots }()
					_, _ = w.client.IPCommands.Fetch(w.t.Context(), "HG"+strings.Repeat("1", 32))
				})
			}
			all.Wait()
			if d := time.Since(began); d > 30*time.Minute {
				w.t.Errorf("Retry-After %s: 30 reads, 10 at a time, took %s and %d GETs", after, d, w.gets())
			}
		})
	}
}
