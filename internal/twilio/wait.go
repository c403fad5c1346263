package twilio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const (
	// Spacing of polls: one second, growing to ten.
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
	// finalPoll is how long the poll that is made when the time is over may
	// take.
	finalPoll = 5 * time.Second
)

// ErrWaitTimeout means that a command was still queued when the time to wait
// for it was over.
var ErrWaitTimeout = errors.New("the time to wait is over")

// WaitUntilSent is rule R4: it polls a command until it is no longer queued,
// and returns it as it last was. deadline is by the client's clock.
//
// An error means that it is not known whether the command has left:
// ErrWaitTimeout, the error of ctx, or trouble while polling. A 404 is none,
// since a command may not be readable at once after it was created.
func (c *Client) WaitUntilSent(ctx context.Context, cmd IPCommand, deadline time.Time) (IPCommand, error) {
	var notFound error
	for interval := firstPoll; cmd.IsQueued(); interval = min(interval*3/2, lastPoll) {
		left := deadline.Sub(c.Clock.Now())
		if left <= 0 {
			if notFound != nil {
				return cmd, fmt.Errorf("%w; the API did not know the command yet: %w", ErrWaitTimeout, notFound)
			}
			return cmd, ErrWaitTimeout
		}
		// Half the interval is jitter, so that a fleet does not poll in step.
		wait, end := interval/2+time.Duration(c.Rand()*float64(interval)), deadline
		if wait >= left {
			wait, end = left, deadline.Add(finalPoll)
		}
		if err := c.Clock.Sleep(ctx, wait); err != nil {
			return cmd, err
		}
		polled, err := c.fetchIPCommand(ctx, cmd.SID, end)
		switch {
		case errors.Is(err, clock.ErrDeadline):
			// The next turn of the loop says so.
		case rest.IsNotFound(err):
			notFound = err
		case err != nil:
			return cmd, err
		default:
			notFound = nil
			cmd = polled
		}
	}
	c.Log(ctx, "IP Command is no longer queued", map[string]any{"sid": cmd.SID, "status": *cmd.Status})
	return cmd, nil
}
