package twilio

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// limitedAPI takes 50 ms for a request, and refuses at once those that are
// more than its limit in flight.
type limitedAPI struct {
	pacer             *pacer
	limit             atomic.Int64
	inFlight, refused atomic.Int64
	mu                sync.Mutex
	rand              *rand.Rand
}

func newLimitedAPI(limit int64) *limitedAPI {
	a := &limitedAPI{pacer: &pacer{clock: clock.System{}}, rand: rand.New(rand.NewPCG(1, 2))}
	a.limit.Store(limit)
	return a
}

// always is the pause of one that has all the time.
func always(time.Duration) error { return nil }

// send sends one request until it is not refused, as the client does.
func (a *limitedAPI) send(ctx context.Context) error {
	for attempt := 1; ; attempt++ {
		if err := a.pacer.admit(ctx, always); err != nil {
			return err
		}
		if a.inFlight.Add(1) <= a.limit.Load() {
			time.Sleep(50 * time.Millisecond)
			a.inFlight.Add(-1)
			a.pacer.done(true)
			return nil
		}
		a.inFlight.Add(-1)
		a.refused.Add(1)
		a.pacer.refused(0)
		a.mu.Lock()
		jitter := a.rand.Float64()
		a.mu.Unlock()
		time.Sleep(time.Duration(jitter * float64(backoffBase<<(attempt-1))))
	}
}

// all sends n requests from 100 goroutines and returns how long that took.
func (a *limitedAPI) all(t *testing.T, n int64) time.Duration {
	began := time.Now()
	var left atomic.Int64
	left.Store(n)
	var senders sync.WaitGroup
	for range 100 {
		senders.Go(func() {
			for left.Add(-1) >= 0 {
				if err := a.send(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	return time.Since(began)
}

// TestPacer_findsTheLimit sends a fleet's messages to an API that takes 25 at
// a time: next to no time is lost, and few requests are refused.
func TestPacer_findsTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(25)
		ideal := 1000 * 50 * time.Millisecond / 25
		if took := a.all(t, 1000); took > ideal*5/4 {
			t.Errorf("1,000 requests took %s, the ideal is %s", took, ideal)
		}
		if n := a.refused.Load(); n > 100 {
			t.Errorf("%d of 1,000 requests were refused", n)
		}
		if a.pacer.inFlight != 0 || len(a.pacer.waiting) != 0 {
			t.Errorf("%d in flight, %d waiting at the end", a.pacer.inFlight, len(a.pacer.waiting))
		}
	})
}

// TestPacer_speedComesBack has the API take more again.
func TestPacer_speedComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(2)
		a.all(t, 200)
		if a.pacer.limit < 1 || a.pacer.limit > 3 {
			t.Errorf("the limit is %d, the API's is 2", a.pacer.limit)
		}
		a.limit.Store(1000)
		// At the old limit these would take 50 s.
		if took := a.all(t, 2000); took > 3*time.Second {
			t.Errorf("2,000 requests took %s, and would have taken 1 s without a limit", took)
		}
	})
}

// TestPacer_freeUntilRefused lets everything through at once.
func TestPacer_freeUntilRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(1000)
		if took := a.all(t, 1000); took != 10*50*time.Millisecond {
			t.Errorf("took %s", took)
		}
	})
}

// TestPacer_cancelled has requests give up while they wait for their turn, and
// some in the moment in which it comes: no turn is lost.
func TestPacer_cancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(1)
		if err := errors.Join(a.pacer.admit(t.Context(), always), a.pacer.admit(t.Context(), always)); err != nil {
			t.Fatal(err)
		}
		a.pacer.refused(0) // One is in flight, and that is the limit.
		var waiting sync.WaitGroup
		for i := range 10 {
			waiting.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%2)*time.Second)
				defer cancel()
				if err := a.pacer.admit(ctx, always); err == nil {
					a.pacer.done(true)
				} else if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Second)
		a.pacer.done(true) // While half of them give up.
		waiting.Wait()
		if a.pacer.inFlight != 0 || len(a.pacer.waiting) != 0 {
			t.Errorf("%d in flight, %d waiting at the end", a.pacer.inFlight, len(a.pacer.waiting))
		}
	})
}

