package twilio

import (
	"context"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// pacer makes a 429 slow all requests of the process, not only the one that
// was refused: nobody starts a request before the API is ready for more.
type pacer struct {
	clock     clock.Clock
	mu        sync.Mutex
	notBefore time.Time
}

// refused notes that the API wants no request for the next d.
func (p *pacer) refused(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := p.clock.Now().Add(min(d, maxWait)); at.After(p.notBefore) {
		p.notBefore = at
	}
}

// admit waits until a request may start. Where nothing was refused it does
// not wait at all.
func (p *pacer) admit(ctx context.Context) error {
	for {
		p.mu.Lock()
		wait := p.notBefore.Sub(p.clock.Now())
		p.mu.Unlock()
		if wait <= 0 {
			return ctx.Err()
		}
		if err := p.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}
