package twiliosim

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server is a simulator on a real listener.
type Server struct {
	// URL is its base, http://127.0.0.1:port, for both APIs.
	URL string

	http  *http.Server
	once  sync.Once
	err   error
	serve sync.WaitGroup // the goroutine that accepts connections
	conns sync.WaitGroup // those of the connections and the handlers
}

// Serve serves s on addr, a loopback address with a port; empty means any
// free port of 127.0.0.1. It refuses every other address, since the
// credentials of a simulator are no secret. Close the Server when done.
func Serve(s *Simulator, addr string) (*Server, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if err := checkLoopback(addr); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for the simulator: %w", err)
	}
	server := &Server{URL: "http://" + listener.Addr().String()}
	server.http = &http.Server{
		Handler:           server.counted(s),
		ConnState:         server.track,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          log.New(io.Discard, "", 0), // broken connections are the point
	}
	server.serve.Go(func() { _ = server.http.Serve(listener) })
	return server, nil
}

// Close stops listening, breaks every connection at once, stalled ones
// included, and returns when nothing of the server is left running. It may be
// called more than once.
func (s *Server) Close() error {
	s.once.Do(func() {
		s.err = s.http.Close() // breaks connections, which ends their requests' contexts
		s.serve.Wait()
		s.conns.Wait()
	})
	return s.err
}

// track counts connections. A hijacked one is its handler's, counted apart.
func (s *Server) track(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.conns.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.conns.Done()
	case http.StateActive, http.StateIdle:
	}
}

// counted counts running handlers.
func (s *Server) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.conns.Add(1)
		defer s.conns.Done()
		next.ServeHTTP(w, r)
	})
}

// checkLoopback returns an error unless addr is a loopback address and a port.
func checkLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("the simulator's address %q is not host:port: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the simulator listens on loopback only, such as 127.0.0.1:8765, not on %q", addr)
	}
	return nil
}
