package rest

import (
	"net/http"
	"sync"
	"time"
)

// ServerClock is what the responses of an API tell of its clock. Each gives
// bounds only: a Date is cut to whole seconds, and was written at some time
// between the sending of the request and the coming of the response. All responses
// together narrow the bounds. It is safe for concurrent use.
type ServerClock struct {
	mu sync.Mutex
	// At origin by our clock, the server's showed something from date+lo on,
	// and before date+hi.
	origin, date time.Time
	lo, hi       time.Duration
	// jumped reports whether two responses contradicted each other, because one
	// of the clocks was set or the responses come from several servers. From
	// then on responses widen the bounds.
	jumped bool
}

// Moment is when something happened by the server's clock: at Earliest or
// later, and before Latest.
type Moment struct{ Earliest, Latest time.Time }

// At returns when our clock showed t, by the server's clock, and false where
// no response has told yet.
func (s *ServerClock) At(t time.Time) (Moment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.date.Add(t.Sub(s.origin))
	return Moment{at.Add(s.lo), at.Add(s.hi)}, !s.origin.IsZero()
}

// observe learns from a response that was received, to a request that was sent,
// at these times by our clock.
func (s *ServerClock) observe(h http.Header, sent, received time.Time) {
	date, ok := ServerDate(h)
	if !ok || IsCached(h) { // It is older than its coming says.
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.origin.IsZero() {
		s.origin, s.date, s.lo, s.hi = sent, date, sent.Sub(received), time.Second
		return
	}
	passed := date.Sub(s.date)
	lo, hi := passed-received.Sub(s.origin), passed+time.Second-sent.Sub(s.origin)
	if !s.jumped && lo < s.hi && hi > s.lo {
		s.lo, s.hi = max(lo, s.lo), min(hi, s.hi)
		return
	}
	s.jumped = true
	s.lo, s.hi = min(lo, s.lo), max(hi, s.hi)
}

// IsCached reports whether a cache says that a response is an old one of its own
// (RFC 9111, section 5.1).
func IsCached(h http.Header) bool { return h.Get("Age") != "" && h.Get("Age") != "0" }

// ServerDate is what the server's clock showed when it responded, cut to whole
// seconds, and false where the response does not tell.
func ServerDate(h http.Header) (time.Time, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	return date, err == nil
}
