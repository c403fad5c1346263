package provider

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// The environment of a process that the crash tests start from the test's own
// binary.
const (
	// stepsVariable is where steps are announced.
	stepsVariable = "TEST_CRASH_STEPS"
	// stepVariable is the only step of a process that does nothing else.
	stepVariable = "TEST_CRASH_STEP"
	// nowVariable is the time at which the provider's clock begins.
	nowVariable = "TEST_CRASH_NOW"
	// noExitDelay is for GORACE: with the race detector, a process otherwise
	// sleeps for a second before it ends.
	noExitDelay = "atexit_sleep_ms=0"
	// noGC spares a process that is gone before it could run out of memory a
	// quarter of its work.
	noGC = "GOGC=off"
)

// The steps of a request, after its method, and of what the CLI asks the provider
// for, after what that is. The others are called what they are.
const (
	stepUnwritten = ": not written yet"
	stepWritten   = ": written"
	stepTaken     = ": taken by the API"
	stepReturned  = ": response arrived, not read yet"
	stepRead      = ": response read"

	// stepWait is the sleep of the one that polls for all that wait.
	stepWait = "wait"

	stepDone = ": done, not told yet"
	stepTold = ": told, not in the state yet"
)

// readForAll is the request that is made once for all that wait together.
const readForAll = "GET for all"

// requestName is a request in the name of a step.
func requestName(method, path string, query url.Values) string {
	if (path == "/v1/IpCommands" || path == "/v1/Sims") && method == http.MethodGet && !query.Has("Sim") {
		return readForAll
	}
	return method
}

// isCrashProcess reports whether this process is one of the crash tests'.
func isCrashProcess() bool { return os.Getenv(stepsVariable) != "" }

// crashMain is main of such a process.
func crashMain() error {
	if step := os.Getenv(stepVariable); step != "" {
		announce(step)
		return nil
	}
	return crashProvider()
}

// announce tells the test that a step is reached, and returns when the test
// says so. A test that is gone has nothing to say.
func announce(step string) {
	steps, err := url.Parse(os.Getenv(stepsVariable))
	if err != nil {
		panic(err)
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(&http.Request{
		Method: http.MethodPost, URL: steps, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(step)), ContentLength: int64(len(step)),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	_ = resp.Body.Close()
}

// crashProvider serves the provider, whose steps are announced. It writes how to
// reach it, and ends with its standard input, once it has done what it was
// asked for.
func crashProvider() error {
	now, err := time.Parse(time.RFC3339, os.Getenv(nowVariable))
	if err != nil {
		return err
	}
	transport := rest.NewTransport()
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &steppedConn{Conn: conn}, err
	}
	p := process{
		getenv: func(string) string { return "" }, home: func() (string, error) { return os.DevNull, nil },
		clock: steppedClock{clock.NewFake(now)}, transport: steppedTransport{transport},
	}
	served := &steppedServer{server: serve(newWith("test", p))().(*server)}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		served.busy.Lock()
		os.Exit(0)
	}()
	reattach := make(chan *plugin.ReattachConfig, 1)
	go func() { fmt.Println(attachTo(<-reattach)) }()
	return tf6server.Serve(Address, func() tfprotov6.ProviderServer { return served },
		tf6server.WithDebug(context.Background(), reattach, nil), tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
}

// steppedConn announces the steps of the requests that a connection carries,
// one after another.
type steppedConn struct {
	net.Conn
	// asked is the request whose response is awaited.
	asked atomic.Pointer[string]
}

func (c *steppedConn) Write(p []byte) (int, error) {
	words := strings.SplitN(string(p), " ", 3)
	target, err := url.Parse(words[1])
	if err != nil {
		return 0, err
	}
	request := requestName(words[0], target.Path, target.Query())
	announce(request + stepUnwritten)
	c.asked.Store(&request)
	n, err := c.Conn.Write(p)
	if err == nil {
		announce(request + stepWritten)
	}
	return n, err
}

func (c *steppedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		if request := c.asked.Swap(nil); request != nil {
			announce(*request + stepReturned)
		}
	}
	return n, err
}

// steppedTransport announces that a response was read.
type steppedTransport struct{ http.RoundTripper }

