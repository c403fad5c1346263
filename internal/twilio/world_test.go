package twilio

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// epoch is when the fake clocks start: not on a whole second, since the API
// cuts its dates to one.
var epoch = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

// Payloads that the log must never show; see logCapture.
var (
	textPayload   = "OPEN-VALVE 7 für 10 min"
	binaryPayload = base64.StdEncoding.EncodeToString([]byte("OPEN-VALVE\x00\xff"))
)

// world is a simulator, a client of it, and what is between them.
type world struct {
	t      testing.TB
	sim    *twiliosim.Simulator
	card   twiliosim.SIM
	client *Client
	// clock is nil in a bubble.
	clock *clock.Fake
	dials *dials
	log   *logCapture
}

// worldConfig is what a test may change before the world begins.
type worldConfig struct {
	Config
	sim twiliosim.Config
	// serverAhead is how far the API's clock is ahead of the client's.
	serverAhead time.Duration
	// wrap, if set, is put around the transport.
	wrap func(http.RoundTripper) http.RoundTripper
	// prefix is a path below which the API lies.
	prefix string
	// idleTimeout is after how long the API closes a connection, in a bubble.
	idleTimeout time.Duration
}

// newWorld serves a simulator with one SIM on a loopback address, under a
// fake clock that the client and it share, to a client whose random numbers
// are all 0.5.
func newWorld(t testing.TB, changes ...func(*worldConfig)) *world {
	t.Helper()
	fake := clock.NewFake(epoch)
	cfg := worldConfig{Config: Config{Config: rest.Config{Clock: fake}}}
	for _, change := range changes {
		change(&cfg)
	}
	cfg.sim.Now = func() time.Time { return fake.Now().Add(cfg.serverAhead) }
	w := &world{t: t, sim: twiliosim.New(cfg.sim), clock: fake}
	server, err := twiliosim.Serve(w.sim, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.connect(cfg, server.URL, (&net.Dialer{}).DialContext)
	return w
}

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

// connect makes the client.
func (w *world) connect(cfg worldConfig, url string, dial dialFunc) {
	w.t.Helper()
	w.card = w.sim.AddSIM(twiliosim.SIM{})
	w.dials = &dials{dial: dial}
	w.log = &logCapture{}
	transport := rest.NewTransport()
	transport.DialContext = w.dials.Dial
	counted := &bodies{Transport: transport}
	w.t.Cleanup(transport.CloseIdleConnections)
	w.t.Cleanup(func() {
		w.log.check(w.t)
		counted.check(w.t)
	})
	cfg.Transport = counted
	if cfg.wrap != nil {
		cfg.Transport = cfg.wrap(counted)
	}
	if o, ok := cfg.Credentials.(rest.OAuth); ok {
		o.TokenURL = url + twiliosim.TokenPath
		cfg.Credentials = o
	}
	if cfg.Credentials == nil {
		cfg.Credentials = rest.BasicAuth{
			Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken,
			Kind: "account SID and auth token from the test",
		}
	}
	if cfg.SuperSIMURL == "" {
		cfg.SuperSIMURL = url + cfg.prefix
	}
	if cfg.WirelessURL == "" {
		cfg.WirelessURL = url + cfg.prefix
	}
	cfg.MaxRetries = DefaultMaxRetries
	if cfg.Rand == nil {
		cfg.Rand = func() float64 { return 0.5 }
	}
	cfg.UserAgent = cmp.Or(cfg.UserAgent, "terraform-provider-twilio/test")
	cfg.Log = w.log.add
	client, err := New(cfg.Config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.client = client
}

// noRetries takes the repetitions away.
func (w *world) noRetries() *world {
	w.client.IPCommands.MaxRetries = 0
	return w
}

// message is a text message to the world's SIM.
func (w *world) message() MessageParams {
	return MessageParams{SIM: w.card.SID, Payload: textPayload, PayloadType: PayloadText, DevicePort: 5683}
}

// onPost injects a fault into POSTs, and onGet into GETs.
func (w *world) onPost(f twiliosim.Fault) { w.sim.Inject(f.On(http.MethodPost, ipCommandsPath)) }
func (w *world) onGet(f twiliosim.Fault)  { w.sim.Inject(f.On(http.MethodGet, "/")) }

// posts and gets count the requests that reached the simulator.
func (w *world) posts() int { return w.sim.Count(http.MethodPost, "") }
func (w *world) gets() int  { return w.sim.Count(http.MethodGet, "") }

// wantRequests fails the test unless so many requests were made.
func (w *world) wantRequests(posts, gets int) {
	w.t.Helper()
	if w.posts() != posts || w.gets() != gets {
		w.t.Errorf("%d POSTs and %d GETs, want %d and %d", w.posts(), w.gets(), posts, gets)
	}
}

// wantCommands fails the test unless so many commands exist.
func (w *world) wantCommands(n int) {
	w.t.Helper()
	if got := len(w.sim.IPCommands()); got != n {
		w.t.Errorf("%d commands exist, want %d", got, n)
	}
}

// sends makes n different sends at once and wants all of them to succeed.
func (w *world) sends(n int) {
	w.t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			m := w.message()
			m.DevicePort = int64(1000 + i)
			if _, err := w.client.send(w.t.Context(), m, time.Time{}); err != nil {
				w.t.Error(err)
			}
		})
	}
	all.Wait()
}

// twin makes the API know a command that looks like the world's message but
// was sent by somebody else, at the API's present unless created says when.
func (w *world) twin(created time.Time) twiliosim.IPCommand {
	m := w.message()
	return w.sim.AddIPCommand(twiliosim.IPCommand{
		SIMSID: w.card.SID, Payload: m.Payload, PayloadType: m.PayloadType, DevicePort: int(m.DevicePort),
		DateCreated: created,
	})
}

// before is a command that was sent before the message, some time ago.
func (w *world) before(ago time.Duration, change func(*twiliosim.IPCommand)) string {
	m := w.message()
	cmd := twiliosim.IPCommand{
		SIMSID: w.card.SID, Payload: m.Payload, PayloadType: m.PayloadType, DevicePort: int(m.DevicePort),
		DateCreated: w.client.IPCommands.Clock.Now().Add(-ago),
	}
	if change != nil {
		change(&cmd)
	}
	return w.sim.AddIPCommand(cmd).SID
}

// wantText fails the test unless the error's text has every part, and if it
// has a secret.
func wantText(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	text := err.Error()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("the error lacks %q: %s", part, text)
		}
	}
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("the error has %q: %s", s, text)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// hg is the SID of a command.
func hg(n int) string { return fmt.Sprintf("HG%032d", n) }

// w1 and w2 are SIMs.
const (
	w1 = "HS00000000000000000000000000000001"
	w2 = "HS00000000000000000000000000000002"
)
