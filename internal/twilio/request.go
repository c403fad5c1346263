package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// maxAnswerBytes bounds what is read of one answer. A page of 1,000 commands
// whose 1,300 bytes of payload are all escaped in JSON stays below it.
const maxAnswerBytes = 16 << 20

// request is one call of an API, whatever the number of attempts.
type request struct {
	method string
	base   *url.URL
	path   string
	query  string
	form   url.Values
	// maxRetries bounds the repetitions of this request.
	maxRetries int
	// deadline ends the waiting between attempts; zero means none.
	deadline time.Time
	// beforeAttempt and afterRefused bracket each attempt of a POST; either
	// may be nil. The last attempt has no afterRefused: its outcome is do's.
	beforeAttempt, afterRefused func()
	// onAnswer, when not nil, sees the header of each answer of status 2xx.
	onAnswer func(http.Header)
}

func (r request) url() string {
	u := *r.base
	u.Path += r.path
	u.RawQuery = r.query
	return u.String()
}

// call is a request under way. It travels in the context of its attempts,
// since the hooks of retryablehttp see nothing else.
type call struct {
	request
	// ctx is the caller's. It ends waits; a POST in flight outlives it (R3).
	ctx      context.Context
	attempts int
	judged   int // attempts that checkRetry has decided on
	wrote    atomic.Bool
	wait     time.Duration
}

type callKey struct{}

func callFrom(ctx context.Context) *call { return ctx.Value(callKey{}).(*call) }

// do makes a request; every request of the package is made here. It hands the
// answer to decode when its status is 2xx. Its error is an *APIError when the
// API refused, an *UnreadableError when decode failed, a *TransportError when
// there was no answer, and else the error of ctx.
//
// Cancelling ctx aborts a GET; a POST in flight ends under its own timeout,
// because nobody would know its outcome (rule R3).
func (c *Client) do(ctx context.Context, r request, decode func(io.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	cl := &call{request: r, ctx: ctx}
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
		if err := decode(boundedReader(resp.Body)); err != nil {
			return &UnreadableError{Method: r.method, Path: r.path, StatusCode: resp.StatusCode, Err: err}
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
	return c.outcome(cl, resp, err)
}

// outcome turns the end of a call into do's error.
func (c *Client) outcome(cl *call, resp *http.Response, err error) error {
	var unreadable *UnreadableError
	switch {
	case cl.ctx.Err() != nil && cl.method != http.MethodPost:
		return cl.ctx.Err()
	case err == nil && resp.StatusCode/100 == 2:
		return nil
	case err == nil:
		return c.readAPIError(cl, resp)
	case errors.As(err, &unreadable):
		return unreadable
	case errors.Is(err, errPrepare):
		return err
	default:
		return &TransportError{Method: cl.method, Host: cl.base.Host, Path: cl.path, Wrote: cl.wrote.Load(), Attempts: cl.attempts, Err: stripURL(err)}
	}
}

// trace notes when the first byte of the request was written. Go's transport
// repeats a POST by itself only where it wrote nothing to the connection; it
// then asks for another one, and the note starts anew.
func (cl *call) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { cl.wrote.Store(false) },
		WroteHeaderField: func(string, []string) { cl.wrote.Store(true) },
		WroteHeaders:     func() { cl.wrote.Store(true) },
	}
}

// errPrepare marks a call that ended between two attempts, the earlier of
// which cannot have been processed.
var errPrepare = errors.New("no further attempt was made")

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
	if err := c.clock.Sleep(cl.ctx, cl.wait); err != nil {
		return fmt.Errorf("%w: %w", errPrepare, err)
	}
	if err := c.pacer.admit(cl.ctx); err != nil {
		return fmt.Errorf("%w: %w", errPrepare, err)
	}
	if err := c.credentials.Authorize(req); err != nil {
		return fmt.Errorf("%w: %w", errPrepare, err)
	}
	cl.attempts++
	cl.wrote.Store(false)
	if cl.beforeAttempt != nil {
		cl.beforeAttempt()
	}
	return nil
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
		c.pacer.refused(wait)
	}
	again := maySendAgain(end) && cl.ctx.Err() == nil && cl.attempts <= cl.maxRetries && c.mayWait(cl, wait)
	if end.status/100 != 2 || err != nil {
		c.logAttempt(cl, end, err, again, wait)
	}
	if !again {
		return false, nil
	}
	cl.wait = wait
	if cl.afterRefused != nil {
		cl.afterRefused()
	}
	return true, nil
}

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
		fields["error"] = stripURL(err).Error()
		fields["request_written"] = end.wrote
	}
	if again {
		fields["repeat_after"] = wait.String()
	}
	c.log(cl.ctx, "Twilio API request did not succeed", fields)
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

// boundedReader reads at most maxAnswerBytes and then fails, rather than
// ending as if the answer were complete.
func boundedReader(r io.Reader) io.Reader {
	return &bounded{r: r, left: maxAnswerBytes}
}

type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("the answer is larger than %d MiB", maxAnswerBytes>>20)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
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
