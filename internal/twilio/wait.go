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
	// firstPoll and lastPoll are the least and the most time between two polls
	// of one that waits alone.
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
	// finalPoll is how long the poll that is made when the time is over may
	// take.
	finalPoll = 5 * time.Second
)

// ErrWaitTimeout means that a command was still queued when the time to wait
// for it was over.
var ErrWaitTimeout = errors.New("the time to wait is over")

// WaitUntilSent is rule R4: it waits until a command is no longer queued, and
// returns it as it last was. deadline is by the client's clock. All that wait
// share what they read.
//
// An error means that it is not known whether the command has left:
// ErrWaitTimeout, the error of ctx, or trouble while reading. A 404 is none,
// since a command may not be readable at once after it was created.
func (c *Client) WaitUntilSent(ctx context.Context, sent Sent, deadline time.Time) (IPCommand, error) {
	cmd, began := sent.IPCommand, c.Clock.Now()
	w, leave := c.reader.join(sent, began)
	defer leave()
	var notFound error
	for cmd.IsQueued() {
		now := c.Clock.Now()
		left := deadline.Sub(now)
		if left <= 0 {
			if notFound != nil {
				return cmd, fmt.Errorf("%w; the API did not know the command yet: %w", ErrWaitTimeout, notFound)
			}
			return cmd, ErrWaitTimeout
		}
		wait, until := c.interval(now.Sub(began)), deadline
		if wait >= left {
			wait, until = left, deadline.Add(finalPoll)
		}
		row, err := c.next(ctx, w, wait, until)
		switch {
		case errors.Is(err, clock.ErrDeadline):
			// The next turn of the loop says so.
		case rest.IsNotFound(err):
			notFound = err
		case err != nil:
			return cmd, err
		default:
			notFound = nil
			cmd = row
		}
	}
	c.Log(ctx, "IP Command is no longer queued", map[string]any{"sid": cmd.SID, "status": *cmd.Status})
	return cmd, nil
}

// interval returns how long to wait for the next poll of a command that has been
// waited for so long. Polls that serve several cost each of them little, and
// are made more often.
func (c *Client) interval(age time.Duration) time.Duration {
	if c.reader.isShared() {
		return min(firstPoll+age/4, lastPoll) / 2
	}
	// Half of it is jitter, so that processes do not poll in step.
	interval := min(firstPoll+age/2, lastPoll)
	return interval/2 + time.Duration(c.Rand()*float64(interval))
}
