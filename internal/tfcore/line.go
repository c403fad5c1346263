package tfcore

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"time"
)

// Line is the network between the provider and its API, in the process and without
// connections, and what stops an apply at a request. A provider that was killed has
// no line any more.
type Line struct {
	API http.Handler
	// Behind is how far the clock that writes Date is behind the API's other one.
	Behind time.Duration

	mu sync.Mutex
	LineTrouble
	count int
	dead  bool
}

// LineTrouble is what a command meets on the line.
type LineTrouble struct {
	// Refuse is how many connections are refused.
	Refuse int
	// Stop is called at a request, the first being 1, before the API has it or after.
	// Where Kills is set, it kills the provider.
	Stop  func()
	Kills bool
	At    int
	After bool
}

// Begin begins a command, which meets trouble.
func (l *Line) Begin(trouble LineTrouble) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.LineTrouble, l.count, l.dead = trouble, 0, false
}

// IsOverrun reports whether there were more requests than any command needs.
func (l *Line) IsOverrun() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count > mostRequests
}

// fire stops the apply.
func (l *Line) fire() {
	l.Stop()
	l.dead = l.Kills
}

var errNoConnection = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// RoundTrip implements http.RoundTripper without a connection.
func (l *Line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.count++
	stops := l.Stop != nil && l.count == l.At
	if stops && !l.After {
		l.fire()
	}
	gone := l.dead || l.Refuse > 0 || l.count > mostRequests
	l.Refuse--
	l.mu.Unlock()
	if gone {
		if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
			trace.GetConn("") // Nothing is written.
		}
		return nil, errNoConnection
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	response := make(chan *http.Response, 1)
	go func() { response <- l.serve(r) }() //nolint:bodyclose // Who asks closes it.
	var resp *http.Response
	select {
	case resp = <-response:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if stops && l.After {
		l.fire()
	}
	if resp == nil || l.dead {
		return nil, io.ErrUnexpectedEOF
	}
	return resp, nil
}

// serve responds to a request, with nil where the connection breaks before the
// response.
func (l *Line) serve(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	isBroken := l.isBroken(w, r)
	if isBroken && !w.Flushed {
		return nil
	}
	resp := w.Result()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		resp.Header.Set("Date", date.Add(-l.Behind).Format(http.TimeFormat))
	}
	if isBroken {
		resp.Body = io.NopCloser(io.MultiReader(w.Body, broken{}))
	}
	return resp
}

// isBroken has the API respond, and reports whether that breaks off.
func (l *Line) isBroken(w http.ResponseWriter, r *http.Request) (isBroken bool) {
	defer func() { isBroken = recover() != nil }()
	l.API.ServeHTTP(w, r)
	return false
}

// mostRequests is far more than a command makes; nobody is there for further
// ones, so that a provider that asks for ever ends.
const mostRequests = 2000

// broken is the end of a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
