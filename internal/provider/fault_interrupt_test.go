package provider

import (
	"bufio"
	"context"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// ctrlC is no signal to all: the CLI alone is told.
const ctrlC = syscall.Signal(0)

// interruption is what comes of an apply that is interrupted at a request.
type interruption struct {
	name      string
	at        twiliosim.Fault // its Delay interrupts
	arguments string          // of the message
	// toAll is whether signals to the CLI and the provider are sent, too: a terminal
	// does that for Ctrl-C, and process managers, CI runners and container runtimes
	// with SIGTERM.
	toAll bool
	says  []string
	// posts and commands are those of the message that is interrupted; it is recorded
	// if there is one.
	posts, commands int
}

var (
	isRecorded    = []string{"IP Command was accepted", "apply was interrupted"}
	interruptions = []interruption{
		{name: "the POST", at: twiliosim.Fault{Method: "POST"}, toAll: true, says: isRecorded, posts: 1, commands: 1},
		{name: "the POST, with a window", at: twiliosim.Fault{Method: "POST"}, arguments: windowed, says: isRecorded, posts: 1, commands: 1},
		{
			name: "a POST whose response is lost", at: accepted(twiliosim.Fault{Method: "POST", Drop: true}),
			toAll: true, says: []string{wasAdopted, "apply was interrupted"}, posts: 1, commands: 1,
		},
		{name: "a POST that is lost", at: twiliosim.Fault{Method: "POST", Drop: true}, says: []string{maybeSent}, posts: 1},
		{name: "a POST that is refused with 429", at: twiliosim.Fault{Method: "POST", Status: 429}, says: []string{notSent}, posts: 1},
		// One that succeeds could be there before the provider knows of the interrupt.
		{name: "the look", at: twiliosim.Fault{Method: "GET", Status: 503}, arguments: windowed, says: []string{notSent}},
		{name: "the wait", at: twiliosim.Fault{Method: "GET"}, toAll: true, says: isRecorded, posts: 1, commands: 1},
	}
)

// TestAccInterrupt_R3 interrupts an apply at the worst moments: whatever was sent is
// in the state, nothing is sent again, and an update never taints.
func TestAccInterrupt_R3(t *testing.T) {
	t.Parallel()
	for _, row := range interruptions {
		for how, signal := range map[string]syscall.Signal{"Ctrl-C": ctrlC, "SIGTERM to all": syscall.SIGTERM, "SIGINT to all": syscall.SIGINT} {
			if signal != ctrlC && !row.toAll {
				continue
			}
			t.Run(row.name+", "+how, func(t *testing.T) {
				t.Parallel()
				_, c := newValve(t, twiliosim.SIM{NeverSends: true})
				row.play(c, signal, valve(row.arguments), expect{}, created1)
			})
			t.Run(row.name+" of an update, "+how, func(t *testing.T) {
				t.Parallel()
				needsTerraformData(t)
				_, c := newValve(t, twiliosim.SIM{NeverSends: true})
				c.write(c.provider() + deferred("1", "payload", `"close"`, "wait_for_sent = false"))
				before := expect{state: []string{"queued"}, posts: 1, commands: 1}
				before.check(c, c.apply())
				c.restart()
				row := row // The other test has it, too.
				if row.at.Method == "GET" {
					row.at.Skip = 1 // The plan reads the message before it.
				}
				// Now the change is known, and replaces.
				row.play(c, signal, deferred("2", "payload", `"open"`, row.arguments), before, replaced1)
			})
		}
	}
}

// play applies a configuration, is interrupted, and applies again. before is what
// there was; sends is what is said when the message is sent after all.
func (row interruption) play(c *cli, signal syscall.Signal, config string, before expect, sends string) {
	row.at.Times, row.at.Delay = 1, c.interrupt
	if signal != ctrlC {
		c.useBinary(c.t)
		c.ownGroup = true
		row.at.Delay = func() {
			c.killGroup(signal)
			c.waitFor("Stopping operation")
		}
	}
	c.Inject(row.at)
	c.write(c.provider() + config)
	first := expect{exit: 1, says: row.says, state: before.state, posts: before.posts + row.posts, commands: before.commands + row.commands}
	if row.commands > 0 {
		first.state = []string{"queued"}
	}
	first.check(c, c.apply())
	if signal == ctrlC {
		c.restart()
	}
	next := expect{says: []string{noChanges}, silent: []string{sentFirst}, state: []string{"queued"}, posts: first.posts, commands: first.commands}
	if row.commands == 0 {
		next.says, next.posts, next.commands = []string{sends}, next.posts+1, next.commands+1
	}
	next.check(c, c.apply())
}

// TestAccKilledCLI kills the CLI, so that nobody is left to end the provider:
// it ends by itself, even with a request in flight.
func TestAccKilledCLI(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method string
		kill   func(*cli)
	}{
		"during the POST":        {"POST", (*cli).kill},
		"during the wait":        {"GET", (*cli).kill},
		"after a SIGTERM to all": {"GET", func(c *cli) { c.killGroup(syscall.SIGTERM); c.kill() }},
		// The CLI gives up what it waits for, and kills itself the provider that does
		// not end at once.
		"with a second SIGTERM to all": {"POST", func(c *cli) {
			c.killGroup(syscall.SIGTERM)
			c.waitFor("Stopping operation")
			c.killGroup(syscall.SIGTERM)
		}},
		// A terminal that is closed. The CLI does not catch that.
		"with a SIGHUP to all": {"POST", func(c *cli) { c.killGroup(syscall.SIGHUP) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{NeverSends: true})
			process := c.useBinary(t)
			c.ownGroup = true
			killed, release := make(chan func(), 1), make(chan struct{})
			w.Inject(twiliosim.Fault{Method: row.method, Times: 1, Delay: func() {
				killed <- process.watch()
				row.kill(c)
				<-release
			}})
			defer close(release)
			// The request that is held does not time out before the test has noticed.
			c.write(w.providerWith(`request_timeout = "10m"`) + valve(""))
			got := c.apply()
			select {
			case waitForEnd := <-killed:
				waitForEnd()
			default:
				t.Fatal(got.output)
			}
			if n := w.posts(); n != 1 {
				t.Errorf("the simulator has seen %d POSTs, want 1", n)
			}
		})
	}
}

// TestAccSignal_providerAlone sends SIGTERM to the provider, and not to the
// CLI: only that knows what is to be recorded, so the apply goes on.
func TestAccSignal_providerAlone(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	process := c.useBinary(t)
	w.Inject(twiliosim.Fault{Method: "POST", Times: 1, Delay: func() {
		if err := syscall.Kill(process.pid(), syscall.SIGTERM); err != nil {
			t.Error(err)
		}
	}})
	c.write(w.provider() + valve(""))
	sends(1, wasSent).check(c, c.apply())
}

// TestDebug_signal ends a provider that was started by hand: it has no CLI
// that could.
func TestDebug_signal(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			binary := providerBinary(t) // It takes its time.
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, binary, "-debug")
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(stdout)
			for !strings.Contains(lines.Text(), "TF_REATTACH_PROVIDERS='") {
				if !lines.Scan() {
					t.Fatal("the provider does not say how to attach to it")
				}
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // SIGTERM is an error here, as for any process.
			if ctx.Err() != nil {
				t.Errorf("the provider did not end, but %s", cmd.ProcessState)
			}
		})
	}
}
