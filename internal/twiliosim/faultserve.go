package twiliosim

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
)

// serveFault plays a fault.
func (s *Simulator) serveFault(w http.ResponseWriter, in *incoming, f *Fault) {
	if f.Delay != nil {
		f.Delay()
	}
	var a answer
	if f.processes() {
		a = s.process(in)
	}
	if f.Status != 0 {
		a = s.refusal(in.URL.Path, errStatus(f.Status))
	}
	a = f.alter(a)
	if f.Then != nil {
		f.Then()
	}
	n := len(a.body)
	truncated := f.TruncateBody > 0 && f.TruncateBody < n
	switch {
	case f.Drop:
		s.answered(in, 0, "dropped")
		reset(w)
	case truncated:
		s.answered(in, a.status, "truncated")
		s.write(w, in, a, f.TruncateBody)
		_ = http.NewResponseController(w).Flush() // no flush, no bytes: as broken
		if f.Stall {
			hold(in.Context())
		}
		panic(http.ErrAbortHandler)
	case f.Stall:
		s.answered(in, 0, "stalled")
		hold(in.Context())
		panic(http.ErrAbortHandler)
	default:
		s.answered(in, a.status, "")
		s.write(w, in, a, n)
	}
}

// hold waits until the client goes away or the server closes: net/http then
// ends the request's context.
func hold(request context.Context) { <-request.Done() }

// reset closes the connection under an answer with a TCP reset. Where that
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
