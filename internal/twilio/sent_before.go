package twilio

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// errNotTold is a command of which the API does not tell what is needed to know
// whether it is a message.
var errNotTold = errors.New("the API does not tell the SIM, the port, the payload, its type and the date of creation of each command, without which nobody knows whether it is this message")

// findSentBefore is rule R10: it looks whether the newest message to the port of the
// SIM already is m, created within the window and not failed. m then has its command,
// which no other message of the process will take for its own.
//
// Equal commands that other messages of the process have created or found are passed
// over: equal messages are as many messages. Whatever else is newer on the port
// means that m is to be sent, since the device has had that last.
//
// The error is a *NotSentError: where the look fails, nothing is to be sent.
func (s *IPCommands) findSentBefore(ctx context.Context, m *Message, opts SendOptions) error {
	ctx, cancel := s.Clock.WithDeadline(ctx, opts.Deadline)
	defer cancel()
	for {
		isLanding, err := s.lookForSentBefore(ctx, m, opts)
		if err != nil {
			return &NotSentError{Err: fmt.Errorf("looking for the message among those that were sent before failed: %w", err)}
		}
		if !isLanding {
			s.Log(ctx, "Looked for an equal IP Command", map[string]any{"sim": m.Params.SIM, "found": m.SID})
			return nil
		}
		if s.registry.wait(ctx, m, s.Clock.Now(), true) != nil {
			return &NotSentError{Err: fmt.Errorf("waiting for the end of an equal message to the SIM: %w", context.Cause(ctx))}
		}
	}
}

// lookForSentBefore looks once. isLanding reports whether what it found may be that
// of an equal message in flight, or of one that is looked for.
func (s *IPCommands) lookForSentBefore(ctx context.Context, m *Message, opts SendOptions) (isLanding bool, err error) {
	r := s.get(ipCommandsPath)
	r.Secrets = m.hidden
	r.Deadline = opts.Deadline
	date := s.fresh(&r)
	isOlder := func(cmd IPCommand) bool { return isFromBefore(cmd, date.Add(-opts.Window)) }
	for cmd, err := range s.sentTo(ctx, r, m.Params.SIM, isOlder) {
		if errors.Is(err, rest.ErrTooMany) {
			err = fmt.Errorf("%w; a window shorter than %s has fewer", err, opts.Window)
		}
		if err != nil {
			return false, err
		}
		if m.Params.isElsewhere(cmd) {
			continue
		}
		if taking, err := s.take(cmd, m); taking != passedOver {
			return taking == landing, err
		}
	}
	return false, nil
}

// take decides whether a command is the message m that was sent before, which then
// has it.
func (s *IPCommands) take(cmd IPCommand, m *Message) (taking, error) {
	if cmd.SIMSID != nil && s.registry.pay(m, *cmd.SIMSID) { // It was given up under the SIM's SID, and m has its name.
		return isNot, nil
	}
	taking, err := s.registry.take(cmd, m, s.serverClock)
	if taking == taken {
		m.IPCommand, m.IsFound = cmd, true
	}
	return taking, err
}
