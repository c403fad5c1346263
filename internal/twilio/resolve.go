package twilio

import (
	"context"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// looks are the waits before each look for a lost message. An answer that
// timed out may belong to a command that the API has yet to create.
var looks = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// resolve is rule R2: it finds out what became of a POST that ended without a
// definite answer, by looking at the SIM's commands. Exactly one that fits, and
// is certainly not older than the POST, is the message. With none after a few
// spaced looks, or with others, nobody knows; there is never a second POST.
func (c *Client) resolve(ctx context.Context, s *send, cause error) (Sent, error) {
	unresolved := &UnknownOutcomeError{Err: cause}
	for _, wait := range looks {
		if wait > 0 && c.Clock.Sleep(ctx, wait) != nil {
			break
		}
		candidates, err := c.candidates(ctx, s)
		if began, ok := c.superSIMClock.At(s.began); ok {
			unresolved.Since = began.Earliest
		}
		unresolved.LookErr = err
		if err != nil {
			c.Log(ctx, "A look for the IP Command failed", map[string]any{"sim": s.params.SIM, "error": rest.LogText(err)})
			continue
		}
		// An equal message in flight may have created one of the candidates
		// and be about to read its answer.
		for _, landed := range c.sends.inFlight(s) {
			<-landed
		}
		choice, unclaimed := c.sends.adopt(s, candidates, c.superSIMClock, c.Clock.Now())
		c.Log(ctx, "Looked for the IP Command", map[string]any{"sim": s.params.SIM, "candidates": sids(unclaimed), "adopted": choice != nil})
		if choice != nil {
			return Sent{IPCommand: *choice, Adopted: cause, secrets: s.params.Secrets()}, nil
		}
		unresolved.Candidates = unclaimed
		if len(unclaimed) > 0 {
			break
		}
	}
	c.sends.giveUp(s)
	return Sent{}, unresolved
}

// candidates lists the commands that may be the message of s: sent to its SIM,
// with its port, type and payload, and not certainly older than its POST.
//
// Even a cancelled apply wants to know: cancelling ctx does not cut off the
// look, only the waiting for an API that refuses it.
func (c *Client) candidates(ctx context.Context, s *send) (candidates []IPCommand, err error) {
	r := c.superSIMRequest(ipCommandsPath)
	r.RepeatOnce = true // The looks are repetitions themselves.
	r.Pauses = ctx
	r.Secrets = s.params.Secrets()
	isOlder := func(cmd IPCommand) (bool, error) {
		if _, ok := c.superSIMClock.At(s.began); !ok {
			// By our clock, a command that is older could seem to be younger.
			return false, errNoDate
		}
		return isCertainlyOlder(cmd, s, c.superSIMClock), nil
	}
	for cmd, err := range c.look(context.WithoutCancel(ctx), r, s.params.SIM, DirectionToSIM, isOlder) {
		if err != nil {
			return nil, err
		}
		if fits(cmd, s.params) {
			candidates = append(candidates, cmd)
		}
	}
	return candidates, nil
}

// fits reports whether cmd carries the message p to its SIM. The list was
// asked for the SIM's commands only; where p names it by SID, that is checked.
func fits(cmd IPCommand, p IPCommandParams) bool {
	return cmd.DevicePort != nil && cmd.Payload != nil && p.mayBe(cmd)
}

func sids(cmds []IPCommand) []string {
	var s []string
	for _, c := range cmds {
		s = append(s, c.SID)
	}
	return s
}
