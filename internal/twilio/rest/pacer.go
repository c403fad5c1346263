package rest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// pacer makes a 429 slow all requests of the process, not only the one that
// was refused. It limits the number of requests in flight.
//
// The limit begins low, and grows by one with each success until the first
// refusal, so it doubles with each round trip. A refusal shows that one more
// than those still in flight was too many: a tenth less than these is the limit,
// which leaves room to other processes. Where the API says how long to wait
// (Retry-After), or refuses a request that was alone in flight, nobody starts a
// request before then.
//
// While the limit holds requests back, it is probed: raised by a tenth after some
// times as many successes, then by two, four and so on tenths, so that speed
// comes back soon when the API takes it again. A raise that is refused makes
// everybody wait for the Retry-After: the limit is not raised before the raise
// could have gained what such a wait loses. After each refused raise the next one
// waits twice as long.
type pacer struct {
	clock clock.Clock

	// through counts the requests that the API did not refuse with 429.
	through atomic.Int64

	mu sync.Mutex
	// refusedSince is when it refused one and then no other got through; zero where
	// the last one did.
	refusedSince time.Time
	notBefore    time.Time
	inFlight     int
	// limit is the number of requests that may be in flight.
	limit int
	// waiting are the requests that wait for another to end, the longest first.
	// One that is sent true was let through, and counts as in flight. One that
	// is sent false has to begin anew.
	waiting []chan bool

	// slowed reports whether a request was ever refused.
	slowed bool
	// successes counts those since the limit last changed.
	successes int
	// step is what the limit is raised by, after patience times its number of
	// successes, and not before raiseAt.
	step, patience int
	raiseAt        time.Time
	// raises counts how often the limit was raised since the last refusal.
	raises int
}

const (
	// firstLimit is more than Terraform's parallelism unless somebody asks for
	// more: what nobody limits is not slowed down.
	firstLimit = 16
	// tenth is the part of the limit, and of a wait, that is left to others, and
	// what the limit is raised by at first.
	tenth = 10
	// maxPatience bounds how long a limit goes without being raised.
	firstPatience, maxPatience = 4, 16
)

func newPacer(c clock.Clock) *pacer { return &pacer{clock: c, limit: firstLimit} }

// errTooLate means that the deadline of a request passed while it waited for
// others.
var errTooLate = errors.New("the API has refused requests with HTTP 429, and there was no time left when it was this one's turn")

// admit waits until a request may start: with pause for as long as the API
// asks to, which pause may refuse, and until ctx is done for other requests to
// end. Each request that was admitted is to end with one call of done or
// refused.
func (p *pacer) admit(ctx context.Context, pause func(time.Duration) error) error {
	for {
		p.mu.Lock()
		wait := p.notBefore.Sub(p.clock.Now())
		if wait <= 0 && len(p.waiting) == 0 && p.inFlight < p.limit {
			p.inFlight++
			p.mu.Unlock()
			return nil
		}
		if wait <= 0 {
			if isThrough, err := p.queue(ctx); isThrough || err != nil { // Unlocks.
				return err
			}
			continue
		}
		p.mu.Unlock()
		if err := pause(wait); err != nil {
			return err
		}
	}
}

// queue waits for the end of another request, and reports whether this one was
// let through then. It is called with the lock, and gives it back.
func (p *pacer) queue(ctx context.Context) (bool, error) {
	turn := make(chan bool, 1)
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case isThrough := <-turn:
		return isThrough, nil
	case <-ctx.Done():
	}
	p.mu.Lock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other chan bool) bool { return other == turn })
	p.mu.Unlock()
	if len(turn) > 0 && <-turn {
		p.done(false) // It was let through in this moment.
	}
	if errors.Is(context.Cause(ctx), clock.ErrDeadline) {
		return false, errTooLate
	}
	return false, context.Cause(ctx)
}

// done ends a request that was not refused with 429; ok reports whether the API
// responded it.
func (p *pacer) done(ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok {
		p.succeeded()
	}
	p.inFlight--
	p.letThrough()
}

// isStuck reports whether nobody has got through for longer than a request without
// a deadline waits. Otherwise a thousand of them would wait one after another.
func (p *pacer) isStuck() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.refusedSince.IsZero() && p.clock.Now().Sub(p.refusedSince) >= maxWait
}

// succeeded counts a request that got through, and raises the limit when it has
// held for long enough. The lock is held.
func (p *pacer) succeeded() {
	p.through.Add(1)
	p.refusedSince = time.Time{}
	if p.inFlight < p.limit {
		return
	}
	if !p.slowed {
		p.limit++
		return
	}
	if p.successes++; p.successes < p.limit*p.patience || p.clock.Now().Before(p.raiseAt) {
		return
	}
	if p.raises > 0 {
		p.step *= 2
	}
	if p.raises > 1 {
		p.patience = 1 // The first one only took back what was left to others.
	}
	p.limit += p.step
	p.raises, p.successes = p.raises+1, 0
}

// refused ends a request that the API refused with 429. retryAfter is how
// long it asked to wait, zero when it did not say. Where it did not, and even one
// request at a time is too many, all wait nearly as long as that one, backoff: the
// others go first, and show whether anybody gets through.
func (p *pacer) refused(retryAfter, backoff time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	if retryAfter == 0 && p.inFlight == 0 {
		retryAfter = backoff - backoff/tenth
	}
	now := p.clock.Now()
	if p.refusedSince.IsZero() {
		p.refusedSince = now
	}
	// However long it is: whoever has less time ends at once.
	if at := now.Add(retryAfter); at.After(p.notBefore) {
		p.notBefore = at
	}
	switch {
	case !p.slowed:
		p.slowed, p.patience = true, firstPatience
	case p.raises > 0:
		p.patience = min(2*p.patience, maxPatience)
	}
	p.limit = max(1, p.inFlight-(p.inFlight+2)/tenth)
	p.step, p.successes, p.raises = max(1, p.limit/tenth), 0, 0
	// A raise gains step in each moment; a wait loses the limit.
	p.raiseAt = p.notBefore.Add(p.notBefore.Sub(now) * time.Duration(p.limit*p.patience/(firstPatience*p.step)))
	p.letThrough()
}

// letThrough admits those who wait for others, as far as there is room, or tells
// them that the API now asks all to wait. The lock is held.
func (p *pacer) letThrough() {
	asked := p.notBefore.After(p.clock.Now())
	for len(p.waiting) > 0 && (asked || p.inFlight < p.limit) {
		if !asked {
			p.inFlight++
		}
		p.waiting[0] <- !asked
		p.waiting = p.waiting[1:]
	}
}