// TestPacer_late has a request's deadline pass while it waits for its turn.
func TestPacer_late(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(1)
		if err := errors.Join(a.pacer.admit(t.Context(), always), a.pacer.admit(t.Context(), always)); err != nil {
			t.Fatal(err)
		}
		a.pacer.refused(0)
		ended := make(chan error)
		go func() { ended <- a.pacer.admit(t.Context(), func(time.Duration) error { return errNoTime }) }()
		synctest.Wait()
		a.pacer.done(true)
		if err := <-ended; !errors.Is(err, errTooLate) {
			t.Error(err)
		}
		if a.pacer.inFlight != 0 {
			t.Errorf("%d in flight at the end", a.pacer.inFlight)
		}
	})
}

// TestPacer_cancelledLook cancels a send whose answer is lost, while a limit
// holds requests back: the look for its outcome waits for its turn (rule R3).
func TestPacer_cancelledLook(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		lost := twiliosim.LostAnswer(0)
		lost.Delay = func() {
			// Another request is refused, and a third waits for the POST.
			w.client.pacer.mu.Lock()
			w.client.pacer.inFlight++
			w.client.pacer.mu.Unlock()
			w.client.pacer.refused(0)
			go func() {
				if err := w.client.pacer.admit(w.t.Context(), always); err != nil {
					w.t.Error(err)
				}
				time.Sleep(3 * time.Second)
				w.client.pacer.done(true)
			}()
			time.Sleep(5 * time.Second)
		}
		w.onPost(lost)
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		sent, err := w.client.Send(ctx, w.message(), time.Time{})
		if got := endingOf(w.t, sent, err); got != isAdopted {
			w.t.Errorf("%s: %v", got, err)
		}
		if took := time.Since(began); took != 8*time.Second {
			w.t.Errorf("it took %s", took)
		}
		w.wantRequests(1, 1)
	})
}

// TestPacer_free lifts the limit once it is beyond what anybody uses.
func TestPacer_free(t *testing.T) {
	t.Parallel()
	p := &pacer{clock: clock.NewFake(epoch), limit: noLimit, step: 1, patience: 1, inFlight: noLimit, successes: noLimit - 1}
	p.done(true)
	if p.limit != 0 {
		t.Errorf("the limit is %d", p.limit)
	}
}

// TestPacer_cancelledInTurn cancels a request in the moment in which its turn
// comes, just before and just after: no turn is lost.
func TestPacer_cancelledInTurn(t *testing.T) {
	t.Parallel()
	for _, cancelledFirst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p := &pacer{clock: clock.System{}, limit: 1, inFlight: 1}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error)
			go func() { ended <- p.admit(ctx, always) }()
			synctest.Wait()
			p.mu.Lock() // The one that gives up can't say so before it is let through.
			if cancelledFirst {
				cancel()
			}
			p.inFlight--
			p.letThrough()
			p.mu.Unlock()
			cancel()
			err := <-ended
			if (err != nil) != cancelledFirst {
				t.Error(err)
			}
			if err == nil {
				p.done(false)
			}
			if p.inFlight != 0 || len(p.waiting) != 0 {
				t.Errorf("%d in flight, %d waiting at the end", p.inFlight, len(p.waiting))
			}
		})
	}
}

// TestPacer_allRequests lets one request be refused: others that begin
// meanwhile, to either API, wait with it.
func TestPacer_allRequests(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		seeded := w.twin(time.Time{})
		w.onGet(twiliosim.TooManyRequests("30", 1))
		began := time.Now()
		refused := make(chan error)
		go func() {
			_, err := w.client.FetchIPCommand(w.t.Context(), seeded.SID)
			refused <- err
		}()
		time.Sleep(time.Second)
		ends := make(chan time.Duration, 2)
		go func() {
			if _, err := w.client.Send(w.t.Context(), w.message(), time.Time{}); err != nil {
				w.t.Error(err)
			}
			ends <- time.Since(began)
		}()
		go func() {
			if _, err := collect(w.client.ListCommands(w.t.Context(), CommandFilter{}, ListOptions{})); err != nil {
				w.t.Error(err)
			}
			ends <- time.Since(began)
		}()
		for range 2 {
			// Retry-After and half of the jitter of half a second.
			if end := <-ends; end < 30*time.Second || end > 31*time.Second {
				w.t.Errorf("a request was made after %s", end)
			}
		}
		if err := <-refused; err != nil {
			w.t.Error(err)
		}
		w.wantRequests(1, 3)
	})
}

