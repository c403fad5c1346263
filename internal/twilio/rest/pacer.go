package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// pacer makes a 429 slow all requests of the process, not only the one that
// was refused. Until the first refusal it lets every request through.
//
// Where the API says how long to wait (Retry-After), nobody starts a request
// before then. Apart from that it is the number of requests in flight that is
// limited: a refusal shows that one more than those still in flight was too
// many, so these are the limit. That finds the API's limit at once, where
// halving would first undershoot it. While the limit holds requests back, it
// is raised: by one after as many successes as the limit, then by two, four
// and so on, so that speed comes back soon when the API takes it again. Each
// time that the API refuses the raise, the next one waits twice as long, so
// that a steady limit is not probed all the time.
type pacer struct {
	clock clock.Clock

	mu        sync.Mutex
	notBefore time.Time
	inFlight  int
	// limit is the number of requests that may be in flight, 0 for any.
	limit int
	// waiting are the requests that wait for another to end, the longest
	// first. A closed channel has been let through, and counts as in flight.
	waiting []chan struct{}

	// successes counts those since the limit last changed.
	successes int
	// step is what the limit is raised by, patience how many times its number
	// of successes that takes.
	step, patience int
	// raised reports whether the limit was raised since the last refusal.
	raised bool
}

const (
	// maxPatience bounds how long a limit goes without being probed.
	maxPatience = 16
	// noLimit is a limit that Terraform's parallelism does not reach.
	noLimit = 1024
)

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
		if wait <= 0 && len(p.waiting) == 0 && p.hasRoom() {
			p.inFlight++
			p.mu.Unlock()
			return nil
		}
		if wait <= 0 {
			return p.queue(ctx, pause) // Unlocks.
		}
		p.mu.Unlock()
		err := pause(wait)
		if errors.Is(err, errNoTime) {
			return fmt.Errorf("the API has refused other requests with HTTP 429 and asks to wait for another %s, which is longer than there is time", wait.Round(time.Millisecond))
		}
		if err != nil {
			return err
		}
	}
}

// queue waits for the end of another request. It is called with the lock, and
// gives it back.
func (p *pacer) queue(ctx context.Context, pause func(time.Duration) error) error {
	turn := make(chan struct{})
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	select {
	case <-turn:
	case <-ctx.Done():
		p.mu.Lock()
		i := slices.Index(p.waiting, turn)
		if i >= 0 {
			p.waiting = slices.Delete(p.waiting, i, i+1)
		}
		p.mu.Unlock()
		if i < 0 {
			p.done(false) // It was let through in this moment.
		}
		if errors.Is(context.Cause(ctx), clock.ErrDeadline) {
			return errTooLate
		}
		return context.Cause(ctx)
	}
	p.mu.Lock()
	wait := p.notBefore.Sub(p.clock.Now())
	p.mu.Unlock()
	if wait > 0 {
		// The API has asked to wait since.
		p.done(false)
		return p.admit(ctx, pause)
	}
	return nil
}

// hasRoom reports whether another request may be in flight. The lock is held.
func (p *pacer) hasRoom() bool { return p.limit == 0 || p.inFlight < p.limit }

// done ends a request that was not refused with 429; ok reports whether the API
// answered it.
func (p *pacer) done(ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok && p.limit > 0 && p.inFlight >= p.limit {
		p.succeeded()
	}
	p.inFlight--
	p.letThrough()
}

// succeeded raises the limit when it has held for long enough. The lock is
// held.
func (p *pacer) succeeded() {
	if p.successes++; p.successes < p.limit*p.patience {
		return
	}
	if p.raised {
		// The last raise was not refused.
		p.step *= 2
		p.patience = 1
	}
	p.limit += p.step
	p.raised, p.successes = true, 0
	if p.limit > noLimit {
		p.limit = 0
	}
}

// refused ends a request that the API refused with 429. retryAfter is how
// long it asked to wait, zero when it did not say.
func (p *pacer) refused(retryAfter time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.clock.Now().Add(min(retryAfter, maxWait)); at.After(p.notBefore) {
		p.notBefore = at
	}
	p.inFlight--
	switch {
	case p.limit == 0:
		p.patience = 1
	case p.raised:
		p.patience = min(2*p.patience, maxPatience)
	}
	p.limit = max(1, p.inFlight)
	p.step, p.successes, p.raised = 1, 0, false
	p.letThrough()
}

// letThrough admits those who wait, as far as there is room. The lock is held.
func (p *pacer) letThrough() {
	for len(p.waiting) > 0 && p.hasRoom() {
		p.inFlight++
		close(p.waiting[0])
		p.waiting = p.waiting[1:]
	}
}
