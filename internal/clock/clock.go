// Package clock is the only source of time for code that waits, so that tests
// move a clock instead of sleeping.
package clock

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Clock tells the time and waits.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// Sleep waits for d, or until ctx is done, whose cause it then returns.
	// A d of zero or less only checks ctx.
	Sleep(ctx context.Context, d time.Duration) error
	// WithDeadline returns a context that ends when the clock shows deadline,
	// with the cause ErrDeadline. The zero time is no deadline.
	WithDeadline(ctx context.Context, deadline time.Time) (context.Context, context.CancelFunc)
}

// ErrDeadline is the cause with which the contexts of WithDeadline end.
var ErrDeadline = errors.New("the time is over")

// System is the machine's clock.
type System struct{}

var _ Clock = System{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Clock.
func (System) Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil || d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// WithDeadline implements Clock.
func (System) WithDeadline(ctx context.Context, deadline time.Time) (context.Context, context.CancelFunc) {
	if deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, deadline, ErrDeadline)
}

// Fake is a clock for tests. Nobody waits on it: a Sleep moves the clock by
// its duration and returns at once, so two concurrent sleepers move it by the
// sum of theirs. It is safe for concurrent use.
type Fake struct {
	mu        sync.Mutex
	now       time.Time
	slept     []time.Duration
	deadlines []*deadline
}

// deadline ends a context when the clock reaches it.
type deadline struct {
	at     time.Time
	cancel context.CancelCauseFunc
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
	f.advance(d)
}

// advance is Advance for callers that hold the lock.
func (f *Fake) advance(d time.Duration) {
	f.now = f.now.Add(d)
	f.deadlines = slices.DeleteFunc(f.deadlines, func(d *deadline) bool {
		if f.now.Before(d.at) {
			return false
		}
		d.cancel(ErrDeadline)
		return true
	})
}

// Sleep implements Clock.
func (f *Fake) Sleep(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil || d <= 0 {
		return context.Cause(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slept = append(f.slept, d)
	f.advance(d)
	return nil
}

// WithDeadline implements Clock.
func (f *Fake) WithDeadline(ctx context.Context, at time.Time) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	d := &deadline{at: at, cancel: cancel}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !at.IsZero() {
		f.deadlines = append(f.deadlines, d)
		f.advance(0)
	}
	return ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.deadlines = slices.DeleteFunc(f.deadlines, func(other *deadline) bool { return other == d })
		cancel(nil)
	}
}

// Slept returns how long each Sleep was asked to wait, in order.
func (f *Fake) Slept() []time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]time.Duration(nil), f.slept...)
}
