package twilio

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Backoff between attempts: exponential with full jitter.
const (
	backoffBase = 500 * time.Millisecond
	backoffMax  = 30 * time.Second
	// maxWait is the longest wait for a single repetition that a request
	// without a deadline accepts, whatever Retry-After asks for.
	maxWait = 2 * time.Minute
	// maxRetryAfter bounds what is made of a Retry-After: longer is never.
	maxRetryAfter = 365 * 24 * time.Hour
)

// attemptEnd is how one attempt ended.
type attemptEnd struct {
	method string
	// status is the HTTP status, 0 when there was no answer.
	status int
	// wrote tells that the first byte of the request was written.
	wrote bool
	// failed tells that there was no answer, or only part of one.
	failed bool
	// unreadable tells that an answer came and could not be understood.
	unreadable bool
	// permanent tells that another attempt would fail the same way.
	permanent bool
	// renewed tells that the API refused the credentials with 403, which KORE
	// does when a token has expired, and that others are there now.
	renewed bool
}

// maySendAgain is rule R1. A POST may be sent again only where it cannot have
// been processed: the API refused it with 429, or refused credentials that
// have been renewed since, or the attempt failed before a byte of it was
// written. A GET may be repeated on 429, 5xx, a failed
// connection and an unreadable answer.
func maySendAgain(e attemptEnd) bool {
	if e.permanent {
		return false
	}
	if e.status == http.StatusTooManyRequests || e.renewed {
		return true
	}
	if e.method == http.MethodPost {
		return e.status == 0 && e.failed && !e.wrote
	}
	return e.failed || e.unreadable || e.status >= 500
}

// isPermanent tells errors that no repetition can mend: a certificate that is
// not trusted, or a server that does not speak TLS, will be no better a second
// later.
func isPermanent(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &record) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// backoff returns how long to wait after attempt n (1 is the first): what
// Retry-After asks for, plus a little jitter so that clients do not return
// together, or else exponential backoff with full jitter.
func (c *Client) backoff(n int, resp *http.Response) time.Duration {
	if resp != nil {
		if d, ok := retryAfter(resp.Header, c.clock.Now()); ok {
			return d + time.Duration(c.rand()*float64(backoffBase))
		}
	}
	// Ten doublings are beyond the maximum, and more would overflow.
	ceiling := min(backoffBase<<min(max(n-1, 0), 10), backoffMax)
	return time.Duration(c.rand() * float64(ceiling))
}

// serverDate is what the server's clock showed when it answered, and false
// where the answer does not tell.
func serverDate(h http.Header) (time.Time, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	return date, err == nil
}

// retryAfter reads the Retry-After header (RFC 9110, section 10.2.3): seconds
// or a date, which is compared with the server's own Date where it gives one.
// What it returns is neither negative nor more than maxRetryAfter.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	seconds, err := strconv.ParseUint(v, 10, 64)
	if err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	if date, ok := serverDate(h); ok {
		now = date
	}
	return min(max(0, at.Sub(now)), maxRetryAfter), true
}
