package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"
)

// attempt is how one attempt of a request ended.
type attempt struct {
	// status is the HTTP status, 0 when there was no response.
	status int
	// wrote reports whether a byte of the request may have been written.
	wrote bool
	// err is nil after a response of status 2xx that could be decoded.
	err error
	// permanent reports whether another attempt would fail the same way.
	permanent bool
	// refusesToken reports whether it ended with what looks like the gateway's
	// refusal of the token; see tokenIsRefused.
	refusesToken bool
	// retryAfter is how long the API asks to wait, zero when it does not say.
	retryAfter time.Duration
}

// attempt makes one attempt.
func (c *Client) attempt(ctx context.Context, r *Request, authorization string, number int) *attempt {
	if !r.isSafe() {
		ctx = context.WithoutCancel(ctx) // Rule R3.
	}
	ctx, cancel := context.WithTimeout(ctx, c.RequestTimeout)
	defer cancel()
	a := &attempt{}
	secrets := c.secrets(r, authorization)
	lost := func(err error) *attempt {
		a.permanent = isPermanent(err)
		err = cause(err, secrets)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = fmt.Errorf("no response within the %s that a request may take: %w", c.RequestTimeout, err)
		}
		a.err = &TransportError{Request: r.name(), Wrote: a.wrote, Attempts: number, AddressFrom: r.BaseFrom, Err: err}
		return a
	}

	// A transport that does not tell has to be taken to have written. Go's does,
	// and writes nothing before it asks for a connection.
	var wrote, asked atomic.Bool
	_, tells := c.Transport.(*http.Transport)
	wrote.Store(!tells)
	req, err := c.newRequest(httptrace.WithClientTrace(ctx, trace(&wrote, &asked)), r, authorization)
	if err != nil {
		return lost(err)
	}
	sent := c.Clock.Now()
	// Not with an http.Client: it follows redirects, and quotes from those
	// that it cannot follow.
	resp, err := c.Transport.RoundTrip(req)
	received := c.Clock.Now()
	a.wrote = wrote.Load()
	if record := (tls.RecordHeaderError{}); errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" {
		err = http.ErrSchemeMismatch
	}
	if tells && !asked.Load() && err != nil && ctx.Err() == nil {
		err = &ownError{"the request could not be made, and nothing was sent. Check the proxy that the environment names (HTTPS_PROXY), and that no credential holds a character that a header cannot carry", true}
	}
	if err != nil {
		return lost(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 1 {
		// The connection now belongs to another protocol, and reading from it
		// would heed neither the timeout nor ctx.
		return lost(&ownError{text: fmt.Sprintf("the response is %s, which nobody asked for", statusText(resp.StatusCode))})
	}

	a.status = resp.StatusCode
	a.retryAfter = retryAfter(resp.Header, received)
	byAPI := false
	if a.status/100 == 2 {
		a.err = decode(r, resp)
		byAPI = a.err == nil
	} else {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorBytes))
		if err != nil {
			body = nil // Half a response is not a response.
		}
		e := c.newAPIError(r, resp, body, secrets)
		e.Attempts, e.RetryAfter = number, a.retryAfter
		a.err, a.refusesToken, byAPI = e, c.refusesToken(r, a.status, body), e.FromAPI
	}
	if byAPI && r.ServerClock != nil {
		r.ServerClock.observe(resp.Header, sent, received)
	}
	return a
}

// cause returns the error of a transport in words of our own.
func cause(err error, secrets []string) error {
	switch {
	case !isLocal(err):
		return errNoHTTP
	case isPermanent(err): // It may quote from a certificate.
		return &ownError{text: Clean(err.Error(), secrets)}
	}
	return &ownError{text: inOwnWords(err.Error())}
}

// errNoHTTP stands for an error with which net/http quotes from the response,
// where pieces of the request may be.
var errNoHTTP = errors.New("the connection broke, or what came is no HTTP response that can be understood")

// ownError is an error in the words of this package.
type ownError struct {
	text string
	// permanent reports whether another attempt would fail the same way.
	permanent bool
}

func (e *ownError) Error() string { return e.text }

// isLocal reports whether the text of a transport's error was written by this
// machine.
func isLocal(err error) bool {
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.Canceled, context.DeadlineExceeded, http.ErrSchemeMismatch} {
		if errors.Is(err, known) {
			return true
		}
	}
	return errors.As(err, new(net.Error)) || errors.As(err, new(syscall.Errno)) || isPermanent(err) ||
		errors.As(err, new(*ownError))
}

// newRequest builds an attempt's request. Its body can be read again, which
// the transport does where it wrote nothing to a connection.
func (c *Client) newRequest(ctx context.Context, r *Request, authorization string) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, r.url(), strings.NewReader(r.Form.Encode()))
	if err != nil {
		return nil, &ownError{"building the request: " + err.Error(), true}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.UserAgent)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if r.IsFresh != nil {
		req.Header.Set("Cache-Control", "no-cache")
	}
	if r.Form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, nil
}

// trace notes when the first byte of the request was written. Over HTTP/1.1,
// Go's transport repeats a POST by itself only where it wrote nothing to the
// connection; it then asks for another one, and the note starts anew.
func trace(wrote, asked *atomic.Bool) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn:          func(string) { wrote.Store(false); asked.Store(true) },
		WroteHeaderField: func(string, []string) { wrote.Store(true) },
		WroteHeaders:     func() { wrote.Store(true) },
	}
}

// decode reads a response of status 2xx.
func decode(r *Request, resp *http.Response) error {
	body, err := readBody(resp.Body, resp.ContentLength, r.MaxBytes)
	if err == nil && r.IsFresh != nil {
		err = r.IsFresh(resp.Header)
	}
	if err == nil {
		err = r.Decode(body)
	}
	if err != nil {
		return &UnreadableError{Method: r.Method, Path: r.Path, StatusCode: resp.StatusCode, Err: err}
	}
	return nil
}

// readBody reads a body whole before it is decoded: half a response is not a
// response. Where its length is known, it is read into memory of that size.
func readBody(r io.Reader, length, bound int64) ([]byte, error) {
	buffer := bytes.NewBuffer(make([]byte, 0, max(0, min(length, bound))+bytes.MinRead))
	_, err := buffer.ReadFrom(io.LimitReader(r, bound+1))
	body := buffer.Bytes()
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading it: %w", cause(err, nil))
	case int64(len(body)) > bound:
		return nil, fmt.Errorf("the response is larger than %v MiB", float64(bound)/(1<<20))
	case len(body) == 0:
		return nil, errors.New("it is empty")
	case !utf8.Valid(body):
		// encoding/json would replace what it can't read, and a payload
		// would no longer be what was sent.
		return nil, errors.New("it is not UTF-8")
	}
	return body, nil
}
