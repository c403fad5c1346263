package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// request is one call of an API, whatever the number of attempts.
type request struct {
	method string
	base   *url.URL
	// path goes below base's, and is escaped.
	path  string
	query string
	form  url.Values
	// maxRetries bounds the repetitions of this request.
	maxRetries int
	// deadline ends the waiting between attempts; zero means none.
	deadline time.Time
	// waiting, when not nil, ends the waiting between attempts in the place
	// of do's ctx, which then only ends attempts.
	waiting context.Context
	// beforeAttempt and afterRefused bracket each attempt of a POST; either
	// may be nil. The last attempt has no afterRefused: its outcome is do's.
	beforeAttempt, afterRefused func()
	// onAnswer, when not nil, sees the header of each answer of status 2xx.
	onAnswer func(http.Header)
}

func (r request) url() string {
	u := r.base.String() + r.path
	if r.query != "" {
		u += "?" + r.query
	}
	return u
}

// do makes a request; every request of the package is made here. It hands the
// answer to decode when its status is 2xx. Its error is an *APIError when the
// API refused, an *UnreadableError when decode failed, a *TransportError when
// there was no answer, and else that of ctx, or a *notMadeError.
//
// Cancelling ctx aborts a GET; a POST in flight ends under its own timeout,
// because nobody would know its outcome (rule R3).
func (c *Client) do(ctx context.Context, r request, decode func(io.Reader) error) error {
	cl := &call{request: r, ctx: ctx}
	if cl.waiting == nil {
		cl.waiting = ctx
	}
	attemptCtx := ctx
	if r.method == http.MethodPost {
		attemptCtx = context.WithoutCancel(ctx)
	}
	attemptCtx = httptrace.WithClientTrace(context.WithValue(attemptCtx, callKey{}, cl), cl.trace())

	var body any // An untyped nil is "no body" to retryablehttp.
	if r.form != nil {
		body = []byte(r.form.Encode())
	}
	req, err := retryablehttp.NewRequestWithContext(attemptCtx, r.method, r.url(), body)
	if err != nil {
		return fmt.Errorf("building the request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if r.form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.SetResponseHandler(func(resp *http.Response) error {
		if resp.StatusCode/100 != 2 {
			return nil
		}
		if r.onAnswer != nil {
			r.onAnswer(resp.Header)
		}
		if err := decode(boundedReader(resp.Body, resp.ContentLength)); err != nil {
			return &UnreadableError{Method: r.method, Path: r.path, StatusCode: resp.StatusCode, Err: redactError(err, c.secrets(cl)...)}
		}
		c.log(ctx, "Twilio API request succeeded", map[string]any{"method": r.method, "host": r.base.Host, "path": r.path, "attempt": cl.attempts, "status": resp.StatusCode})
		return nil
	})

	if err := c.prepareAttempt(req.Request); err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if resp != nil {
		defer resp.Body.Close()
	}
	c.leave(cl, resp != nil)
	return c.outcome(cl, resp, err)
}

// outcome turns the end of a call into do's error.
func (c *Client) outcome(cl *call, resp *http.Response, err error) error {
	var unreadable *UnreadableError
	var notMade *notMadeError
	switch {
	case err == nil && resp.StatusCode/100 == 2:
		return nil
	case cl.ctx.Err() != nil && cl.method != http.MethodPost:
		return cl.ctx.Err()
	case err == nil:
		return c.readAPIError(cl, resp)
	case errors.As(err, &unreadable):
		return unreadable
	case errors.As(err, &notMade):
		return notMade
	default:
		return &TransportError{Method: cl.method, Host: cl.base.Host, Path: cl.path, Wrote: cl.wrote.Load(), Attempts: cl.attempts, Err: c.explain(err)}
	}
}

// explain makes the error of a request without an answer one to show.
func (c *Client) explain(err error) error {
	err = stripURL(err)
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within the request timeout of %s: %w", c.http.HTTPClient.Timeout, err)
	}
	return err
}

// stripURL removes the *url.Error around an error: the host and path are told
// by our own errors, and a query may hold what the user filters by.
func stripURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// escapePath joins path segments, each escaped.
func escapePath(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}
