package twilio

import (
	"context"
	"fmt"
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

// admit waits until a request may start, as long as it may wait so long. Where
// nothing was refused it does not wait at all.
func (p *pacer) admit(ctx context.Context, mayWait func(time.Duration) bool) error {
	for {
		p.mu.Lock()
		wait := p.notBefore.Sub(p.clock.Now())
		p.mu.Unlock()
		if wait <= 0 {
			return nil
		}
		if !mayWait(wait) {
			return fmt.Errorf("the API has refused other requests with HTTP 429 and asks to wait for another %s, which is longer than there is time", wait.Round(time.Millisecond))
		}
		if err := p.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}
