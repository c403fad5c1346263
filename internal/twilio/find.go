package twilio

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// FindSent is rule R10: before a message is sent, it looks whether the newest
// message to the port of its SIM already is this one, created within the window
// and not failed. found reports whether it is; then no other send of the process
// will take the command for its own. deadline is by the client's clock, and zero
// means none. A window of zero means no look.
//
// Equal commands that other sends of the process have created or found are passed
// over: equal messages are as many messages. Whatever else is newer on the port
// means that the message is to be sent, since the device has had that last. A
// message that takes the place of an equal one that was given up (GiveUp) is sent
// without a look.
//
// The error is a *NotSentError: where the look fails, nothing is to be sent.
func (c *Client) FindSent(ctx context.Context, p IPCommandParams, window time.Duration, deadline time.Time) (sent Sent, found bool, err error) {
	if c.sends.pay(p, p.SIM) || window == 0 {
		return Sent{}, false, nil
	}
	ctx, cancel := c.Clock.WithDeadline(ctx, deadline)
	defer cancel()
	for {
		cmd, landing, err := c.findSent(ctx, p, window, deadline)
		if err != nil {
			return Sent{}, false, &NotSentError{Err: fmt.Errorf("looking for the message among those that were sent before failed: %w", err)}
		}
		if landing == nil {
			c.Log(ctx, "Looked for an equal IP Command", map[string]any{"sim": p.SIM, "found": cmd.SID})
			return Sent{IPCommand: cmd, secrets: p.Secrets()}, cmd.SID != "", nil
		}
		// An equal message in flight may have created what was found, and be about
		// to read its answer.
		select {
		case <-landing:
		case <-ctx.Done():
			return Sent{}, false, &NotSentError{Err: fmt.Errorf("waiting for the end of an equal message to the SIM: %w", context.Cause(ctx))}
		}
	}
}

// errNotTold is a command of which the API does not tell what is needed to know
// whether it is a message.
var errNotTold = errors.New("the API does not tell the SIM, the port, the payload, its type and the date of creation of each command, without which nobody knows whether it is this message")

// findSent looks once. Where what it found may be that of an equal message in
// flight, it returns the end of that instead.
func (c *Client) findSent(ctx context.Context, p IPCommandParams, window time.Duration, deadline time.Time) (found IPCommand, landed <-chan struct{}, err error) {
	r := c.superSIMRequest(ipCommandsPath)
	r.Secrets = p.Secrets()
	r.Deadline = deadline
	date := c.fresh(&r)
	isOlder := func(cmd IPCommand) bool { return isFromBefore(cmd, date.Add(-window)) }
	for cmd, err := range c.sentTo(ctx, r, p.SIM, isOlder) {
		if errors.Is(err, ErrTooMany) {
			err = fmt.Errorf("%w; a window shorter than %s has fewer", err, window)
		}
		if err != nil {
			return IPCommand{}, nil, err
		}
		if p.isElsewhere(cmd) {
			continue
		}
		if cmd.SIMSID != nil && c.sends.pay(p, *cmd.SIMSID) { // It was given up under the SIM's SID, and p has its name.
			return IPCommand{}, nil, nil
		}
		taking, landed, err := c.sends.take(cmd, p, c.superSIMClock)
		switch taking {
		case passedOver:
			continue
		case taken:
			return cmd, nil, nil
		}
		return IPCommand{}, landed, err
	}
	return IPCommand{}, nil, nil
}
