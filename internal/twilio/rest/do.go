package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Request is one call of an API, whatever the number of attempts.
type Request struct {
	Method string
	Base   *url.URL
	// BaseFrom is where Base was set, such as an environment variable; empty where
	// it is the platform's own.
	BaseFrom string
	// Path goes below Base's, and is escaped.
	Path  string
	Query string
	// Form is the body; nil means none.
	Form url.Values
	// Secrets must not be shown, besides the credentials.
	Secrets []string
	// MaxBytes bounds the body of a response of status 2xx.
	MaxBytes int64
	// Decode reads the body of a response of status 2xx. It may be called once
	// for each attempt. Its errors do not quote the body, which may repeat
	// secrets.
	Decode func(body []byte) error
	// ServerClock, when not nil, learns from each response of the API.
	ServerClock *ServerClock
	// IsFresh, when not nil, asks caches for nothing old, and judges the header
	// of a response of status 2xx before Decode reads it.
	IsFresh func(http.Header) error

	// Probe is a path that the API does not have, to be asked for with the token
	// of a POST that seems to be refused for it; see tokenIsRefused.
	Probe string
	// RepeatOnce limits the repetitions to one, for a request that is itself
	// repeated by its caller.
	RepeatOnce bool
	// Deadline, by the client's clock, ends the call, but not a POST in
	// flight; zero means none.
	Deadline time.Time
	// EvenIfCancelled has Do's context end only the waits between attempts, and no
	// attempt.
	EvenIfCancelled bool
	// BeforeAttempt and AfterRefusal, when not nil, are called before each
	// attempt, and after each that is going to be repeated.
	BeforeAttempt, AfterRefusal func()

	// forToken marks a request for a token. It is made on behalf of a request
	// that the pacer has admitted, so it is neither paced nor signed, and is
	// repeated as a GET is, since asking for a token changes nothing.
	forToken bool
}

func (r *Request) url() string {
	u := r.Base.String() + r.Path
	if r.Query != "" {
		u += "?" + r.Query
	}
	return u
}

// isSafe reports whether the request may be processed twice.
func (r *Request) isSafe() bool { return r.Method == http.MethodGet || r.forToken }

// Do makes a request; every request of a process is made here. Its error is an
// *APIError when a response has another status than 2xx, an *UnreadableError
// when Decode failed, a *TransportError when there was no response, and
// otherwise a *NotMadeError, or the cause for which ctx or the deadline ended a
// GET.
//
// Cancelling ctx aborts a GET; a POST in flight ends under its own timeout,
// because nobody would know its outcome (rule R3).
func (c *Client) Do(ctx context.Context, r Request) error {
	pauses, cancel := c.Clock.WithDeadline(ctx, r.Deadline)
	defer cancel()
	ctx = pauses
	if r.EvenIfCancelled {
		ctx, cancel = c.Clock.WithDeadline(context.WithoutCancel(ctx), r.Deadline)
		defer cancel()
	}
	maxRetries := c.MaxRetries
	if r.RepeatOnce {
		maxRetries = min(1, maxRetries)
	}
	var before error // how the attempt before ended
	var renewed bool
	began, through := c.Clock.Now(), c.pacer.through.Load()
	for attempts, retries := 1, 0; ; attempts++ {
		if err := c.admit(ctx, pauses, &r); err != nil {
			return &NotMadeError{request: r.name(), after: before, err: err}
		}
		authorization, err := c.authorization(ctx, pauses, &r)
		if err == nil {
			err = context.Cause(ctx) // It may have ended just now.
		}
		if err != nil {
			c.leave(&r, &attempt{}, 0)
			return &NotMadeError{request: r.name(), after: before, err: err}
		}
		if r.BeforeAttempt != nil {
			r.BeforeAttempt()
		}
		a := c.attempt(ctx, &r, authorization, attempts)
		refused := c.tokenIsRefused(ctx, &r, a, authorization)
		wait := c.backoff(retries+1, a)
		c.leave(&r, a, wait)
		if a.err == nil {
			c.Log(ctx, "API request succeeded", r.logFields(a, attempts))
			return nil
		}
		if r.isSafe() && ctx.Err() != nil {
			return context.Cause(ctx)
		}

		again := maySendAgain(r.isSafe(), a)
		if !renewed && refused && c.tokens.renew(authorization) {
			// Not a repetition that the user has a say in.
			again, wait, renewed = true, 0, true
		} else {
			// A 429 counts only while no other request gets through: for a request
			// without a deadline, which has to end, that holds for a while.
			isBusy := a.status == http.StatusTooManyRequests && c.pacer.through.Load() != through
			if !isBusy || maxRetries == 0 || r.Deadline.IsZero() && c.Clock.Now().Sub(began) > maxWait {
				retries++
			}
			through = c.pacer.through.Load()
			again = again && retries <= maxRetries
		}
		again = again && pauses.Err() == nil
		hasTime := c.hasTime(&r, wait)
		c.logFailure(ctx, &r, a, attempts, again && hasTime, wait)
		switch {
		case !again:
			return a.err
		case !hasTime:
			return outOfTimeError{a.err}
		}
		if r.AfterRefusal != nil {
			r.AfterRefusal()
		}
		before = a.err
		if err := c.Clock.Sleep(pauses, wait); err != nil {
			return &NotMadeError{request: r.name(), after: before, err: err}
		}
	}
}

