package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Sent is a message that the API has accepted.
type Sent struct {
	IPCommand
	// Adopted is nil when the API's answer to the POST was read. Otherwise
	// the answer was lost for this reason, and the command was found by
	// looking for it (rule R2).
	Adopted error
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
	// Since is when the POST began, by the server's clock; zero where that is
	// not known.
	Since time.Time
	// Candidates are the commands any of which may be the message; empty
	// when none was found.
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
// The error is a *NotSentError, an *UnknownOutcomeError, or an *APIError, with
// which the API refused the message for good.
func (c *Client) Send(ctx context.Context, p IPCommandParams, deadline time.Time) (Sent, error) {
	s := c.sends.open(p)
	defer c.sends.close(s)

	r := c.superSIMRequest(http.MethodPost, ipCommandsPath)
	r.deadline = deadline
	r.beforeAttempt = func() { c.sends.begin(s, c.clock.Now()) }
	r.afterRefused = func() { c.sends.end(s) }

	cmd, err := c.postIPCommand(ctx, r, p)
	if err == nil && !c.sends.claim(s, cmd.SID) {
		err = &UnreadableError{Method: r.method, Path: r.path, StatusCode: http.StatusCreated, Err: fmt.Errorf("it names %q, which can't be the SID of this message", clean(cmd.SID))}
	}
	if err == nil {
		c.log(ctx, "IP Command accepted", map[string]any{"sid": cmd.SID, "sim": p.SIM})
		return Sent{IPCommand: cmd}, nil
	}
	switch outcomeOf(err) {
	case notProcessed:
		return Sent{}, &NotSentError{Err: err}
	case refused:
		return Sent{}, err
	}
	c.sends.lose(s)
	c.log(ctx, "The outcome of an IP Command's POST is unknown; looking for the command", map[string]any{"sim": p.SIM, "error": logText(err)})
	return c.resolve(ctx, s, err)
}

// Claim tells the client that the command with this SID is that of an earlier
// message, so that no send takes it for its own (rule R2). It makes no request.
func (c *Client) Claim(sid string) { c.sends.claimOld(sid) }

type postOutcome int

const (
	unknown postOutcome = iota
	notProcessed
	refused
)

// outcomeOf tells what the error of a POST says about the message. Only an
// answer that the API gives before it processes anything is definite: a 5xx,
// a redirect, a 408, a broken connection and an unreadable answer are not.
func outcomeOf(err error) postOutcome {
	var api *APIError
	var transport *TransportError
	switch {
	case errors.As(err, &api):
		switch s := api.StatusCode; {
		case s == http.StatusTooManyRequests:
			return notProcessed
		case s/100 == 4 && s != http.StatusRequestTimeout:
			return refused
		}
		return unknown
	case errors.As(err, &transport):
		if transport.Wrote {
			return unknown
		}
		return notProcessed
	case errors.As(err, new(*UnreadableError)):
		return unknown
	default:
		// Cancelled before the first attempt, or between two.
		return notProcessed
	}
}
