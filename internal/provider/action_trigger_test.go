package provider

import (
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccActionTrigger_onFailure plays what a message that is refused, and one
// that may have gone out, mean for each on_failure.
func TestAccActionTrigger_onFailure(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	refused := twiliosim.ServerError(400, 1).On("POST", "/")
	lost := twiliosim.LostAnswer(1).On("POST", "/") // And the looks for it fail.
	for name, row := range map[string]struct {
		fault            twiliosim.Fault
		event, onFailure string
		first, next      expect
	}{
		"halt, unknown, before": {
			lost, "before_create", "halt",
			expect{exit: 1, says: []string{"Error: " + maybeSent}, posts: 1, commands: 1},
			expect{says: []string{created1}, posts: 2, commands: 2},
		},
		"halt, refused": {
			refused, "after_create", "halt",
			expect{exit: 1, says: []string{"Error: IP Command was refused"}, posts: 1},
			expect{says: []string{noChanges}, posts: 1},
		},
		"taint, refused": {
			refused, "after_create", "taint",
			expect{exit: 1, says: []string{"Error: IP Command was refused"}, posts: 1},
			expect{says: []string{"1 added, 0 changed, 1 destroyed"}, posts: 2, commands: 1},
		},
		"continue, refused": {
			refused, "after_create", "continue",
			expect{says: []string{"Warning: IP Command was refused", created1}, posts: 1},
			expect{says: []string{noChanges}, posts: 1},
		},
		"halt, unknown": {
			lost, "after_create", "halt",
			expect{exit: 1, says: []string{"Error: " + maybeSent}, posts: 1, commands: 1},
			expect{says: []string{noChanges}, posts: 1, commands: 1},
		},
		"taint, unknown": {
			lost, "after_create", "taint",
			expect{exit: 1, says: []string{"Error: " + maybeSent}, posts: 1, commands: 1},
			expect{says: []string{"1 added, 0 changed, 1 destroyed"}, posts: 2, commands: 2},
		},
		"continue, unknown": {
			lost, "after_create", "continue",
			expect{says: []string{"Warning: " + maybeSent, created1}, posts: 1, commands: 1},
			expect{says: []string{noChanges}, posts: 1, commands: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			w.Inject(row.fault)
			if row.fault.Drop {
				w.Inject(twiliosim.ServerError(503, 0).On("GET", "/"))
			}
			c := w.newCLI(t)
			c.write(w.provider() + invocation("") + trigger(row.event, "on_failure = "+row.onFailure))
			row.first.check(c, c.apply())
			w.ClearFaults()
			row.next.check(c, c.apply())
		})
	}
}

// TestAccActionTrigger_taintedMessage has a message that triggers another one:
// tainted, it is sent again too.
func TestAccActionTrigger_taintedMessage(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	// The first POST is the resource's.
	w.Inject(twiliosim.Fault{Method: "POST", Times: 1, Then: func() { w.Inject(twiliosim.ServerError(400, 1).On("POST", "/")) }})
	c := w.newCLI(t)
	c.write(w.provider() + invocation("") + valve(`
  lifecycle {
    action_trigger {
      events     = [after_create]
      actions    = [action.twilio_ip_command.test]
      on_failure = taint
    }
  }
`))
	expect{exit: 1, says: []string{"IP Command was refused"}, state: []string{"sent!"}, posts: 2, commands: 1}.check(c, c.apply())
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 4, commands: 3}.check(c, c.apply())
}

// TestAccActionTrigger_failedMessage has a message that failed, after which
// Terraform 1.16 invokes the action, and 1.15 does not.
func TestAccActionTrigger_failedMessage(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{Detached: true})
	c.write(w.provider() + invocation("wait_for_sent = false") + valve(`
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.twilio_ip_command.test]
    }
  }
`))
	want := expect{exit: 1, says: []string{"IP Command failed"}, state: []string{"failed!"}, posts: 1, commands: 1}
	if cliHas("1.16", "") {
		want.posts, want.commands = 2, 2
	}
	want.check(c, c.apply())
}

// TestAccActionTrigger_destroy tells a device that its things go, before or
// after they do.
func TestAccActionTrigger_destroy(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	const destroyed1 = "0 added, 0 changed, 1 destroyed"
	for name, row := range map[string]struct {
		events, arguments string
		count             string // What becomes of the resource; empty: destroy.
		refused           int
		want, next        expect
	}{
		"destroy": {
			events: "before_destroy, after_destroy",
			want:   expect{says: []string{"1 destroyed"}, posts: 2, commands: 2},
		},
		"an instance less": {
			events: "before_destroy", count: "count = 0",
			want: expect{says: []string{destroyed1}, posts: 1, commands: 1},
			next: expect{says: []string{noChanges}, posts: 1, commands: 1},
		},
		"destroy, refused": {
			events: "before_destroy", refused: 1,
			want: expect{says: []string{"Warning: IP Command was refused", "1 destroyed"}, posts: 1},
		},
		"an instance less, refused": {
			events: "before_destroy", count: "count = 0", refused: 1,
			want: expect{exit: 1, says: []string{"Error: IP Command was refused"}, posts: 1},
			next: expect{says: []string{destroyed1}, posts: 2, commands: 1},
		},
		"a replacement, refused": {
			events: "before_destroy", count: "count = 1\n  triggers_replace = 2", refused: 1,
			want: expect{exit: 1, says: []string{"Error: IP Command was refused"}, posts: 1},
			next: expect{says: []string{"1 added, 0 changed, 1 destroyed"}, posts: 2, commands: 1},
		},
		"an instance less, refused after": {
			events: "after_destroy", count: "count = 0", refused: 1,
			want: expect{exit: 1, says: []string{"Error: IP Command was refused"}, posts: 1},
			next: expect{says: []string{noChanges}, posts: 1},
		},
		"an instance less, refused, continue": {
			events: "before_destroy", arguments: "on_failure = continue", count: "count = 0", refused: 1,
			want: expect{says: []string{"Warning: IP Command was refused", destroyed1}, posts: 1},
			next: expect{says: []string{noChanges}, posts: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			things := func(count string) string {
				return w.provider() + invocation("") + strings.Replace(trigger(row.events, row.arguments), `input = "1.0"`, count, 1)
			}
			c.write(things("count = 1"))
			expect{says: []string{created1}}.check(c, c.apply())
			if row.refused > 0 {
				w.Inject(twiliosim.ServerError(400, row.refused).On("POST", "/"))
			}
			if row.count == "" {
				row.want.check(c, c.apply("-destroy"))
				return
			}
			c.write(things(row.count))
			row.want.check(c, c.apply())
			row.next.check(c, c.apply())
		})
	}
}

// TestAccActionTrigger_removed removes a resource from the configuration, and
// with it what says that a message is to be sent.
func TestAccActionTrigger_removed(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + invocation("") + trigger("before_destroy", ""))
	expect{says: []string{created1}}.check(c, c.apply())
	c.write(w.provider() + invocation(""))
	expect{says: []string{"0 added, 0 changed, 1 destroyed"}}.check(c, c.apply())
}
