package provider

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// stoppedRollout is a rollout of three in waves of two, with a window.
func stoppedRollout(sims []string) string {
	return rolloutTo(sims, "deduplication_window = \"1h\"\n wave_size = 2")
}

// wantResumed has the rollout invoked again: in the end each SIM has the message once.
func (w *world) wantResumed(t *testing.T, c *cli, sids []string) {
	t.Helper()
	w.ClearFaults()
	w.clock.Advance(time.Minute)
	if got := c.rollOut(); got.exit != 0 {
		t.Errorf("invoked again, it ended with %d:\n%s", got.exit, got.output)
	}
	if got := w.arrived(sids); !slices.Equal(got, []int{1, 1, 1}) {
		t.Errorf("the SIMs have %v messages", got)
	}
}

// TestAccRollout_interrupted sends Ctrl-C: what is in flight ends, nothing more
// begins, the end says where it stands, and invoked again it goes on.
func TestAccRollout_interrupted(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	ok := twiliosim.SIM{}
	for name, row := range map[string]struct {
		sims  []twiliosim.SIM
		at    twiliosim.Fault // its Delay is the interrupt
		says  []string
		posts int // at most, until then
	}{
		"during the look":               {sims: []twiliosim.SIM{ok, ok, ok}, at: twiliosim.Fault{Method: "GET", Times: 1}, says: []string{"3 not begun"}},
		"during a POST":                 {sims: []twiliosim.SIM{ok, ok, ok}, at: twiliosim.Fault{Method: "POST", Times: 1}, says: []string{"It was interrupted", "not begun", "To go on"}, posts: 2},
		"during the POST of a wave two": {sims: []twiliosim.SIM{ok, ok, ok}, at: twiliosim.Fault{Method: "POST", Skip: 2, Times: 1}, says: []string{"It was interrupted", "2 sent, 1 still queued"}, posts: 3},
		"during a POST that is lost": {
			sims: []twiliosim.SIM{ok, ok, ok}, at: accepted(twiliosim.Fault{Method: "POST", Drop: true, Skip: 2, Times: 1}),
			posts: 3, // It may have left before anybody waits: then all went well.
		},
		"during the wait": {sims: []twiliosim.SIM{{SendDelay: 10 * time.Second}, ok, ok}, at: twiliosim.Fault{Method: "GET", Skip: 2, Times: 1}, says: []string{"It was interrupted", "still queued", "1 not begun"}, posts: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			_, sids := w.fleet(row.sims...)
			c := w.newCLI(t)
			row.at.Delay = func() {
				if row.posts > 0 { // Progress that comes to an interrupted Terraform 1.15 crashes it.
					c.waitFor([]string{"1", "0"}[row.posts-2] + " come after them")
				}
				c.interrupt()
			}
			w.Inject(row.at)
			c.write(w.provider() + stoppedRollout(sids))
			got := c.rollOut()
			for _, says := range row.says {
				if !strings.Contains(oneLine(got.output), says) {
					t.Errorf("it does not say %q:\n%s", says, got.output)
				}
			}
			if got.exit != 1 || w.posts() > row.posts {
				t.Errorf("exit code %d, %d POSTs, want at most %d:\n%s", got.exit, w.posts(), row.posts, got.output)
			}
			c.restart()
			w.wantResumed(t, c, sids)
		})
	}
}

// TestAccRollout_killed sends SIGTERM to the whole group, two Ctrl-C, and SIGKILL to
// the CLI or the provider, during a POST of the second wave.
func TestAccRollout_killed(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for name, kill := range map[string]func(c *cli, p startedProvider){
		"SIGTERM": func(c *cli, _ startedProvider) {
			c.killGroup(syscall.SIGTERM)
			c.waitFor("Stopping operation")
		},
		"two Ctrl-C": func(c *cli, _ startedProvider) {
			c.killGroup(syscall.SIGINT)
			c.waitFor("Interrupt received")
			c.killGroup(syscall.SIGINT)
			c.waitFor("Two interrupts received")
		},
		"SIGKILL of the CLI":      func(c *cli, _ startedProvider) { c.kill() },
		"SIGKILL of the provider": func(_ *cli, p startedProvider) { _ = syscall.Kill(p.pid(), syscall.SIGKILL) },
	} {
		for _, accept := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, twiliosim.Config{})
				_, sids := w.fleet(twiliosim.SIM{}, twiliosim.SIM{}, twiliosim.SIM{})
				c := w.newCLI(t)
				process := c.useBinary(t)
				c.ownGroup = true
				at := twiliosim.Fault{Method: "POST", Skip: 2, Times: 1, Accept: accept, Delay: func() {
					c.waitFor("0 come after them") // Progress that comes to an interrupted Terraform 1.15 crashes it.
					kill(c, process)
				}}
				if !accept {
					at.Status = 429 // It was certainly not processed.
				}
				w.Inject(at)
				c.write(w.provider() + stoppedRollout(sids))
				if got := c.rollOut(); got.exit == 0 {
					t.Errorf("it ended well:\n%s", got.output)
				}
				w.wantResumed(t, c, sids)
			})
		}
	}
}

// TestAccRollout_trigger has a release roll out by itself. One that fails before the
// release changes is gone on with by the next apply, and one that fails after it is
// not.
func TestAccRollout_trigger(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	release := func(version, events, more string) string {
		return strings.NewReplacer("twilio_ip_command.test", "twilio_ip_command_rollout.test", `"1.0"`, `"`+version+`"`).Replace(trigger(events, more))
	}
	type end struct {
		exit    int
		says    string
		arrived []int
	}
	for name, row := range map[string]struct {
		events, more string
		since        string
		first, next  end
	}{
		"before": {
			events: "before_create, before_update", first: end{exit: 1, says: "1 failed, 1 not begun", arrived: []int{1, 0, 0}},
			next: end{says: "3 of 3 SIMs have the message", arrived: []int{1, 1, 1}},
		},
		"after": {
			events: "after_create, after_update", first: end{exit: 1, says: "1 failed, 1 not begun", arrived: []int{1, 0, 0}},
			next: end{says: "No changes", arrived: []int{1, 0, 0}},
		},
		"after, and goes on": {
			events: "after_create, after_update", more: "on_failure = continue", since: "1.16",
			first: end{says: "Warning: Rollout did not end well for all SIMs", arrived: []int{1, 0, 0}},
			next:  end{says: "No changes", arrived: []int{1, 0, 0}},
		},
		"after, and taints": {
			events: "after_create, after_update", more: "on_failure = taint", since: "1.16",
			first: end{exit: 1, says: "1 failed, 1 not begun", arrived: []int{1, 0, 0}},
			next:  end{says: "3 of 3 SIMs have the message", arrived: []int{1, 1, 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row.since != "" {
				needs(t, row.since, "")
			}
			w := newWorld(t, twiliosim.Config{})
			_, sids := w.fleet(twiliosim.SIM{}, twiliosim.SIM{Detached: true}, twiliosim.SIM{})
			c := w.newCLI(t)
			c.write(w.provider() + stoppedRollout(sids) + release("1.0", row.events, row.more))
			for i, want := range []end{row.first, row.next} {
				got := c.apply()
				if arrived := w.arrived(sids); got.exit != want.exit || !strings.Contains(oneLine(got.output), want.says) || !slices.Equal(arrived, want.arrived) {
					t.Errorf("apply %d: exit code %d, arrived %v:\n%s", i, got.exit, arrived, got.output)
				}
				w.SetDetached(sids[1], false)
			}
		})
	}
}
