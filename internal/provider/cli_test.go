package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// cli drives a real Terraform or OpenTofu CLI in a directory of its own, as a
// user would, where terraform-plugin-testing is too coarse: it shows exit
// codes, diagnostics, the state as it was written, and takes signals.
type cli struct {
	*world
	t   *testing.T
	dir string
	env []string
	// ownGroup puts the CLI, and with it the providers that it starts, into a
	// process group of their own, as a shell does.
	ownGroup bool
	// stopped is closed when the CLI has told the provider to stop.
	stopped chan struct{}

	mu      sync.Mutex
	running *exec.Cmd
	output  *transcript
	ended   chan struct{} // closed when the CLI that runs has ended
}

// transcript is what a CLI has written so far.
type transcript struct {
	mu    sync.Mutex
	text  bytes.Buffer
	grown chan struct{} // closed and made anew with each write
}

func newTranscript() *transcript { return &transcript{grown: make(chan struct{})} }

func (o *transcript) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.grown)
	o.grown = make(chan struct{})
	return o.text.Write(p)
}

func (o *transcript) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// waitFor waits until the CLI has written this, and reports whether it has.
func (o *transcript) waitFor(ctx context.Context, text string) bool {
	for {
		o.mu.Lock()
		there, grown := strings.Contains(o.text.String(), text), o.grown
		o.mu.Unlock()
		if there {
			return true
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return false
		}
	}
}

// newCLI returns a CLI that is attached to the world's provider.
func (w *world) newCLI(t *testing.T) *cli {
	t.Helper()
	requireCLI(t)
	c := &cli{t: t, world: w, dir: t.TempDir()}
	c.restart()
	return c
}

// restart serves the world's provider anew, in this process, where it shares
// the fake clock.
func (c *cli) restart() {
	c.t.Helper()
	c.stopped = make(chan struct{})
	c.env = append(os.Environ(), "TF_REATTACH_PROVIDERS="+c.serve(c.t, c.stopped),
		// Terraform before 1.3 works in a child process, and its parent
		// ignores an interrupt that does not go to both.
		"TF_FORK=0")
}

// serve serves the provider until the test ends and returns how to reattach.
func (w *world) serve(t *testing.T, stopped chan struct{}) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reattach, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	var once sync.Once
	factory := func() tfprotov6.ProviderServer {
		served := serve(newWith("test", w.process()))().(*server)
		return &stopWatcher{server: served, stop: func() { once.Do(func() { close(stopped) }) }}
	}
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(Address, factory, tf6server.WithDebug(ctx, reattach, closed),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithLoggingSink(t))
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	select {
	case err := <-failed:
		t.Fatal(err)
		return ""
	case config := <-reattach:
		return attachTo(config)
	}
}

// stopWatcher tells when the CLI has asked the provider to stop, and an apply that
// is on has heard of it.
type stopWatcher struct {
	*server
	stop func()
	mu   sync.Mutex
	told <-chan struct{} // closed when the apply has heard of it; nil if there is none
}

func (s *stopWatcher) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	s.mu.Lock()
	s.told = ctx.Done()
	s.mu.Unlock()
	return s.server.ApplyResourceChange(ctx, req)
}

func (s *stopWatcher) StopProvider(ctx context.Context, req *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	s.mu.Lock()
	told := s.told
	s.mu.Unlock()
	switch {
	case len(s.invocations.cancel()) > 0:
		// An action holds up the stop until it has ended.
		s.stop()
	case told != nil:
		go func() {
			<-told
			s.stop()
		}()
	default:
		defer s.stop()
	}
	return s.server.StopProvider(ctx, req)
}

// write makes configuration the CLI's only file.
func (c *cli) write(configuration string) {
	c.t.Helper()
	const header = `terraform {
  required_providers {
    twilio = { source = "` + Address + `" }
  }
}
`
	if err := os.WriteFile(filepath.Join(c.dir, "main.tf"), []byte(header+configuration), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// ran is what a run of the CLI gave.
type ran struct {
	exit   int
	output string
}

// run runs the CLI to its end. One that hangs is killed.
func (c *cli) run(args ...string) ran {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Getenv("TF_ACC_TERRAFORM_PATH"), args...)
	cmd.WaitDelay = patience
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: c.ownGroup}
	output := newTranscript()
	cmd.Stdout, cmd.Stderr = output, output
	c.mu.Lock()
	err := cmd.Start()
	c.running, c.output, c.ended = cmd, output, make(chan struct{})
	defer close(c.ended)
	c.mu.Unlock()
	if err == nil {
		err = cmd.Wait()
	}
	var exit *exec.ExitError
	if ctx.Err() != nil || err != nil && !errors.As(err, &exit) {
		c.t.Fatalf("%v %v\n%s", ctx.Err(), err, output)
	}
	return ran{exit: cmd.ProcessState.ExitCode(), output: losesStateWarning.ReplaceAllString(output.String(), "")}
}