// admit waits until the pacer lets the next attempt through.
func (c *Client) admit(ctx, pauses context.Context, r *Request) error {
	if ctx.Err() != nil || r.forToken {
		return context.Cause(ctx)
	}
	return c.pacer.admit(ctx, func(wait time.Duration) error {
		if !c.hasTime(r, wait) {
			return fmt.Errorf("the API has refused other requests with HTTP 429, and the next can be made in %s, which is later than there is time", wait.Round(time.Millisecond))
		}
		return c.Clock.Sleep(pauses, wait)
	})
}

// tokenIsRefused reports whether the gateway refused the token of an attempt,
// and so did not hand on the request. To a POST, whatever inspects responses may
// say the same once the API has processed it. So that is believed, and definite,
// only if a GET with the same token is refused as well. The GET is part of the
// POST: nothing but the request timeout ends it (rule R3).
func (c *Client) tokenIsRefused(ctx context.Context, r *Request, a *attempt, authorization string) bool {
	var api *APIError
	if r.isSafe() || !a.refusesToken || !errors.As(a.err, &api) {
		return a.refusesToken
	}
	probe := Request{Method: http.MethodGet, Base: r.Base, Path: r.Probe, Decode: func([]byte) error { return nil }, ServerClock: r.ServerClock}
	p := c.attempt(context.WithoutCancel(ctx), &probe, authorization, 1)
	c.Log(ctx, "Asked whether the token of a refused POST is refused", probe.logFields(p, 1))
	api.FromAPI = api.FromAPI || p.refusesToken
	return p.refusesToken
}

// leave tells the pacer how an attempt that it admitted has ended, and how long
// the request waits before another one.
func (c *Client) leave(r *Request, a *attempt, wait time.Duration) {
	switch {
	case r.forToken:
	case a.status == http.StatusTooManyRequests:
		c.pacer.refused(a.retryAfter, wait)
	default:
		c.pacer.done(a.status != 0)
	}
}

// authorization returns the value of the header that signs a request.
func (c *Client) authorization(ctx, pauses context.Context, r *Request) (string, error) {
	switch {
	case r.forToken:
		return "", nil
	case c.tokens != nil:
		token, err := c.tokens.current(ctx, pauses, r)
		return "Bearer " + token, err
	}
	return c.Credentials.(BasicAuth).header(), nil
}

// outOfTimeError is the end of an attempt that there was no time to repeat.
type outOfTimeError struct{ error }

func (e outOfTimeError) Unwrap() error { return e.error }

// hasTime reports whether the request has time for a wait.
func (c *Client) hasTime(r *Request, wait time.Duration) bool {
	if r.Deadline.IsZero() {
		return wait <= maxWait && !c.pacer.isStuck()
	}
	return !c.Clock.Now().Add(wait).After(r.Deadline)
}

// secrets returns what must not be shown of a request.
func (c *Client) secrets(r *Request, authorization string) []string {
	return append(append(c.Credentials.secrets(), signature(authorization)), r.Secrets...)
}

// name is the method, host and path of the request. A query may hold what the
// user filters by.
func (r *Request) name() string { return r.Method + " " + r.Base.Host + r.Path }

func (r *Request) logFields(a *attempt, attempts int) map[string]any {
	return map[string]any{"method": r.Method, "host": r.Base.Host, "path": r.Path, "attempt": attempts, "status": a.status}
}

func (c *Client) logFailure(ctx context.Context, r *Request, a *attempt, attempts int, again bool, wait time.Duration) {
	fields := r.logFields(a, attempts)
	if !errors.As(a.err, new(*APIError)) {
		fields["error"] = describeEnd(a.err)
		fields["request_written"] = a.wrote
	}
	if again {
		fields["repeat_after"] = wait.String()
	}
	c.Log(ctx, "API request did not succeed", fields)
}

// NotMadeError is a call that ended before an attempt of it began. Those
// before, if any, cannot have been processed.
type NotMadeError struct {
	request string
	// after is how the attempt before ended; nil if there was none.
	after error
	err   error
}

// Error implements error.
func (e *NotMadeError) Error() string {
	if e.after == nil {
		return fmt.Sprintf("%s was not made: %s", e.request, inOwnWords(e.err.Error()))
	}
	return fmt.Sprintf("%s was not repeated after %s: %s", e.request, describeEnd(e.after), inOwnWords(e.err.Error()))
}

// Unwrap returns the cause.
func (e *NotMadeError) Unwrap() error { return e.err }

// describeEnd says how an attempt ended, without naming the request again.
func describeEnd(err error) string {
	var api *APIError
	switch {
	case errors.As(err, &api):
		return statusText(api.StatusCode)
	case errors.Unwrap(err) != nil:
		return errors.Unwrap(err).Error()
	}
	return err.Error()
}
