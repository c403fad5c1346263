package rest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Backoff between attempts: exponential with full jitter.
const (
	backoffBase = 500 * time.Millisecond
	backoffMax  = 30 * time.Second
	// maxWait is the longest wait for a single repetition that a request
	// without a deadline accepts, whatever Retry-After asks for.
	maxWait = 2 * time.Minute
	// maxRetryAfter bounds what is made of a Retry-After.
	maxRetryAfter = 365 * 24 * time.Hour
)

// maySendAgain is rule R1. A request that is not safe, a POST, may be sent
// again only where it cannot have been processed: the API refused it with 429,
// or the attempt failed before a byte of it was written. A safe one may be
// repeated on 429, 5xx, a failed connection and an unreadable response. (Do
// allows one more repetition of any request: after a refusal of its token, with
// a new one; see tokenIsRefused.)
func maySendAgain(safe bool, a *attempt) bool {
	switch {
	case a.permanent:
		return false
	case a.status == http.StatusTooManyRequests:
		return true
	case !safe:
		return a.status == 0 && !a.wrote
	}
	return a.status == 0 || a.status/100 == 2 || a.status >= 500
}

// isPermanent reports whether no repetition can mend an error: a certificate
// that is not trusted, a server that does not speak TLS, or a proxy that wants a
// password will be no better a second later.
func isPermanent(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var own *ownError
	return errors.As(err, &own) && own.permanent || errors.As(err, &verification) || errors.As(err, &authority) || errors.As(err, &record) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// backoff returns how long to wait before repetition n (1 is the first):
// exponential backoff with full jitter, but not less than Retry-After asks for,
// plus a little jitter so that clients do not return together.
func (c *Client) backoff(n int, a *attempt) time.Duration {
	// Ten doublings are beyond the maximum, and more would overflow.
	ceiling := min(backoffBase<<min(max(n-1, 0), 10), backoffMax)
	jitter := c.Rand()
	return max(a.retryAfter+time.Duration(jitter*float64(backoffBase)), time.Duration(jitter*float64(ceiling)))
}

// retryAfter reads the Retry-After header (RFC 9110, section 10.2.3): seconds,
// of which some servers give fractions, or a date, which is compared with the
// server's own Date where it gives one. What it returns is neither negative nor
// more than maxRetryAfter, and zero where the header says nothing.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if strings.Trim(v, "0123456789.") == "" { // ParseFloat also reads NaN, 1e9 and signs.
		seconds, err := strconv.ParseFloat(v, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	if date, ok := ServerDate(h); ok {
		now = date
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}