// losesStateWarning is what the provider says on some versions of Terraform. No
// other test is about that.
var losesStateWarning = regexp.MustCompile(`(?s)Warning: Terraform [0-9.]+ can lose.*?-parallelism=1\.`)

// succeeds ends the test unless the run succeeded.
func (c *cli) succeeds(got ran) ran {
	c.t.Helper()
	if got.exit != 0 {
		c.t.Fatalf("exit code %d:\n%s", got.exit, got.output)
	}
	return got
}

// refuses wants a run to have been refused before any request.
func (c *cli) refuses(got ran, says string) {
	c.t.Helper()
	if got.exit != 1 || !strings.Contains(oneLine(got.output), says) || len(c.Requests()) != 0 {
		c.t.Errorf("exit code %d, %d requests, want %q in:\n%s", got.exit, len(c.Requests()), says, got.output)
	}
}

// oneByOne keeps messages from waiting side by side: on the tests' clock, which
// is moved by who waits, the time of one that has not been sent yet would be over.
// And where two provider blocks share the process of the tests, it keeps one from
// being configured while the other is at work.
const oneByOne = "-parallelism=1"

func (c *cli) apply(args ...string) ran {
	c.t.Helper()
	return c.run(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, args...)...)
}

func (c *cli) plan(args ...string) ran {
	c.t.Helper()
	return c.run(append([]string{"plan", "-input=false", "-no-color"}, args...)...)
}

// importSID imports a command as the resource at address.
func (c *cli) importSID(sid string) ran {
	c.t.Helper()
	return c.run("import", "-input=false", "-no-color", address, sid)
}

// interruptAfter is interrupt once the CLI has written this.
func (c *cli) interruptAfter(text string) func() {
	return func() {
		c.waitFor(text)
		c.interrupt()
	}
}

// waitFor waits until the CLI that runs has written this.
func (c *cli) waitFor(text string) {
	c.mu.Lock()
	output := c.output
	c.mu.Unlock()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	if !output.waitFor(ctx, text) {
		c.t.Errorf("the CLI does not say %q", text)
	}
}

// kill kills the CLI that runs.
func (c *cli) kill() {
	c.mu.Lock()
	err := c.running.Process.Kill()
	c.mu.Unlock()
	if err != nil {
		c.t.Error(err)
	}
}

// killGroup sends a signal to the CLI that runs and to its providers; it needs
// ownGroup.
func (c *cli) killGroup(signal syscall.Signal) {
	c.mu.Lock()
	err := syscall.Kill(-c.running.Process.Pid, signal)
	c.mu.Unlock()
	if err != nil {
		c.t.Error(err)
	}
}

// interrupt does what Ctrl-C does, and waits until the provider knows.
func (c *cli) interrupt() {
	c.mu.Lock()
	err, ended := c.running.Process.Signal(os.Interrupt), c.ended
	c.mu.Unlock()
	if err != nil {
		c.t.Error(err)
		return
	}
	select {
	case <-c.stopped:
	case <-ended:
		c.t.Error("the CLI has ended, and not told the provider to stop")
	case <-time.After(patience):
		c.t.Error("the CLI does not tell the provider to stop")
	}
}

// patience is how long a test waits for what must come, in real time: whatever
// hangs fails one test, and not the whole binary.
const patience = time.Minute

// instance is an instance of a resource in the state.
type instance struct {
	Tainted bool
	SID     string
	Status  string
}

// instances returns the instances of twilio_ip_command in the state.
func (c *cli) instances() []instance {
	c.t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) || err == nil && len(data) == 0 {
		return nil // A CLI that is killed may leave an empty file.
	}
	if err != nil {
		c.t.Fatal(err)
	}
	var state struct {
		Resources []struct {
			Mode, Type string
			Instances  []struct {
				Status     string
				Attributes struct{ SID, Status string }
			}
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		c.t.Fatal(err)
	}
	var all []instance
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if r.Mode == "managed" && r.Type == "twilio_ip_command" {
				all = append(all, instance{Tainted: i.Status == "tainted", SID: i.Attributes.SID, Status: i.Attributes.Status})
			}
		}
	}
	return all
}

// oneLine undoes the CLI's line breaks and its frame around diagnostics.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", " ", "╷", " ", "╵", " ").Replace(s)), " ")
}
