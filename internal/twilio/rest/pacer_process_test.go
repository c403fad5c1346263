package rest

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// limitedAPI takes some 50 ms for a request, and refuses at once those that are
// more than its limit in flight, or than its limit in a second.
type limitedAPI struct {
	limit      atomic.Int64
	retryAfter time.Duration
	inFlight   atomic.Int64

	perSecond int64 // 0 is none
	mu        sync.Mutex
	second    time.Time
	taken     int64 // in this second
}

func newLimitedAPI(limit int64) *limitedAPI {
	a := &limitedAPI{}
	a.limit.Store(limit)
	return a
}

// takes reports whether the API takes a request that is now in flight.
func (a *limitedAPI) takes() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now().Truncate(time.Second); now != a.second {
		a.second, a.taken = now, 0
	}
	if a.inFlight.Load() > a.limit.Load() || a.perSecond > 0 && a.taken == a.perSecond {
		return false
	}
	a.taken++
	return true
}

// process sends requests to a limited API.
type process struct {
	api                     *limitedAPI
	pacer                   *pacer
	accepted, refused, lost atomic.Int64

	mu   sync.Mutex
	rand *rand.Rand
}

func (a *limitedAPI) newProcess(seed uint64) *process {
	return &process{api: a, pacer: newPacer(clock.System{}), rand: rand.New(rand.NewPCG(seed, 2))}
}

// always is the pause of one that has all the time.
func always(wait time.Duration) error {
	time.Sleep(wait)
	return nil
}

// part returns some part of d.
func (p *process) part(d time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(p.rand.Float64() * float64(d))
}

// take waits for some part of d.
func (p *process) take(d time.Duration) { time.Sleep(p.part(d)) }

// send sends one request until it is not refused, as the client does.
func (p *process) send(ctx context.Context) error {
	through, retries := p.pacer.through.Load(), 0
	for retries <= 5 {
		if err := p.pacer.admit(ctx, always); err != nil {
			return err
		}
		p.take(time.Millisecond) // The way.
		p.api.inFlight.Add(1)
		if p.api.takes() {
			time.Sleep(45 * time.Millisecond)
			p.take(10 * time.Millisecond)
			p.api.inFlight.Add(-1)
			p.take(time.Millisecond)
			p.accepted.Add(1)
			p.pacer.done(true)
			return nil
		}
		p.api.inFlight.Add(-1)
		p.take(time.Millisecond)
		p.refused.Add(1)
		wait := max(p.part(backoffBase<<retries), p.api.retryAfter)
		if now := p.pacer.through.Load(); now == through {
			retries++
		} else {
			through = now
		}
		p.pacer.refused(p.api.retryAfter, wait)
		time.Sleep(wait)
	}
	p.lost.Add(1)
	return nil
}

// all sends n requests from 100 goroutines and returns how long that took.
func (p *process) all(t *testing.T, n int64) time.Duration {
	began := time.Now()
	var left atomic.Int64
	left.Store(n)
	var senders sync.WaitGroup
	for range 100 {
		senders.Go(func() {
			for left.Add(-1) >= 0 {
				if err := p.send(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	senders.Wait()
	p.pacer.wantIdle(t)
	return time.Since(began)
}

// wantIdle fails the test if a request still has a turn, or waits for one.
func (p *pacer) wantIdle(t *testing.T) {
	t.Helper()
	if p.inFlight != 0 || len(p.waiting) != 0 {
		t.Errorf("%d in flight, %d waiting at the end", p.inFlight, len(p.waiting))
	}
}
