package twilio

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestTransport_R1_brokenConnection breaks a connection under a POST. Go's
// transport repeats requests by itself; here it may where nothing was written
// to a connection that was used before, and nowhere else.
func TestTransport_R1_brokenConnection(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// fresh breaks a new connection, and not one that was used before.
		fresh bool
		// agent is the User-Agent. A long one makes its headers several writes.
		agent string
		write func(conn net.Conn, p []byte) (int, error)
		fault twiliosim.Fault

		posts, commands, dials, looks int
		want                          ending
	}{
		{
			name:  "nothing written",
			write: func(net.Conn, []byte) (int, error) { return 0, syscall.EPIPE },
			posts: 1, commands: 1, dials: 2, want: isSent,
		},
		{
			name: "nothing written, fresh", fresh: true,
			write: func(net.Conn, []byte) (int, error) { return 0, syscall.EPIPE },
			dials: 2, looks: len(looks), want: isUnknown,
		},
		{
			name: "half written",
			write: func(conn net.Conn, p []byte) (int, error) {
				n, _ := conn.Write(p[:len(p)/2])
				_ = conn.Close()
				return n, syscall.EPIPE
			},
			dials: 2, looks: len(looks), want: isUnknown,
		},
		{
			name: "headers half written", fresh: true, agent: strings.Repeat("x", 10_000),
			write: func() func(net.Conn, []byte) (int, error) {
				writes := 0
				return func(conn net.Conn, p []byte) (int, error) {
					if writes++; writes == 1 {
						return conn.Write(p)
					}
					_ = conn.Close()
					return 0, syscall.EPIPE
				}
			}(),
			dials: 2, looks: len(looks), want: isUnknown,
		},
		{
			name: "written and swallowed",
			write: func(conn net.Conn, p []byte) (int, error) {
				_ = conn.Close()
				return len(p), nil
			},
			dials: 2, looks: len(looks), want: isUnknown,
		},
		{
			name: "all written, told as an error",
			write: func(conn net.Conn, p []byte) (int, error) {
				n, _ := conn.Write(p)
				time.Sleep(2 * time.Second) // The API takes one.
				return n, syscall.ECONNRESET
			},
			fault: twiliosim.Fault{Accept: true, Stall: true}, // No response is faster than the error.
			posts: 1, commands: 1, dials: 2, looks: 1, want: isAdopted,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.client.IPCommands.UserAgent = test.agent
				var first *breakable
				var once sync.Once
				dial := w.dials.dial
				w.dials.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := dial(ctx, network, address)
					if err == nil {
						once.Do(func() {
							first = &breakable{Conn: conn}
							if test.fresh {
								first.write = test.write
							}
							conn = first
						})
					}
					return conn, err
				}
				before := 0
				if !test.fresh {
					if _, err := collect(w.client.Commands.List(w.t.Context(), CommandFilter{}, rest.ListOptions{})); err != nil {
						w.t.Fatal(err)
					}
					before = 1
					first.mu.Lock()
					first.write = test.write
					first.mu.Unlock()
				}
				w.onPost(test.fault)
				sent, err := w.send()
				if got := endingOf(w.t, sent, err); got != test.want {
					w.t.Errorf("%s, want %s: %v", got, test.want, err)
				}
				// What arrives in part may be seen as a request or not.
				accepted := 0
				for _, r := range w.sim.Requests() {
					if r.Accepted {
						accepted++
					}
				}
				if accepted != test.commands || w.posts() > max(1, test.posts) || w.posts() < test.posts || w.gets() != before+test.looks {
					w.t.Errorf("%d POSTs, %d accepted, %d looks; want %d, %d, %d", w.posts(), accepted, w.gets()-before, test.posts, test.commands, test.looks)
				}
				if n := w.dials.n(); n != test.dials {
					w.t.Errorf("%d connections, want %d", n, test.dials)
				}
				w.wantCommands(test.commands)
			})
		})
	}
}

// TestTransport_idleClosed has an API that closes idle connections after a
// minute, as many load balancers do. A POST must not be lost to that: by
// then, the client has given the connection up itself.
func TestTransport_idleClosed(t *testing.T) {
	t.Parallel()
	for _, idle := range []time.Duration{59 * time.Second, time.Minute - 1, time.Minute, time.Minute + 1, 61 * time.Second} {
		t.Run(idle.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				for range 3 {
					if sent, err := w.send(); endingOf(w.t, sent, err) != isSent {
						w.t.Error(err)
					}
					time.Sleep(idle)
				}
				w.wantRequests(3, 0)
				w.wantCommands(3)
				if n := w.dials.n(); n != 3 {
					w.t.Errorf("%d connections, want 3", n)
				}
			}, func(c *worldConfig) { c.idleTimeout = time.Minute })
		})
	}
}

// TestTransport_reuse: as many requests as Terraform can make at a time find
// the connections of those before.
func TestTransport_reuse(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		const parallel = 300
		w.onPost(twiliosim.Fault{Delay: func() { time.Sleep(time.Second) }})
		for range 3 {
			messages := make([]MessageParams, parallel)
			for i := range messages {
				messages[i] = w.message()
			}
			for _, r := range w.race(0, messages...) {
				if r.err != nil {
					w.t.Error(r.err)
				}
			}
		}
		if n := w.dials.n(); n > parallel {
			w.t.Errorf("%d connections for %d requests at a time", n, parallel)
		}
		w.wantRequests(3*parallel, 0)
	})
}

// TestTransport_HTTP1 makes sure of HTTP/1.1. Over HTTP/2, Go's transport
// repeats a POST by itself after some errors that came when it was written,
// and one broken connection loses the responses to all that are in flight.
func TestTransport_HTTP1(t *testing.T) {
	t.Parallel()
	protos := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protos <- r.Proto
		_, _ = w.Write([]byte(`{"sid":"HG00000000000000000000000000000001"}`))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := rest.NewTransport()
	transport.TLSClientConfig.RootCAs = server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(Config{SuperSIMURL: server.URL, Config: rest.Config{Credentials: rest.BasicAuth{}, Transport: transport}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.IPCommands.Fetch(t.Context(), "HG00000000000000000000000000000001"); err != nil {
		t.Fatal(err)
	}
	if proto := <-protos; proto != "HTTP/1.1" {
		t.Errorf("the request came over %s", proto)
	}
}

// TestTransport_silent has a transport that does not tell what it wrote. It
// must be taken to have written.
func TestTransport_silent(t *testing.T) {
	t.Parallel()
	attempts := 0
	w := newWorld(t, func(c *worldConfig) {
		c.wrap = func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost {
					attempts++
					return nil, syscall.ECONNRESET
				}
				return next.RoundTrip(r)
			})
		}
	})
	wantUnknown(t, errOf(w.send()))
	if attempts != 1 {
		t.Errorf("%d POSTs", attempts)
	}
}
