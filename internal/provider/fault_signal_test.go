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

// TestAccSignal sends signals to the CLI and the provider at once, as a
// terminal does for Ctrl-C, and process managers, CI runners and container
// runtimes do with SIGTERM (rule R3): whatever was sent is in the state, and
// nothing is sent again.
func TestAccSignal(t *testing.T) {
	t.Parallel()
	recorded := expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 1, commands: 1}
	unchanged := expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, row := range []struct {
			name  string
			at    twiliosim.Fault // its Delay is the signal
			first expect
		}{
			{name: "during the POST", at: twiliosim.Fault{Method: "POST", Times: 1}, first: recorded},
			{
				name: "during a POST whose answer is lost", at: accepted(twiliosim.Fault{Method: "POST", Drop: true, Times: 1}),
				first: expect{exit: 1, says: []string{wasAdopted, "apply was interrupted"}, state: []string{"queued"}, posts: 1, commands: 1},
			},
			{name: "during the wait", at: twiliosim.Fault{Method: "GET", Times: 1}, first: recorded},
		} {
			t.Run(signal.String()+" "+row.name, func(t *testing.T) {
				t.Parallel()
				w, c := newValve(t, twiliosim.SIM{NeverSends: true})
				c.useBinary(t)
				c.ownGroup = true
				row.at.Delay = func() {
					c.killGroup(signal)
					c.waitFor("Stopping operation")
				}
				w.Inject(row.at)
				c.write(w.provider() + valve(""))
				row.first.check(c, c.apply())
				unchanged.check(c, c.apply())
			})
		}
	}
}

// TestAccSignal_update is TestAccSignal for a message that an update sends (rule
// R13).
func TestAccSignal_update(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	recorded := expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 2, commands: 2}
	unchanged := expect{says: []string{noChanges}, state: []string{"queued"}, posts: 2, commands: 2}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		for _, row := range []struct {
			name  string
			at    twiliosim.Fault // its Delay is the signal
			first expect
		}{
			{name: "during the POST", at: twiliosim.Fault{Method: "POST", Times: 1}, first: recorded},
			{
				name: "during a POST whose response is lost", at: accepted(twiliosim.Fault{Method: "POST", Drop: true, Times: 1}),
				first: expect{exit: 1, says: []string{wasAdopted, "apply was interrupted"}, state: []string{"queued"}, posts: 2, commands: 2},
			},
			// The plan has read the message before it.
			{name: "during the wait", at: twiliosim.Fault{Method: "GET", Skip: 1, Times: 1}, first: recorded},
		} {
			t.Run(signal.String()+" "+row.name, func(t *testing.T) {
				t.Parallel()
				w, c := newValve(t, twiliosim.SIM{NeverSends: true})
				c.useBinary(t)
				c.ownGroup = true
				before, config := updating("")
				c.write(w.provider() + before)
				expect{state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
				row.at.Delay = func() {
					c.killGroup(signal)
					c.waitFor("Stopping operation")
				}
				w.Inject(row.at)
				c.write(w.provider() + config)
				row.first.check(c, c.apply())
				unchanged.check(c, c.apply())
			})
		}
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
	expect{says: []string{wasSent}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
}

// TestAccKilledCLI kills the CLI, so that nobody is left to end the provider:
// it ends by itself, even with a request in flight.
func TestAccKilledCLI(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name string
		at   twiliosim.Fault
		kill func(*cli)
	}{
		{name: "during the POST", at: twiliosim.Fault{Method: "POST", Times: 1}, kill: (*cli).kill},
		{name: "during the wait", at: twiliosim.Fault{Method: "GET", Times: 1}, kill: (*cli).kill},
		{
			name: "after a SIGTERM to all", at: twiliosim.Fault{Method: "GET", Times: 1},
			kill: func(c *cli) {
				c.killGroup(syscall.SIGTERM)
				c.kill()
			},
		},
		{
			// The CLI gives up what it waits for, and kills itself the
			// provider that does not end at once.
			name: "with a second SIGTERM to all", at: twiliosim.Fault{Method: "POST", Times: 1},
			kill: func(c *cli) {
				c.killGroup(syscall.SIGTERM)
				c.waitFor("Stopping operation")
				c.killGroup(syscall.SIGTERM)
			},
		},
		// A terminal that is closed. The CLI does not catch that.
		{name: "with a SIGHUP to all", at: twiliosim.Fault{Method: "POST", Times: 1}, kill: func(c *cli) { c.killGroup(syscall.SIGHUP) }},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{NeverSends: true})
			process := c.useBinary(t)
			c.ownGroup = true
			killed, release := make(chan func(), 1), make(chan struct{})
			row.at.Delay = func() {
				killed <- process.watch()
				row.kill(c)
				<-release
			}
			w.Inject(row.at)
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