func (t steppedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = steppedBody{ReadCloser: resp.Body, request: requestName(r.Method, r.URL.Path, r.URL.Query())}
	}
	return resp, err
}

type steppedBody struct {
	io.ReadCloser
	request string
}

func (b steppedBody) Close() error {
	announce(b.request + stepRead)
	return b.ReadCloser.Close()
}

// steppedClock announces that the provider waits.
type steppedClock struct{ *clock.Fake }

func (c steppedClock) Sleep(ctx context.Context, d time.Duration) error {
	if d > 0 {
		time.Sleep(10 * time.Millisecond) // Those who are about to wait get there, too.
		announce(stepWait)
	}
	return c.Fake.Sleep(ctx, d)
}

// steppedServer announces what the provider is about to tell the CLI.
type steppedServer struct {
	*server
	// busy is held, shared, while something is done.
	busy sync.RWMutex
}

// PlanResourceChange announces the plan of a change to what is there.
func (s *steppedServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	s.busy.RLock()
	defer s.busy.RUnlock()
	resp, err := s.server.PlanResourceChange(ctx, req)
	wasNull, priorErr := req.PriorState.IsNull()
	isNull, newErr := req.ProposedNewState.IsNull()
	if priorErr == nil && newErr == nil && !wasNull && !isNull {
		announce("plan" + stepDone)
	}
	return resp, err
}

func (s *steppedServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	s.busy.RLock()
	defer s.busy.RUnlock()
	what := "update"
	if isNull, err := req.PlannedState.IsNull(); err == nil && isNull {
		what = "delete"
	} else if isNull, err := req.PriorState.IsNull(); err == nil && isNull {
		what = "create"
	}
	resp, err := s.server.ApplyResourceChange(ctx, req)
	announce(what + stepDone)
	return resp, err
}

func (s *steppedServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	s.busy.RLock()
	defer s.busy.RUnlock()
	resp, err := s.server.ImportResourceState(ctx, req)
	announce("import" + stepDone)
	return resp, err
}

func (s *steppedServer) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	stream, err := s.server.InvokeAction(ctx, req)
	if err != nil {
		return stream, err
	}
	events := stream.Events
	stream.Events = func(push func(tfprotov6.InvokeActionEvent) bool) {
		s.busy.RLock()
		defer s.busy.RUnlock()
		events(func(e tfprotov6.InvokeActionEvent) bool {
			if _, ends := e.Type.(tfprotov6.CompletedInvokeActionEventType); ends {
				announce("invoke" + stepDone)
			}
			return push(e)
		})
	}
	return stream, nil
}

// attachTo is how a CLI attaches to a provider that runs.
func attachTo(config *plugin.ReattachConfig) string {
	attached, err := json.Marshal(map[string]any{Address: map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}})
	if err != nil {
		panic(err) // It is only strings and numbers.
	}
	return string(attached)
}

// crashable is the provider as a process that can be killed at any step.
type crashable struct {
	process *os.Process
	stdin   io.Closer
	// ended is closed when it has ended.
	ended chan struct{}
	// attach is how a CLI attaches to it.
	attach string
}

// startCrashable starts the provider, whose clock begins now. The steps go to
// the URL.
func startCrashable(t *testing.T, steps string, now time.Time) *crashable {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), stepsVariable+"="+steps, nowVariable+"="+now.Format(time.RFC3339),
		"GORACE="+noExitDelay, noGC,
		"TF_LOG_SDK=OFF", "TF_LOG_SDK_PROTO=OFF", "TF_LOG_SDK_FRAMEWORK=OFF", "TF_LOG_PROVIDER_TWILIO=OFF")
	cmd.Stderr = t.Output()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &crashable{process: cmd.Process, stdin: stdin, ended: make(chan struct{})}
	p.attach, err = bufio.NewReader(stdout).ReadString('\n')
	go func() {
		defer close(p.ended)
		_ = cmd.Wait() // It may have been killed.
	}()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// kill kills the process, and returns when it is dead.
func (p *crashable) kill() {
	_ = p.process.Kill() // It may have ended.
	<-p.ended
}

// end has the process do what it has begun, and end.
func (p *crashable) end() {
	_ = p.stdin.Close()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
	}
}
