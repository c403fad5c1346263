package twiliosim

import (
	"crypto/tls"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Fault makes requests go wrong. Its first fields say which requests, and all
// the conditions given must hold: the zero value matches every request. The
// others say what happens to them.
//
// A request is processed (a POST creates its command) if Accept is set, or if
// the fault only alters the real response: no Status, no Drop, and no Stall
// without TruncateBody.
type Fault struct {
	// Method is the method to match; empty means any.
	Method string
	// PathPrefix is what the path must start with.
	PathPrefix string
	// Match, if set, decides about what Method and PathPrefix let through. It
	// must neither change what it is given, nor inject or clear faults.
	Match func(method, path string, query, form url.Values) bool
	// Skip lets this many matching requests pass first.
	Skip int
	// Times is how many matching requests the fault then applies to; 0 means
	// all of them.
	Times int

	// Accept processes the request although its response is lost or replaced.
	Accept bool
	// Status replaces the real response with one of this HTTP status. Without a
	// Body, it has the API's error body for that status.
	Status int
	// Header is added to the response and replaces what it has under the same
	// (canonical) names; a nil value takes the header out, Date included.
	Header http.Header
	// Body replaces the body of the response. One that is empty, not nil, leaves
	// the response without a body.
	Body []byte
	// Drop resets the connection instead of responding.
	Drop bool
	// Stall never responds, until the client goes away or the server closes.
	Stall bool
	// TruncateBody, above 0, promises the whole response but sends only this
	// many bytes of its body and closes the connection; with Stall, it holds
	// the connection instead.
	TruncateBody int

	// Delay, if set, is called while the request is held, before anything
	// else happens to it. The simulator waits for it.
	Delay func()
	// Then, if set, is called after the request was processed, if it is, and
	// before the client sees anything.
	Then func()
}

// On returns the fault for requests with this method and path prefix only.
func (f Fault) On(method, pathPrefix string) Fault {
	f.Method, f.PathPrefix = method, pathPrefix
	return f
}

// TooManyRequests responds to 429 to this many requests (0: to all), without
// processing them. retryAfter is the Retry-After header, in seconds or as an
// HTTP date; empty means none.
func TooManyRequests(retryAfter string, times int) Fault {
	f := Fault{Status: http.StatusTooManyRequests, Times: times}
	if retryAfter != "" {
		f.Header = http.Header{"Retry-After": {retryAfter}}
	}
	return f
}

// ServerError responds with this status (500, 503 ...) and the API's error body
// to this many requests (0: to all), without processing them. Set Accept to
// have them processed all the same.
func ServerError(status, times int) Fault { return Fault{Status: status, Times: times} }

// HTMLBadGateway responds to this many requests (0: all) with a gateway's page, a
// 502 in HTML, without processing them.
func HTMLBadGateway(times int) Fault {
	return Fault{
		Status: http.StatusBadGateway,
		Header: http.Header{"Content-Type": {"text/html"}},
		Body:   []byte("<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n"),
		Times:  times,
	}
}

// LostRequest resets the connection of this many requests (0: all) before
// they are processed.
func LostRequest(times int) Fault { return Fault{Drop: true, Times: times} }

// LostResponse resets the connection of this many requests (0: all) after they
// were processed: a POST has created its command and nobody was told.
func LostResponse(times int) Fault { return Fault{Drop: true, Accept: true, Times: times} }

// Stalled never responds to this many requests (0: all). accept says whether they
// are processed.
func Stalled(accept bool, times int) Fault { return Fault{Stall: true, Accept: accept, Times: times} }

// liveFault is a fault and the requests that it has seen.
type liveFault struct {
	Fault
	skipped, applied int
}

// Inject adds a fault after those that are there. To a request applies the
// first fault that matches it, has skipped all it should, and has Times left.
func (s *Simulator) Inject(f Fault) {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.faults = append(s.faults, &liveFault{Fault: f})
}

// ClearFaults removes all faults. Requests that one of them holds stay held.
func (s *Simulator) ClearFaults() {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.faults = nil
}

// matchFault returns the fault that applies to a request, and counts. Without
// one it is the zero value, which changes nothing.
func (s *Simulator) matchFault(in *incoming) Fault {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	for _, f := range s.faults {
		if f.Times > 0 && f.applied == f.Times || !f.matches(in) {
			continue
		}
		if f.skipped < f.Skip {
			f.skipped++
			continue
		}
		f.applied++
		return f.Fault
	}
	return Fault{}
}

// matches reports whether the fault's conditions hold.
func (f *Fault) matches(in *incoming) bool {
	return (f.Method == "" || f.Method == in.Method) && strings.HasPrefix(in.URL.Path, f.PathPrefix) &&
		(f.Match == nil || f.Match(in.Method, in.URL.Path, in.query, in.form))
}

// processes reports whether a request is processed in spite of the fault.
func (f *Fault) processes() bool {
	return f.Accept || f.Status == 0 && !f.Drop && (!f.Stall || f.TruncateBody > 0)
}

// play responds to a request as a fault wants it.
func (s *Simulator) play(w http.ResponseWriter, in *incoming, f *Fault) {
	if f.Delay != nil {
		f.Delay()
	}
	var a response
	if f.processes() {
		a = s.process(in)
	}
	if f.Status != 0 {
		a = s.refusal(in.URL.Path, errStatus(f.Status))
	}
	if f.Body != nil {
		a.body = f.Body
	}
	if a.header == nil {
		a.header = http.Header{}
	}
	maps.Copy(a.header, f.Header)
	if f.Then != nil {
		f.Then()
	}
	switch {
	case f.Drop:
		s.noteResponse(in, 0, "dropped")
		reset(w)
		return
	case f.TruncateBody > 0 && f.TruncateBody < len(a.body):
		s.noteResponse(in, a.status, "truncated")
		s.write(w, a, f.TruncateBody)
		_ = http.NewResponseController(w).Flush() // no flush, no bytes: as broken
	case f.Stall:
		s.noteResponse(in, 0, "stalled")
	default:
		s.noteResponse(in, a.status, "")
		s.write(w, a, len(a.body))
		return
	}
	if f.Stall {
		<-in.Context().Done() // the client has gone away, or the server closes
	}
	panic(http.ErrAbortHandler)
}

// reset closes the connection under a response with a TCP reset. Where that
// cannot be done (HTTP/2, a recorder) the handler is aborted, which net/http
// turns into a broken connection or stream.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // makes Close send a reset
	}
	_ = conn.Close()
}
