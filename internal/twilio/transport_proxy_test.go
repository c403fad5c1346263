package twilio

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// clientOf is a client with Go's own transport, which a test may change, of an API
// that does not exist.
func clientOf(t *testing.T, change func(*Config, *http.Transport)) (*Client, *clock.Fake) {
	t.Helper()
	fake := clock.NewFake(epoch)
	transport := rest.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	cfg := Config{
		SuperSIMURL: "https://supersim.invalid",
		Config: rest.Config{
			Credentials: rest.BasicAuth{Username: "AC1", Password: "secret"}, Transport: transport, Clock: fake,
			MaxRetries: DefaultMaxRetries, Rand: func() float64 { return 0.5 },
		},
	}
	change(&cfg, transport)
	client, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client, fake
}

// TestTransport_refuses has what net/http refuses before it asks for a
// connection: nothing was sent, that is certain, and said at once.
func TestTransport_refuses(t *testing.T) {
	t.Parallel()
	const secret = "my-secret-of-the-proxy"
	for name, change := range map[string]func(*Config, *http.Transport){
		"a header that can't be": func(c *Config, _ *http.Transport) { c.UserAgent = "a\x00b" },
		"a proxy that is none": func(_ *Config, tr *http.Transport) {
			tr.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("invalid proxy " + secret) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dials := &dials{dial: (&net.Dialer{}).DialContext}
			client, fake := clientOf(t, func(c *Config, tr *http.Transport) {
				tr.DialContext = dials.Dial
				change(c, tr)
			})
			_, err := client.send(t.Context(), MessageParams{SIM: "valve", Payload: "open", DevicePort: 1}, time.Time{})
			wantText(t, err, "nothing was sent", "HTTPS_PROXY")
			if got := endingOf(t, &Message{}, err); got != isNotSent || dials.n() != 0 || fake.Now() != epoch {
				t.Errorf("%s after %s and %d connections: %v", got, fake.Now().Sub(epoch), dials.n(), err)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells the proxy's password: %v", err)
			}
		})
	}
}

// TestTransport_proxyRefuses has a proxy refuse to connect: its status is told, and
// that nothing was sent. One that wants a password is not asked again.
func TestTransport_proxyRefuses(t *testing.T) {
	t.Parallel()
	for status, attempts := range map[string]int{
		"407 Proxy Authentication Required": 1, "403 my-words": 1, "502 Bad Gateway": 1 + DefaultMaxRetries, "503": 1 + DefaultMaxRetries,
	} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			proxy, asked := connectProxy(t, status)
			client, _ := clientOf(t, func(_ *Config, tr *http.Transport) {
				tr.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("me", "proxy-password")})
			})
			_, err := client.send(t.Context(), MessageParams{SIM: "valve", Payload: "open", DevicePort: 1}, time.Time{})
			wantText(t, err, "the proxy at "+proxy, "refused to connect, with HTTP "+status[:3], "nothing was sent", "HTTPS_PROXY")
			if got := endingOf(t, &Message{}, err); got != isNotSent {
				t.Errorf("%s: %v", got, err)
			}
			if err != nil && (strings.Contains(err.Error(), "proxy-password") || strings.Contains(err.Error(), "my-words")) {
				t.Errorf("the error tells the proxy's password or words: %v", err)
			}
			if n := int(asked.Load()); n != attempts {
				t.Errorf("the proxy was asked %d times, want %d", n, attempts)
			}
		})
	}
}

// connectProxy serves a proxy that responds to CONNECT with this status, and returns
// its address, and how often it was asked.
func connectProxy(t *testing.T, status string) (address string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")
		_ = conn.Close()
	}))
	t.Cleanup(proxy.Close)
	return proxy.Listener.Addr().String(), asked
}

// TestTransport_noProxyInClear sends plain http, which is for loopback alone,
// to no proxy, however the name is spelled.
func TestTransport_noProxyInClear(t *testing.T) {
	t.Parallel()
	proxy := rest.NewTransport().Proxy
	for _, host := range []string{"localhost", "LOCALHOST", "127.0.0.1", "[::1]", "127.1.2.3"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+":1/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if via, err := proxy(r); via != nil || err != nil {
			t.Errorf("%s goes over %v, %v", host, via, err)
		}
	}
}