// TestPacer_deadline lets another request be refused for longer than a send
// has time: it must not be made late.
func TestPacer_deadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	w.onGet(twiliosim.TooManyRequests("90", 1))
	_, err := w.client.FetchIPCommand(t.Context(), "HG1")
	wantText(t, err, "HTTP 429")
	_, err = w.client.Send(t.Context(), w.message(), w.clock.Now().Add(time.Minute))
	wantText(t, err, "was not made", "429", "1m30.25s")
	if !errors.As(err, new(*NotSentError)) {
		t.Errorf("%T: %v", err, err)
	}
	w.wantRequests(0, 1)
	if w.clock.Now() != epoch {
		t.Errorf("waited for %s", w.clock.Now().Sub(epoch))
	}
	if _, err = w.client.Send(t.Context(), w.message(), w.clock.Now().Add(2*time.Minute)); err != nil {
		t.Error(err)
	}
	w.wantRequests(1, 1)
	if waited := w.clock.Now().Sub(epoch); waited != 90*time.Second+250*time.Millisecond {
		t.Errorf("waited for %s", waited)
	}
}

// TestPacer_bound keeps one unreasonable answer from stopping all for long.
func TestPacer_bound(t *testing.T) {
	t.Parallel()
	p := &pacer{clock: clock.NewFake(epoch)}
	p.refused(time.Hour)
	p.refused(time.Second) // Does not shorten the wait.
	if err := p.admit(t.Context(), func(d time.Duration) error { return p.clock.Sleep(t.Context(), d) }); err != nil {
		t.Fatal(err)
	}
	if waited := p.clock.Now().Sub(epoch); waited != maxWait {
		t.Errorf("waited for %s, want %s", waited, maxWait)
	}
}

// TestSend_fleet sends the messages of a fleet, as many at a time as
// -parallelism=100 does, to an API that takes fewer: hardly any is refused, no
// time is lost, and no connection is opened for nothing. Time passes only
// while everybody waits.
func TestSend_fleet(t *testing.T) {
	t.Parallel()
	const (
		messages, parallel = 1000, 100
		work, limit        = 50 * time.Millisecond, 25
	)
	synctest.Test(t, func(t *testing.T) {
		api := &benchtest.Busy{Work: work, Limit: limit}
		listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: api, ReadHeaderTimeout: time.Hour}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(listener) })
		defer serving.Wait()
		defer server.Close() //nolint:errcheck // It has nothing to say.
		network := &dials{dial: listener.dial}
		transport := pooledTransport().(*http.Transport)
		transport.DialContext = network.Dial
		defer transport.CloseIdleConnections()
		client := benchClient(t, memory, transport)

		began := time.Now()
		var next atomic.Int64
		var senders sync.WaitGroup
		for range parallel {
			senders.Go(func() {
				for i := next.Add(1); i <= messages; i = next.Add(1) {
					if _, err := client.Send(t.Context(), fleetMessage(i), time.Now().Add(time.Minute)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		senders.Wait()
		took := time.Since(began)

		if n := api.Accepted(); n != messages {
			t.Errorf("%d messages were accepted, of %d", n, messages)
		}
		if refused := api.Refused(); refused*10 > messages+refused {
			t.Errorf("%d requests were refused, of %d", refused, messages+refused)
		}
		if n := network.n(); n > parallel {
			t.Errorf("%d connections were opened for %d requests at a time", n, parallel)
		}
		if ideal := messages * work / limit; took > ideal*5/4 {
			t.Errorf("it took %s, and could have taken %s", took, ideal)
		}
	})
}

// TestPacer_turnDuringAWait gives a request its turn while the API asks to
// wait: it waits for that too.
func TestPacer_turnDuringAWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{clock: clock.System{}, limit: 1, inFlight: 1}
		began := time.Now()
		ended := make(chan error)
		go func() {
			ended <- p.admit(t.Context(), func(wait time.Duration) error {
				time.Sleep(wait)
				return nil
			})
		}()
		synctest.Wait()
		p.refused(time.Minute)
		if err := <-ended; err != nil || time.Since(began) != time.Minute {
			t.Errorf("admitted after %s: %v", time.Since(began), err)
		}
		p.done(true)
	})
}
