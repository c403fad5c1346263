package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// NotSentError means that no message was sent: every attempt was refused
// before it was processed, or failed before a byte of it was written.
type NotSentError struct{ Err error }

// Error implements error.
func (e *NotSentError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *NotSentError) Unwrap() error { return e.Err }

// UnknownOutcomeError means that a message may or may not have been sent, and
// that looking for it did not tell (rule R2).
type UnknownOutcomeError struct {
	// Err is why the response to the POST is not known.
	Err error
	// LookErr is why looking failed; nil when the lists could be read.
	LookErr error
	// Since is the earliest time at which the POST may have begun, by the
	// server's clock; zero where that is not known.
	Since time.Time
	// Candidates are the commands any of which may be the message, as a text may
	// show them; empty when none was found.
	Candidates []IPCommand
}

// Error implements error.
func (e *UnknownOutcomeError) Error() string {
	s := fmt.Sprintf("the outcome is not known (%v), and %d commands could be the message", e.Err, len(e.Candidates))
	if e.LookErr != nil {
		s += fmt.Sprintf("; looking for it failed: %v", e.LookErr)
	}
	return s
}

// Unwrap returns why the response to the POST is not known.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// SendOptions say how to send a message.
type SendOptions struct {
	// Window is how old an equal message may be that is taken instead of being sent
	// again (rule R10); zero means not to look for one.
	Window time.Duration
	// Deadline, by the client's clock, ends the waiting for an API that refuses with
	// 429; zero means no such end.
	Deadline time.Time
}

// Send sends a message once, unless it was sent before and that is looked for: the
// API processes at most one POST (rule R1). The message that it returns is never nil,
// and has a SID if the error is nil.
//
// Where a POST ends without a definite response, Send looks for the message (rule
// R2). Cancelling ctx prevents an attempt that has not begun, but does not abort one
// in flight (rule R3), nor a first look for its outcome.
//
// The error is a *NotSentError, an *UnknownOutcomeError, or a *rest.APIError, with
// which the API refused the message for good.
func (s *IPCommands) Send(ctx context.Context, p MessageParams, opts SendOptions) (*Message, error) {
	m := Recorded(p, IPCommand{})
	var err error
	if opts.Window > 0 && !s.registry.pay(m, p.SIM) { // What takes the place of an equal one does not look (GiveUp).
		err = s.findSentBefore(ctx, m, opts)
	}
	if err == nil && !m.IsFound {
		err = s.post(ctx, m, opts.Deadline)
	}
	return m, err
}

// post makes the POST that sends a message, and finds out what became of it.
func (s *IPCommands) post(ctx context.Context, m *Message, deadline time.Time) error {
	s.registry.open(m)
	defer s.registry.close(m)
	cmd, err := s.create(ctx, m, deadline)
	if err == nil && !s.registry.claim(m, cmd.SID) {
		err = &rest.UnreadableError{
			Method: http.MethodPost, Path: ipCommandsPath, StatusCode: http.StatusCreated,
			Err: errors.New("what it gives as the SID of the message is that of another one"),
		}
	}
	switch outcomeOf(err) {
	case accepted:
		m.IPCommand = cmd
		s.Log(ctx, "IP Command accepted", map[string]any{"sid": cmd.SID, "sim": m.Params.SIM})
		return nil
	case notProcessed:
		return &NotSentError{Err: err}
	case refused:
		return err
	}
	s.registry.lose(m)
	s.Log(ctx, "The outcome of an IP Command's POST is unknown; looking for the command", map[string]any{"sim": m.Params.SIM, "error": rest.LogText(err)})
	return s.findLost(ctx, m, err, deadline)
}

// create makes the POST. A response that describes another message is unreadable.
func (s *IPCommands) create(ctx context.Context, m *Message, deadline time.Time) (cmd IPCommand, err error) {
	p := m.Params
	err = s.Do(ctx, rest.Request{
		Method: http.MethodPost, Base: s.base, BaseFrom: s.from, Path: ipCommandsPath,
		Probe: ipCommandsPath + "/HG" + strings.Repeat("0", 32),
		Form: nonEmpty(map[string]string{
			"Sim": p.SIM, "Payload": p.Payload, "PayloadType": p.PayloadType, "DevicePort": strconv.FormatInt(p.DevicePort, 10),
			"CallbackUrl": p.CallbackURL, "CallbackMethod": p.CallbackMethod,
		}),
		Secrets: m.hidden, MaxBytes: rest.MaxItemBytes, ServerClock: s.serverClock, Deadline: deadline,
		BeforeAttempt: func() { s.registry.begin(m, s.Clock.Now()) },
		AfterRefusal:  func() { s.registry.end(m) },
		Decode: func(body []byte) error {
			cmd, err = rest.DecodeObject[IPCommand](body)
			if err == nil && !p.mayBe(cmd) && !p.isTrimmed(cmd) {
				err = fmt.Errorf("it describes another message, %s", cmd.SID)
			}
			return err
		},
	})
	return cmd, err
}

// GiveUp tells the client that a resource gives up a message, so that no lost send
// takes it for its own (rule R2). The parameters lack a payload that is write-only,
// or that is to be looked for. by is what takes its place; nil means that nothing
// does. If that is the same message over again, and would look, then the next equal one
// is sent without a look (rule R10). It makes no request.
func (s *IPCommands) GiveUp(m *Message, by *Replacement) { s.registry.giveUp(m, by) }

// Replacement is the message that takes the place of one that is given up.
type Replacement struct {
	Params MessageParams
	// Looks reports whether it is looked for before it is sent (SendOptions.Window).
	Looks bool
}

type postOutcome int

const (
	accepted postOutcome = iota
	unknown
	notProcessed
	refused
)

// outcomeOf returns what the error of a POST says about the message. Definite
// are only a request of which nothing was written, a 429, and a refusal in the
// API's own form, which the API gives before it processes anything. Whatever
// else responded, the API may have processed the message.
func outcomeOf(err error) postOutcome {
	var api *rest.APIError
	var transport *rest.TransportError
	switch {
	case err == nil:
		return accepted
	case errors.As(err, new(*rest.NotMadeError)):
		// Whatever else it wraps is about another request, for a token.
		return notProcessed
	case errors.As(err, &api):
		switch {
		case api.StatusCode == http.StatusTooManyRequests:
			return notProcessed
		case api.IsRefusal():
			return refused
		}
		return unknown
	case errors.As(err, &transport):
		if transport.Wrote {
			return unknown
		}
		return notProcessed
	}
	return unknown
}
