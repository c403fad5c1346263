package twiliosim_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestServeRefusesOtherThanLoopback(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:80", "127.0.0.1", "nonsense"} {
		server, err := twiliosim.Serve(s, addr)
		if err == nil {
			_ = server.Close()
			t.Errorf("serves on %s", addr)
		}
	}
	for _, addr := range []string{"", "127.0.0.1:0", "127.0.0.2:0", "localhost:0"} {
		server, err := twiliosim.Serve(s, addr)
		if err != nil {
			t.Errorf("%s: %v", addr, err)
			continue
		}
		if !strings.HasPrefix(server.URL, "http://127.0.0.") && !strings.HasPrefix(server.URL, "http://[::1]") {
			t.Errorf("%s: %s", addr, server.URL)
		}
		if err := server.Close(); err != nil {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestServePortInUse(t *testing.T) {
	t.Parallel()
	s := serve(t, twiliosim.Config{})
	if server, err := twiliosim.Serve(s.Simulator, strings.TrimPrefix(s.url, "http://")); err == nil {
		_ = server.Close()
		t.Error("two servers on one port")
	}
}

// Close must not wait for anybody: not for an idle connection, not for a
// stalled request.
func TestServerCloseBreaksEverything(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{})
	server, err := twiliosim.Serve(s, "")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	client := served{s, sim, server.URL, &http.Client{Transport: transport}}
	if got := client.do(t, http.MethodGet); got.err != nil { // leaves an idle connection
		t.Fatal(got.err)
	}
	held := make(chan struct{})
	fault := twiliosim.Stalled(true, 0).On(http.MethodPost, "")
	fault.Then = func() { close(held) }
	s.Inject(fault)
	stalled := make(chan result)
	request := newRequest(t, http.MethodPost, server.URL+"/v1/IpCommands", message(sim.SID, "x")).WithContext(context.Background())
	go func() { stalled <- client.send(request) }()
	<-held
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if got := <-stalled; got.err == nil {
		t.Errorf("the stalled request got %+v", got)
	}
	client.do(t, http.MethodGet) // Somebody else may have the port by now.
	if r := s.Requests(); len(r) != 2 || r[1].Status != 0 || !r[1].Accepted {
		t.Errorf("logged %+v", r)
	}
}

// When Close returns, no handler runs any more.
func TestServerCloseWaitsForHandlers(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	server, err := twiliosim.Serve(s, "")
	if err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	s.Inject(twiliosim.Fault{Drop: true, Delay: func() {
		close(arrived)
		<-release
		finished.Store(true)
	}})
	client := served{Simulator: s, url: server.URL, client: &http.Client{Transport: &http.Transport{}}}
	request := newRequest(t, http.MethodGet, server.URL+"/v1/IpCommands", nil)
	go func() {
		client.send(request) // ends when Close breaks its connection
		close(release)
	}()
	<-arrived
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if !finished.Load() {
		t.Error("Close has left a handler running")
	}
}
