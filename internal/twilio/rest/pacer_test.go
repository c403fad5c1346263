package rest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// TestPacer_findsTheLimit sends a fleet's messages to an API that takes some at
// a time, and asks those that it refuses to wait: next to no time is lost beside
// one such wait, and few requests are refused.
func TestPacer_findsTheLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{2, 10, 25} {
		for _, n := range []int64{200, 1000} {
			for _, retryAfter := range []time.Duration{0, time.Second, 3 * time.Second, 30 * time.Second} {
				ideal := time.Duration(n)*50*time.Millisecond/time.Duration(limit) + retryAfter
				if ideal < time.Second {
					continue // One backoff would be most of it.
				}
				var times []time.Duration
				for seed := range uint64(5) {
					synctest.Test(t, func(t *testing.T) {
						a := newLimitedAPI(limit)
						a.retryAfter = retryAfter
						p := a.newProcess(seed)
						times = append(times, p.all(t, n))
						if refused := p.refused.Load(); p.lost.Load() > 0 || refused*10 > n+refused {
							t.Errorf("%d, %d at a time, %s: %d lost, %d refused", n, limit, retryAfter, p.lost.Load(), refused)
						}
					})
				}
				slices.Sort(times)
				if times[2] > ideal*5/4 {
					t.Errorf("%d requests, %d at a time, %s: took %s, the ideal is %s", n, limit, retryAfter, times[2], ideal)
				}
			}
		}
	}
}

// TestPacer_rate has an API that takes five requests in each second, and does not
// say how long to wait: even one at a time can be too many. Chance decides how long
// it takes, so that the middle one of five tells.
func TestPacer_rate(t *testing.T) {
	t.Parallel()
	var times []time.Duration
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			a := newLimitedAPI(1000)
			a.perSecond = 5
			p := a.newProcess(seed)
			times = append(times, p.all(t, 300))
			if p.lost.Load() > 0 || p.refused.Load() > 300 {
				t.Errorf("of 300 requests %d were refused, %d lost", p.refused.Load(), p.lost.Load())
			}
		})
	}
	slices.Sort(times)
	if times[2] > 90*time.Second {
		t.Errorf("300 requests took %s", times)
	}
}

// TestPacer_sharedLimit has two processes share a limit, of which one comes
// later: neither loses a message, nor has to wait for the end of the other.
func TestPacer_sharedLimit(t *testing.T) {
	t.Parallel()
	for _, retryAfter := range []time.Duration{0, time.Second, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			a := newLimitedAPI(10)
			a.retryAfter = retryAfter
			first, second := a.newProcess(1), a.newProcess(2)
			var both sync.WaitGroup
			both.Go(func() {
				first.all(t, 1000)
				if got := second.accepted.Load(); got < 50 {
					t.Errorf("%s: %d requests of the second were accepted beside 1,000 of the first", retryAfter, got)
				}
			})
			both.Go(func() {
				time.Sleep(100 * time.Millisecond)
				second.all(t, 1000)
			})
			both.Wait()
			if first.lost.Load()+second.lost.Load() > 0 {
				t.Errorf("%s: %d and %d lost", retryAfter, first.lost.Load(), second.lost.Load())
			}
		})
	}
}

// TestPacer_speedComesBack has the API take more again.
func TestPacer_speedComesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newLimitedAPI(2)
		p := a.newProcess(1)
		p.all(t, 200)
		if p.pacer.limit < 1 || p.pacer.limit > 3 {
			t.Errorf("the limit is %d, the API's is 2", p.pacer.limit)
		}
		a.limit.Store(1000)
		// At the old limit these would take 50 s.
		if took := p.all(t, 2000); took > 5*time.Second {
			t.Errorf("2,000 requests took %s, and would have taken 1 s without a limit", took)
		}
	})
}

// TestPacer_freeUntilRefused is at its speed after a few round trips, and lets
// as many through at once as Terraform asks for by itself.
func TestPacer_freeUntilRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newLimitedAPI(1000).newProcess(1)
		if took := p.all(t, 1000); took > (10+3)*57*time.Millisecond {
			t.Errorf("took %s", took)
		}
		q := newPacer(clock.System{})
		for range 10 {
			if err := q.admit(t.Context(), func(time.Duration) error { return errors.New("held back") }); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestPacer_late has a request's deadline pass while it waits for its turn.
func TestPacer_late(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{clock: clock.System{}, limit: 1, inFlight: 1}
		ctx, cancel := p.clock.WithDeadline(t.Context(), time.Now().Add(time.Second))
		defer cancel()
		if err := p.admit(ctx, always); !errors.Is(err, errTooLate) {
			t.Error(err)
		}
		p.done(true)
		p.wantIdle(t)
	})
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
			ended := make(chan error, 1)
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
			p.wantIdle(t)
		})
	}
}

// TestPacer_cancelledAsTheAPIAsks cancels a request in the moment in which it is
// told to wait: whichever it sees first, it has no turn to give back.
func TestPacer_cancelledAsTheAPIAsks(t *testing.T) {
	t.Parallel()
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			p := &pacer{clock: clock.System{}, limit: 1, inFlight: 1}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- p.admit(ctx, always) }()
			synctest.Wait()
			p.mu.Lock() // The one that gives up can't say so before it is told.
			cancel()
			p.notBefore = time.Now().Add(time.Minute)
			p.letThrough()
			p.inFlight--
			p.mu.Unlock()
			if <-ended == nil {
				p.done(false)
			}
			p.wantIdle(t)
		})
	}
}

// TestPacer_asAsked remembers what the API asks to wait as it was asked, however
// long it is: a later request that has less time is told so at once.
func TestPacer_asAsked(t *testing.T) {
	t.Parallel()
	for _, asked := range []time.Duration{time.Hour, maxRetryAfter} {
		p := newPacer(clock.NewFake(epoch))
		p.refused(asked, 0)
		p.refused(time.Second, 0) // Does not shorten the wait.
		var waits []time.Duration
		for range 2 {
			if err := p.admit(t.Context(), func(d time.Duration) error { waits = append(waits, d); return errors.New("no time") }); err == nil {
				t.Error("admitted")
			}
		}
		if !slices.Equal(waits, []time.Duration{asked, asked}) {
			t.Errorf("asked to wait for %s, want %s twice", waits, asked)
		}
		if p.raiseAt.Before(p.notBefore) {
			t.Errorf("%s: the limit is raised at %s, before the wait ends", asked, p.raiseAt)
		}
	}
}

// TestPacer_queuedEndAtOnce has requests wait for others to end, of which one is
// refused for longer than they have time: they do not wait for the others, which
// take a minute.
func TestPacer_queuedEndAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{clock: clock.System{}, limit: 2, inFlight: 2}
		began := time.Now()
		var queued sync.WaitGroup
		for range 10 {
			queued.Go(func() {
				err := p.admit(t.Context(), func(wait time.Duration) error { return errors.New(wait.String()) })
				if err == nil || err.Error() != "1h0m0s" || time.Since(began) != time.Second {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
			})
		}
		time.Sleep(time.Second)
		p.refused(time.Hour, 0)
		queued.Wait()
		time.Sleep(time.Minute)
		p.done(true)
		p.wantIdle(t)
	})
}
