package twilio

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// looks are the waits before each look for a lost message. An answer that
// timed out may belong to a command that the API has yet to create.
var looks = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// lookAllowance is how long after the deadline of a send, or after the loss of
// its answer where that is later, the looks for it end.
const lookAllowance = 30 * time.Second

// errTwoClocks is a look that shows a command of the future.
var errTwoClocks = errors.New("a command is dated later than the list that has it, so that nobody knows which commands are older than the message")

// resolve is rule R2: it finds out what became of a POST that ended without a
// definite answer, by looking at the SIM's commands. Exactly one that fits, and
// is not older than the POST, is the message. With none after a few spaced looks,
// or with others, nobody knows; there is never a second POST.
func (c *Client) resolve(ctx context.Context, s *send, cause error, deadline time.Time) (Sent, error) {
	unresolved := &UnknownOutcomeError{Err: cause}
	if now := c.Clock.Now(); deadline.Before(now) { // As one that is zero is.
		deadline = now
	}
	deadline = deadline.Add(lookAllowance)
	inTime, cancel := c.Clock.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	ctx, stop := c.Clock.WithDeadline(ctx, deadline)
	defer stop()
	for _, wait := range looks {
		if wait > 0 && c.Clock.Sleep(ctx, wait) != nil {
			break
		}
		candidates, err := c.candidates(ctx, s, deadline)
		isKnown := knowsBeginning(s, c.superSIMClock)
		if began, ok := c.superSIMClock.At(s.began); ok {
			unresolved.Since = began.Earliest
		}
		unresolved.LookErr = err
		if errors.Is(err, errTwoClocks) {
			_, unclaimed := c.sends.adopt(s, candidates, new(rest.ServerClock)) // Nobody knows the time, so none is chosen.
			c.tell(unresolved, unclaimed, s)
			break
		}
		if err != nil {
			c.Log(ctx, "A look for the IP Command failed", map[string]any{"sim": s.params.SIM, "error": rest.LogText(err)})
			continue
		}
		// An equal message in flight may have created one of the candidates
		// and be about to read its answer.
		if err := waitFor(inTime, c.sends.inFlight(s)); err != nil {
			unresolved.LookErr = err
			c.tell(unresolved, candidates, s)
			break
		}
		choice, unclaimed := c.sends.adopt(s, candidates, c.superSIMClock)
		c.Log(ctx, "Looked for the IP Command", map[string]any{"sim": s.params.SIM, "candidates": sids(unclaimed), "adopted": choice != nil})
		if choice != nil {
			return Sent{IPCommand: *choice, Adopted: cause, secrets: s.params.Secrets()}, nil
		}
		c.tell(unresolved, unclaimed, s)
		if len(unclaimed) > 0 && isKnown {
			break // Another look would show no fewer.
		}
	}
	c.sends.leave(s)
	return Sent{}, unresolved
}

// waitFor waits until all of these are closed.
func waitFor(ctx context.Context, ends []<-chan struct{}) error {
	for _, end := range ends {
		select {
		case <-end:
		case <-ctx.Done():
			return errors.New("an equal message is still under way, which may have created what was found")
		}
	}
	return nil
}

// tell names the candidates.
func (c *Client) tell(unresolved *UnknownOutcomeError, candidates []IPCommand, s *send) {
	unresolved.Candidates = nil
	for _, cmd := range candidates {
		unresolved.Candidates = append(unresolved.Candidates, c.Shown(cmd, s.params.Secrets()))
	}
}

// candidates lists the commands that may be the message of s: sent to its SIM,
// with its port, type and payload, and not older than its POST.
//
// Even a cancelled apply wants to know: cancelling ctx does not cut off the
// look, only the waiting for an API that refuses it.
func (c *Client) candidates(ctx context.Context, s *send, deadline time.Time) (candidates []IPCommand, err error) {
	r := c.superSIMRequest(ipCommandsPath)
	r.RepeatOnce = true // The looks are repetitions themselves.
	r.Pauses = ctx
	r.Deadline = deadline
	r.Secrets = s.params.Secrets()
	date := c.fresh(&r)
	var trimmed []IPCommand
	var twoClocks error
	isOlder := func(cmd IPCommand) bool { return isOlder(cmd, s, c.superSIMClock) } // A page with a Date has told the time.
	for cmd, err := range c.sentTo(context.WithoutCancel(ctx), r, s.params.SIM, isOlder) {
		if err != nil {
			return nil, err
		}
		if cmd.SIMSID != nil {
			c.sends.at(s, *cmd.SIMSID)
		}
		if createdAt(cmd).After(*date) {
			twoClocks = errTwoClocks
		}
		switch {
		case !s.params.mayHaveCreated(cmd):
		case s.params.mayBe(cmd):
			candidates = append(candidates, cmd)
		default:
			trimmed = append(trimmed, cmd)
		}
	}
	if len(candidates) == 0 {
		candidates = trimmed // An API that keeps white space has not created these.
	}
	return candidates, twoClocks
}

// mayHaveCreated reports whether the message may have created a command that a
// list of its SIM shows, which may lack white space at its ends.
func (p IPCommandParams) mayHaveCreated(cmd IPCommand) bool {
	return cmd.DevicePort != nil && cmd.Payload != nil && (p.mayBe(cmd) || p.isTrimmed(cmd))
}

// isTrimmed reports whether cmd can be this message, written back by an API that
// trims white space at the ends of a text.
func (p IPCommandParams) isTrimmed(cmd IPCommand) bool {
	if p.payloadType() != PayloadText || cmd.Payload == nil || !strings.Contains(nfc(p.Payload), nfc(*cmd.Payload)) ||
		strings.TrimSpace(p.Payload) != strings.TrimSpace(*cmd.Payload) {
		return false
	}
	p.Payload = *cmd.Payload
	return p.mayBe(cmd)
}

func sids(cmds []IPCommand) []string {
	var s []string
	for _, c := range cmds {
		s = append(s, c.SID)
	}
	return s
}
