package provider

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// newFaultWorld is a world whose valve is this SIM, after before, which may be
// nil.
func newFaultWorld(t *testing.T, sim twiliosim.SIM, before func(*testing.T, *world)) *world {
	t.Helper()
	w := newWorld(t, twiliosim.Config{})
	sim.UniqueName = "valve"
	w.AddSIM(sim)
	if before != nil {
		before(t, w)
	}
	return w
}

// newValve is a world whose valve is this SIM, and a CLI.
func newValve(t *testing.T, sim twiliosim.SIM) (*world, *cli) {
	t.Helper()
	w := newFaultWorld(t, sim, nil)
	return w, w.newCLI(t)
}

// newCLIWorld is a world without SIMs, and a CLI.
func newCLIWorld(t *testing.T) (*world, *cli) {
	t.Helper()
	w := newWorld(t, twiliosim.Config{})
	return w, w.newCLI(t)
}

// firstSID is the SID of the first message that is sent in a world: its
// simulator makes the same ones each time.
func firstSID() string {
	twin := twiliosim.New(twiliosim.Config{Now: func() time.Time { return start }})
	twin.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/v1/IpCommands", strings.NewReader("Sim=valve&Payload=open&DevicePort=5683"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	twin.ServeHTTP(httptest.NewRecorder(), r)
	return twin.IPCommands()[0].SID
}

// older adds the same message as valve, sent an hour ago.
func older(w *world) {
	w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DateCreated: w.clock.Now().Add(-time.Hour)})
}

// foreign adds the same message as valve, sent now by somebody else.
func foreign(w *world) { w.AddIPCommand(twiliosim.IPCommand{Payload: "open"}) }

// forget has the API forget all commands when they are this old.
func forget(age time.Duration) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.clock.Advance(age)
		for _, c := range w.IPCommands() {
			w.Forget(c.SID)
		}
	}
}

// refuseConnections has the provider find nobody. A port that was free a moment
// ago might be another test's by now.
func refuseConnections(_ *testing.T, w *world) {
	w.dial(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:1")
	})
}

func failDNS(_ *testing.T, w *world) {
	w.dial(func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "supersim.invalid", IsNotFound: true}}
	})
}

func failTLS(t *testing.T, w *world) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = nil
	t.Cleanup(untrusted.Close)
	w.transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host = "https", untrusted.Listener.Addr().String()
		return http.DefaultTransport.RoundTrip(r)
	})
}

// reconnect undoes the three above.
func reconnect(_ *testing.T, w *world) { w.transport = nil }

func (w *world) dial(f func(context.Context, string, string) (net.Conn, error)) {
	w.transport = &http.Transport{DialContext: f}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
