package twilio

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dials opens connections, counts the attempts, and lets some fail.
type dials struct {
	dial dialFunc
	// hook, if set, decides over the n-th attempt, from 1.
	hook func(n int) error

	mu    sync.Mutex
	count int
}

// Dial is a dialFunc.
func (d *dials) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.count++
	n, hook := d.count, d.hook
	d.mu.Unlock()
	if hook != nil {
		if err := hook(n); err != nil {
			return nil, err
		}
	}
	return d.dial(ctx, network, address)
}

// n returns how many connections were asked for.
func (d *dials) n() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count
}

// errRefused is what comes of a port without a listener.
var errRefused = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connect: connection refused")}

// bodies is a transport that counts the responses whose bodies are still open.
// Whatever a test is about, none may be at its end.
type bodies struct {
	*http.Transport
	open atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.Transport.RoundTrip(r)
	if err == nil {
		b.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, open: &b.open}
	}
	return resp, err
}

func (b *bodies) check(t testing.TB) {
	t.Helper()
	if n := b.open.Load(); n != 0 {
		t.Errorf("%d responses were not closed", n)
	}
}

type countedBody struct {
	io.ReadCloser
	open   *atomic.Int64
	closed atomic.Bool
}

// Close implements io.Closer.
func (b *countedBody) Close() error {
	if !b.closed.Swap(true) {
		b.open.Add(-1)
	}
	return b.ReadCloser.Close()
}

// pipeListener is a network of one address in memory.
type pipeListener struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// dial is a dialFunc.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.done:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// breakable is a connection that a test breaks from the client's side.
type breakable struct {
	net.Conn
	mu sync.Mutex
	// write, if set, is in the place of the next Write.
	write func(conn net.Conn, p []byte) (int, error)
}

// Write implements net.Conn.
func (b *breakable) Write(p []byte) (int, error) {
	b.mu.Lock()
	write := b.write
	b.mu.Unlock()
	if write != nil {
		return write(b.Conn, p)
	}
	return b.Conn.Write(p)
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// foreign is a server that must see no request.
func foreign(t *testing.T) (url string, check func()) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(server.Close)
	return server.URL, func() {
		t.Helper()
		if n := requests.Load(); n != 0 {
			t.Errorf("%d requests went to a host that the API named", n)
		}
	}
}

// discard is the log of a server whose trouble is the point.
var discard = log.New(io.Discard, "", 0)

// clientIn is a client of the API that a transport has in memory.
func clientIn(t *testing.T, transport http.RoundTripper) *Client {
	t.Helper()
	client, err := New(Config{
		SuperSIMURL: "http://127.0.0.1:1",
		Config: rest.Config{
			Transport: transport, MaxRetries: DefaultMaxRetries,
			Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}
