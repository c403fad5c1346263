package rest

import (
	"net/http"
	"sync"
	"time"
)

// ServerClock is what the answers of an API tell of its clock. Each gives
// bounds only: a Date is cut to whole seconds, and was written at some time
// between the sending of the request and the coming of the answer. All answers
// together narrow the bounds. It is safe for concurrent use.
type ServerClock struct {
	mu sync.Mutex
	// origin is a moment by our clock; bounds, the same by the server's.
	origin time.Time
	bounds Moment
	// jumped reports whether two answers contradicted each other, because one
	// of the clocks was set or the answers come from several servers. From
	// then on answers widen the bounds.
	jumped bool
}

// Moment is when something happened by the server's clock: at Earliest or
// later, and before Latest.
type Moment struct{ Earliest, Latest time.Time }

// At returns when our clock showed t, by the server's clock, and false where
// no answer has told yet.
func (s *ServerClock) At(t time.Time) (Moment, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	since := t.Sub(s.origin)
	return Moment{s.bounds.Earliest.Add(since), s.bounds.Latest.Add(since)}, !s.origin.IsZero()
}

// observe learns from an answer that was received, to a request that was sent,
// at these times by our clock.
func (s *ServerClock) observe(h http.Header, sent, received time.Time) {
	date, ok := serverDate(h)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.origin.IsZero() {
		s.origin = sent
		s.bounds = Moment{date.Add(-received.Sub(sent)), date.Add(time.Second)}
		return
	}
	earliest := date.Add(-received.Sub(s.origin))
	latest := date.Add(time.Second - sent.Sub(s.origin))
	if !s.jumped && earliest.Before(s.bounds.Latest) && latest.After(s.bounds.Earliest) {
		s.bounds = Moment{later(earliest, s.bounds.Earliest), earlier(latest, s.bounds.Latest)}
		return
	}
	s.jumped = true
	s.bounds = Moment{earlier(earliest, s.bounds.Earliest), later(latest, s.bounds.Latest)}
}

// serverDate is what the server's clock showed when it answered, cut to whole
// seconds, and false where the answer does not tell.
func serverDate(h http.Header) (time.Time, bool) {
	date, err := http.ParseTime(h.Get("Date"))
	return date, err == nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
