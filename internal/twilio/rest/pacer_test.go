package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
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
		ctx, cancel := a.pacer.clock.WithDeadline(t.Context(), time.Now().Add(time.Second))
		defer cancel()
		if err := a.pacer.admit(ctx, always); !errors.Is(err, errTooLate) {
			t.Error(err)
		}
		a.pacer.done(true)
		if a.pacer.inFlight != 0 {
			t.Errorf("%d in flight at the end", a.pacer.inFlight)
		}
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
