package twilio

import (
	"context"
	"errors"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// looks are the waits before each look for a lost message. A response that
// timed out may belong to a command that the API has yet to create.
var looks = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// lookAllowance is how long after the deadline of a send, or after the loss of
// its response where that is later, the looks for it end.
const lookAllowance = 30 * time.Second

// errTwoClocks is a look that shows a command of the future.
var errTwoClocks = errors.New("a command is dated later than the list that has it, so that nobody knows which commands are older than the message")

// findLost is rule R2: it finds out what became of a POST that ended without a
// definite response, by looking at the SIM's commands. Exactly one that fits, and
// is not older than the POST, is the message. With none after a few spaced looks,
// or with others, nobody knows; there is never a second POST.
func (s *IPCommands) findLost(ctx context.Context, m *Message, cause error, deadline time.Time) error {
	unresolved := &UnknownOutcomeError{Err: cause}
	if now := s.Clock.Now(); deadline.Before(now) { // As one that is zero is.
		deadline = now
	}
	deadline = deadline.Add(lookAllowance)
	inTime, cancel := s.Clock.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	ctx, stop := s.Clock.WithDeadline(ctx, deadline)
	defer stop()
	for _, wait := range looks {
		if wait > 0 && s.Clock.Sleep(ctx, wait) != nil {
			break
		}
		candidates, err := s.candidates(ctx, m, deadline)
		isKnown := knowsBeginning(m, s.serverClock)
		if began, ok := s.serverClock.At(m.began); ok {
			unresolved.Since = began.Earliest
		}
		unresolved.LookErr = err
		if errors.Is(err, errTwoClocks) {
			_, unclaimed := s.registry.adopt(m, candidates, new(rest.ServerClock)) // Nobody knows the time, so none is chosen.
			s.tell(unresolved, unclaimed, m)
			break
		}
		if err != nil {
			s.Log(ctx, "A look for the IP Command failed", map[string]any{"sim": m.Params.SIM, "error": rest.LogText(err)})
			continue
		}
		// An equal message in flight may have created one of the candidates
		// and be about to read its response.
		if err := s.registry.wait(inTime, m, s.Clock.Now(), false); err != nil {
			unresolved.LookErr = err
			s.tell(unresolved, candidates, m)
			break
		}
		choice, unclaimed := s.registry.adopt(m, candidates, s.serverClock)
		s.Log(ctx, "Looked for the IP Command", map[string]any{"sim": m.Params.SIM, "candidates": sids(unclaimed), "adopted": choice != nil})
		if choice != nil {
			m.IPCommand, m.Lost = *choice, cause
			return nil
		}
		s.tell(unresolved, unclaimed, m)
		if len(unclaimed) > 0 && isKnown {
			break // Another look would show no fewer.
		}
	}
	s.registry.leave(m)
	return unresolved
}

// tell names the candidates.
func (s *IPCommands) tell(unresolved *UnknownOutcomeError, candidates []IPCommand, m *Message) {
	unresolved.Candidates = nil
	for _, cmd := range candidates {
		unresolved.Candidates = append(unresolved.Candidates, s.shown(cmd, m.hidden))
	}
}

// candidates lists the commands that may be the message m: sent to its SIM,
// with its port, type and payload, and not older than its POST.
//
// Even a cancelled apply wants to know: cancelling ctx does not cut off the
// look, only the waiting for an API that refuses it.
func (s *IPCommands) candidates(ctx context.Context, m *Message, deadline time.Time) (candidates []IPCommand, err error) {
	r := s.get(ipCommandsPath)
	r.RepeatOnce = true // The looks are repetitions themselves.
	r.EvenIfCancelled = true
	r.Deadline = deadline
	r.Secrets = m.hidden
	date := s.fresh(&r)
	var trimmed []IPCommand
	var twoClocks error
	isOlder := func(cmd IPCommand) bool { return isOlder(cmd, m, s.serverClock) } // A page with a Date has told the time.
	for cmd, err := range s.sentTo(ctx, r, m.Params.SIM, isOlder) {
		if err != nil {
			return nil, err
		}
		if cmd.SIMSID != nil {
			s.registry.at(m, *cmd.SIMSID)
		}
		if createdAt(cmd).After(*date) {
			twoClocks = errTwoClocks
		}
		switch {
		case !m.Params.mayHaveCreated(cmd):
		case m.Params.mayBe(cmd):
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

func sids(cmds []IPCommand) []string {
	var s []string
	for _, c := range cmds {
		s = append(s, c.SID)
	}
	return s
}
