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
}

// maySendAgain is rule R1. A POST may be sent again only where it cannot have
// been processed: the API refused it with 429, or the attempt failed before a
// byte of it was written. A GET may be repeated on 429, 5xx, a failed
// connection and an unreadable answer.
func maySendAgain(e attemptEnd) bool {
	if e.permanent {
		return false
	}
	if e.status == http.StatusTooManyRequests {
		return true
	}
	if e.method == http.MethodPost {
		return e.status == 0 && e.failed && !e.wrote
	}
	return e.failed || e.unreadable || e.status >= 500
}

// isPermanent tells errors that no repetition can mend: a certificate that
// is not trusted will not be trusted a second later.
func isPermanent(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &record)
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
	ceiling := backoffMax
	if n < 10 {
		ceiling = min(backoffBase<<(n-1), backoffMax)
	}
	return time.Duration(c.rand() * float64(ceiling))
}

// retryAfter reads the Retry-After header (RFC 9110, section 10.2.3): seconds
// or a date, which is compared with the server's own Date where it gives one.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	v := h.Get("Retry-After")
	if v == "" {
		return 0, false
	}
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second, true
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(0, at.Sub(now)), true
}
