package twilio

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// bubble runs a test in which time passes only while everybody waits, for
// what concurrent sends and request timeouts do. The client has the system's
// clock, and talks to the simulator over pipes in memory.
func bubble(t *testing.T, test func(w *world), changes ...func(*worldConfig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		cfg := worldConfig{Config: Config{Config: rest.Config{Clock: clock.System{}}}}
		for _, change := range changes {
			change(&cfg)
		}
		cfg.sim.Now = func() time.Time { return time.Now().Add(cfg.serverAhead) }
		w := &world{t: t, sim: twiliosim.New(cfg.sim)}
		listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: w.sim, ReadHeaderTimeout: time.Hour, IdleTimeout: cfg.idleTimeout}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(listener) })
		t.Cleanup(func() {
			_ = server.Close()
			serving.Wait()
		})
		w.connect(cfg, "http://127.0.0.1:1", listener.dial)
		time.Sleep(250 * time.Millisecond) // Not on a whole second.
		test(w)
	})
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
