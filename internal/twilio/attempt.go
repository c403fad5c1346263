package twilio

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// call is a request under way. It travels in the context of its attempts,
// since the hooks of retryablehttp see nothing else.
type call struct {
	request
	// ctx is the caller's. A POST in flight outlives it (R3).
	ctx      context.Context
	attempts int
	judged   int // attempts that checkRetry has decided on
	wrote    atomic.Bool
	// wait is how long the next attempt has to wait, after one that ended
	// in this way.
	wait  time.Duration
	after string
	// signature is what the last attempt was signed with.
	signature string
	// renewed tells that a 403 has had the credentials renewed.
	renewed bool
	// admitted tells that the pacer counts the attempt as in flight.
	admitted bool
}

type callKey struct{}

func callFrom(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// trace notes when the first byte of the request was written. Over HTTP/1.1,
// Go's transport repeats a POST by itself only where it wrote nothing to the
// connection; it then asks for another one, and the note starts anew.
func (cl *call) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { cl.wrote.Store(false) },
		WroteHeaderField: func(string, []string) { cl.wrote.Store(true) },
		WroteHeaders:     func() { cl.wrote.Store(true) },
	}
}

// notMadeError is a call that ended before an attempt of it began. Those
// before, if any, cannot have been processed.
type notMadeError struct {
	method, host, path string
	// after is how the attempt before ended; empty if there was none.
	after string
	err   error
}

// Error implements error.
func (e *notMadeError) Error() string {
	if e.after == "" {
		return fmt.Sprintf("%s %s%s was not made: %v", e.method, e.host, e.path, e.err)
	}
	return fmt.Sprintf("%s %s%s was not repeated after %s: %v", e.method, e.host, e.path, e.after, e.err)
}

// Unwrap returns the cause.
func (e *notMadeError) Unwrap() error { return e.err }

// retrying wraps a client in retryablehttp with our policy. The library
// repeats; when, how often and after how long is decided in checkRetry, and
// waited for in prepareAttempt, on our clock.
func (c *Client) retrying(h *http.Client) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   h,
		RetryMax:     math.MaxInt32,
		CheckRetry:   c.checkRetry,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 },
		PrepareRetry: c.prepareAttempt,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// prepareAttempt waits until the next attempt may be made and signs it.
func (c *Client) prepareAttempt(req *http.Request) error {
	cl := callFrom(req.Context())
	err := c.waitTurn(cl)
	if err == nil {
		//nolint:contextcheck // req's context outlives the caller's, and a token is not to.
		err = c.signer.sign(cl.ctx, req, func(wait time.Duration) error { return c.pause(cl, wait) })
	}
	if err != nil {
		c.leave(cl, false)
		return &notMadeError{method: cl.method, host: cl.base.Host, path: cl.path, after: cl.after, err: err}
	}
	cl.attempts++
	_, cl.signature, _ = strings.Cut(req.Header.Get("Authorization"), " ")
	// A transport that does not tell has to be taken to have written.
	cl.wrote.Store(true)
	if cl.beforeAttempt != nil {
		cl.beforeAttempt()
	}
	return nil
}

// waitTurn waits until the call's next attempt may be made, by what its last
// attempt and those of other calls were told.
func (c *Client) waitTurn(cl *call) error {
	if cl.wait > 0 {
		if err := c.clock.Sleep(cl.waiting, cl.wait); err != nil {
			return err
		}
	}
	if err := c.pacer.admit(cl.ctx, func(wait time.Duration) error { return c.pause(cl, wait) }); err != nil {
		return err
	}
	cl.admitted = true
	return cl.ctx.Err()
}

// leave tells the pacer, once, that the attempt in flight has ended otherwise
// than with 429; ok tells that it was answered.
func (c *Client) leave(cl *call, ok bool) {
	if cl.admitted {
		cl.admitted = false
		c.pacer.done(ok)
	}
}

// checkRetry is called by retryablehttp after each attempt, and again after
// decode, with its error.
func (c *Client) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	cl := callFrom(ctx)
	if cl.judged == cl.attempts && err == nil {
		return false, nil
	}
	cl.judged = cl.attempts
	end := attemptEnd{method: cl.method, wrote: cl.wrote.Load(), failed: err != nil, permanent: isPermanent(err)}
	if resp != nil {
		end.status = resp.StatusCode
	}
	var unreadable *UnreadableError
	end.unreadable = errors.As(err, &unreadable)
	wait := c.backoff(cl.attempts, resp)
	if end.status == http.StatusTooManyRequests {
		cl.admitted = false
		var asked time.Duration
		if _, ok := retryAfter(resp.Header, c.clock.Now()); ok {
			asked = wait
		}
		c.pacer.refused(asked)
	}
	if end.status == http.StatusForbidden && !cl.renewed {
		cl.renewed = c.signer.renew(resp.Request)
		end.renewed = cl.renewed
	}
	if end.renewed {
		wait = 0
		cl.maxRetries++ // Not a repetition that the user has a say in.
	}
	again := maySendAgain(end) && cl.waiting.Err() == nil && cl.attempts <= cl.maxRetries && c.mayWait(cl, wait)
	if end.status/100 != 2 || err != nil {
		c.logAttempt(cl, end, err, again, wait)
	}
	if !again {
		return false, nil
	}
	c.leave(cl, end.status != 0)
	cl.wait, cl.after = wait, c.describe(end, err)
	if cl.afterRefused != nil {
		cl.afterRefused()
	}
	return true, nil
}

// pause waits, as long as the call has the time and its waiting was not ended;
// else its error is errNoTime, or that of the context. Without a wait it only
// looks at the time.
func (c *Client) pause(cl *call, wait time.Duration) error {
	if !c.mayWait(cl, wait) {
		return errNoTime
	}
	if wait <= 0 {
		return nil
	}
	return c.clock.Sleep(cl.waiting, wait)
}

// errNoTime means that a wait is longer than there is time.
var errNoTime = errors.New("there is no time left to wait")

// mayWait tells whether a wait is short enough for this call.
func (c *Client) mayWait(cl *call, wait time.Duration) bool {
	if cl.deadline.IsZero() {
		return wait <= maxWait
	}
	return !c.clock.Now().Add(wait).After(cl.deadline)
}

func (c *Client) logAttempt(cl *call, end attemptEnd, err error, again bool, wait time.Duration) {
	fields := map[string]any{"method": cl.method, "host": cl.base.Host, "path": cl.path, "attempt": cl.attempts, "status": end.status}
	if err != nil {
		fields["error"] = c.explain(err).Error()
		fields["request_written"] = end.wrote
	}
	if again {
		fields["repeat_after"] = wait.String()
	}
	c.log(cl.ctx, "Twilio API request did not succeed", fields)
}

// describe says how an attempt ended, for an error.
func (c *Client) describe(e attemptEnd, err error) string {
	if e.status != 0 && !e.unreadable {
		return statusText(e.status)
	}
	return c.explain(err).Error()
}
