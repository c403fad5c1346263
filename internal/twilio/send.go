package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// Sent is a message that the API has accepted.
type Sent struct {
	IPCommand
	// Adopted is nil when the API's answer to the POST was read. Otherwise
	// the answer was lost for this reason, and the command was found by
	// looking for it (rule R2).
	Adopted error
	// secrets must not be shown of it.
	secrets []string
}

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
	// Err is why the answer to the POST is not known.
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

// Unwrap returns why the answer to the POST is not known.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// Send sends a message once: the API processes at most one POST (rule R1).
// deadline, by the client's clock, ends the waiting for an API that refuses
// with 429; zero means no such end.
//
// Where a POST ends without a definite answer, Send looks for the message
// (rule R2). Cancelling ctx prevents an attempt that has not begun, but does
// not abort one in flight (rule R3), nor a first look for its outcome.
//
// The error is a *NotSentError, an *UnknownOutcomeError, or a *rest.APIError, with
// which the API refused the message for good.
func (c *Client) Send(ctx context.Context, p IPCommandParams, deadline time.Time) (Sent, error) {
	s := c.sends.open(p)
	defer c.sends.close(s)

	cmd, err := c.postIPCommand(ctx, rest.Request{
		Deadline:      deadline,
		BeforeAttempt: func() { c.sends.begin(s, c.Clock.Now()) },
		AfterRefusal:  func() { c.sends.end(s) },
	}, p)
	if err == nil && !c.sends.claim(s, cmd.SID) {
		err = &rest.UnreadableError{
			Method: http.MethodPost, Path: ipCommandsPath, StatusCode: http.StatusCreated,
			Err: errors.New("what it gives as the SID of the message is that of another one"),
		}
	}
	if err == nil {
		c.Log(ctx, "IP Command accepted", map[string]any{"sid": cmd.SID, "sim": p.SIM})
		return Sent{IPCommand: cmd, secrets: p.Secrets()}, nil
	}
	switch outcomeOf(err) {
	case notProcessed:
		return Sent{}, &NotSentError{Err: err}
	case refused:
		return Sent{}, err
	}
	c.sends.lose(s)
	c.Log(ctx, "The outcome of an IP Command's POST is unknown; looking for the command", map[string]any{"sim": p.SIM, "error": rest.LogText(err)})
	return c.resolve(ctx, s, err, deadline)
}

// GiveUp tells the client that a resource gives up a message, which was sent as
// the command with this SID, so that no lost send adopts it (rule R2). simSID is
// that of its SIM; p lacks a payload that is write-only, or that is to be looked
// for. isReplaced reports whether another message takes its place: the next equal
// one is then sent without a look (rule R10). It makes no request.
func (c *Client) GiveUp(sid, simSID string, p IPCommandParams, isReplaced bool) {
	c.sends.giveUp(sid, givenUp{params: p, simSID: simSID, isOwed: isReplaced})
}

type postOutcome int

const (
	unknown postOutcome = iota
	notProcessed
	refused
)

// outcomeOf returns what the error of a POST says about the message. Definite
// are only a request of which nothing was written, a 429, and a refusal in the
// API's own form, which the API gives before it processes anything. Whatever
// else answered, the API may have processed the message.
func outcomeOf(err error) postOutcome {
	var api *rest.APIError
	var transport *rest.TransportError
	switch {
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
