package provider

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
)

// line is the network between the provider and the simulator, and what stops
// an apply. A provider that was killed has no line any more.
type line struct {
	*model
	mu     sync.Mutex
	refuse int
	count  int
	// behind is how far the clock of the API that writes Date is behind the one
	// that dates its commands.
	behind time.Duration
	// at and after say which request fires stop.
	at    int
	after bool
	stop  func()
	kills bool
	dead  bool
}

// begin sets what an apply meets.
func (l *line) begin(u trouble, stop func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refuse, l.count, l.at, l.after, l.stop, l.kills, l.dead = u.Refuse, 0, u.At, u.After, stop, u.Stop != tfcore.Interrupt, false
}

// check ends the walk after more requests than anything needs.
func (l *line) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count > mostRequests {
		l.t.Fatalf("R1, R4, R5: more than %d requests", mostRequests)
	}
}

// behindBy is how far the clock that writes Date is behind; the CLI's has no line.
func (l *line) behindBy() time.Duration {
	if l == nil {
		return 0
	}
	return l.behind
}

var errNoConnection = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// RoundTrip implements http.RoundTripper without a connection.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.count++
	stops := l.stop != nil && l.count == l.at
	if stops && !l.after {
		l.stop()
		l.dead = l.kills
	}
	gone := l.dead || l.refuse > 0 || l.count > mostRequests
	l.refuse--
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
	if stops && l.after {
		l.stop()
		l.dead = l.kills
	}
	if resp == nil || l.dead {
		return nil, io.ErrUnexpectedEOF
	}
	return resp, nil
}

// serve responds to a request, with nil where the connection breaks before the
// response.
func (l *line) serve(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	isBroken := l.isBroken(w, r)
	if isBroken && !w.Flushed {
		return nil
	}
	resp := w.Result()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		resp.Header.Set("Date", date.Add(-l.behind).Format(http.TimeFormat))
	}
	if isBroken {
		resp.Body = io.NopCloser(io.MultiReader(w.Body, broken{}))
	}
	return resp
}

// isBroken has the simulator respond, and reports whether that breaks off.
func (l *line) isBroken(w http.ResponseWriter, r *http.Request) (isBroken bool) {
	defer func() { isBroken = recover() != nil }()
	l.ServeHTTP(w, r)
	return false
}

// mostRequests is far more than a command makes; nobody is there for further
// ones, so that a provider that asks for ever ends.
const mostRequests = 2000

// broken is the end of a body that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
