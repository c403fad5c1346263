// Package clock is the only source of time for code that waits, so that tests
// move a clock instead of sleeping.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time and waits.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// Sleep waits for d, or until ctx is done, whose error it then returns.
	// A d of zero or less only checks ctx.
	Sleep(ctx context.Context, d time.Duration) error
	// Elapsed returns how much time has passed since from, which Now has
	// returned, by the machine's two clocks. A machine that sleeps stops its
	// monotonic clock but not its wall clock, which may be set.
	Elapsed(from time.Time) (monotonic, wall time.Duration)
}

// System is the machine's clock.
type System struct{}

var _ Clock = System{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Clock.
func (System) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// Elapsed implements Clock.
func (System) Elapsed(from time.Time) (monotonic, wall time.Duration) {
	now := time.Now()
	return now.Sub(from), now.Round(0).Sub(from.Round(0))
}

// Fake is a clock for tests. Nobody waits on it: a Sleep moves the clock by
// its duration and returns at once, so two concurrent sleepers move it by the
// sum of theirs. It is safe for concurrent use.
type Fake struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
	// steps are by how much the wall clock was set, and when.
	steps []step
}

type step struct {
	at time.Time
	by time.Duration
}

var _ Clock = (*Fake)(nil)

// NewFake returns a fake clock that stands at start.
func NewFake(start time.Time) *Fake { return &Fake{now: start} }

// Now implements Clock.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// Step sets the wall clock by d, as somebody who corrects it does: no time
// passes.
func (f *Fake) Step(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.steps = append(f.steps, step{f.now, d})
	f.now = f.now.Add(d)
}

// Elapsed implements Clock.
func (f *Fake) Elapsed(from time.Time) (monotonic, wall time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wall = f.now.Sub(from)
	monotonic = wall
	for _, s := range f.steps {
		if !from.After(s.at) {
			monotonic -= s.by
		}
	}
	return monotonic, wall
}

// Sleep implements Clock.
func (f *Fake) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
	f.slept = append(f.slept, d)
	return nil
}

// Slept returns how long each Sleep was asked to wait, in order.
func (f *Fake) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.slept...)
}
