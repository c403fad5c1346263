package provider

import (
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// invocation is an action that sends what valve sends.
func invocation(arguments string) string {
	return `
action "twilio_ip_command" "test" {
  config {
    sim         = "valve"
    payload     = "open"
    device_port = 5683
    ` + arguments + `
  }
}
`
}

// trigger is a resource that invokes the action at these events.
func trigger(events, arguments string) string {
	return `
resource "terraform_data" "release" {
  input = "1.0"
` + lifecycle(events, arguments) + `
}
`
}

func lifecycle(events, arguments string) string {
	return `  lifecycle {
    action_trigger {
      events  = [` + events + `]
      actions = [action.twilio_ip_command.test]
      ` + arguments + `
    }
  }`
}

// invoke invokes the action by hand.
func (c *cli) invoke() ran {
	c.t.Helper()
	return c.apply("-invoke=action.twilio_ip_command.test")
}

// TestAccAction_faults plays the rows of the fault matrix that end a send with
// the action: the rules R1, R2 and R4 are the same, and nothing is kept.
func TestAccAction_faults(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	const left = "is no longer queued: sent"
	adopted := expect{says: []string{wasAdopted}, posts: 1, commands: 1}
	for name, row := range map[string]struct {
		sim    twiliosim.SIM
		before func(*testing.T, *world)
		want   expect
	}{
		"no fault": {want: expect{
			says:   []string{"Sending a text message to port 5683 of SIM valve", "was accepted and is queued", left},
			silent: []string{"Warning"}, posts: 1, commands: 1,
		}},
		"429 twice": {before: onPost(twiliosim.TooManyRequests("", 2)), want: expect{says: []string{left}, posts: 3, commands: 1}},
		"429 for ever": {
			before: onPost(twiliosim.TooManyRequests("", 0)),
			want:   expect{exit: 1, says: []string{notSent}, silent: []string{"the next apply"}, posts: 6},
		},
		"a reset before creation": {before: onPost(twiliosim.LostRequest(1)), want: expect{
			exit: 1, says: []string{maybeSent, `Set deduplication_window = "1h" and invoke the action again`},
			silent: []string{"terraform import", "next apply"}, posts: 1,
		}},
		"a reset after creation": {before: onPost(twiliosim.LostResponse(1)), want: adopted},
		"201 truncated":          {before: onPost(twiliosim.Fault{TruncateBody: 40, Times: 1}), want: adopted},
		"connection refused":     {before: refuseConnections, want: expect{exit: 1, says: []string{notSent}}},
		"a detached SIM": {
			sim:  twiliosim.SIM{Detached: true},
			want: expect{exit: 1, says: []string{"IP Command failed"}, silent: []string{"taint"}, posts: 1, commands: 1},
		},
		"never leaving queued": {
			sim:  twiliosim.SIM{NeverSends: true},
			want: expect{says: []string{seenQueued, "after 1m"}, silent: []string{"in the state"}, posts: 1, commands: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newFaultWorld(t, row.sim, row.before)
			c := w.newCLI(t)
			c.write(w.provider() + invocation(""))
			row.want.check(c, c.invoke())
		})
	}
}

// TestAccAction_bad refuses what the resource refuses, before a request.
func TestAccAction_bad(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for arguments, says := range map[string]string{
		"payload = \"a\"\n callback_method = \"GET\"":      `"callback_url" must be specified when "callback_method" is specified`,
		"payload = \"a\"\n timeouts = { invoke = \"0s\" }": "set wait_for_sent to false",
		"":                                     "Give payload, or payload_wo",
		"payload = \"a\"\n payload_wo = \"b\"": "Give payload, or payload_wo",
		`payload_wo = ""`:                      "The payload is empty",
		"payload_wo = \"x!\"\n payload_type = \"binary\"": "padded Base64",
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + strings.Replace(invocation(arguments), `payload     = "open"`, "", 1))
			c.refuses(c.invoke(), says)
		})
	}
}

// TestAccAction_interrupted sends Ctrl-C during the POST of an action: it ends
// with what became of the message, and never as if nothing had happened.
func TestAccAction_interrupted(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	queued := firstSID() + " was accepted and is queued"
	for name, row := range map[string]struct {
		at        twiliosim.Fault
		arguments string
		want      expect
	}{
		"accepted, and not waited for": {
			arguments: "wait_for_sent = false", want: expect{says: []string{"Action was interrupted", queued}, posts: 1, commands: 1},
		},
		"accepted":         {want: expect{says: []string{"IP Command was accepted but is still queued", "apply was interrupted", queued}, posts: 1, commands: 1}},
		"refused with 429": {at: twiliosim.Fault{Status: 429}, want: expect{exit: 1, says: []string{notSent}, posts: 1}},
		"request lost":     {at: twiliosim.Fault{Drop: true}, want: expect{exit: 1, says: []string{maybeSent}, posts: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			// Terraform 1.15 crashes on progress that meets an interrupt.
			row.at.Method, row.at.Times, row.at.Delay = "POST", 1, c.interruptAfter("Sending a text message")
			w.Inject(row.at)
			c.write(w.provider() + invocation(row.arguments))
			got := c.invoke()
			if row.want.exit == 0 && got.exit == 1 {
				got.exit = 0 // An interrupted apply may end either way; what counts is what it says.
			}
			row.want.check(c, got)
		})
	}
}

// TestAccActionTrigger sends by an event of a resource, and not again. It tells of a
// message that has not left, although the CLI drops the warnings of such an action.
func TestAccActionTrigger(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.write(w.provider() + invocation("") + trigger("after_create, after_update", ""))
	expect{says: []string{seenQueued, "will not be sent again"}, posts: 1, commands: 1}.check(c, c.apply())
	gets := w.gets()
	expect{says: []string{noChanges}, posts: 1, commands: 1}.check(c, c.apply())
	c.write(w.provider() + invocation("wait_for_sent = false") + strings.Replace(trigger("after_create, after_update", ""), "1.0", "1.1", 1))
	expect{says: []string{updated1, "was accepted and is queued"}, silent: []string{seenQueued}, posts: 2, commands: 2}.check(c, c.apply())
	if n := w.gets(); n != gets {
		t.Errorf("%d GETs of what does not wait", n-gets)
	}
}

// TestAccActionTrigger_onFailure plays what a message that is refused, or that may
// have gone out, means for what triggers it, and for the next apply.
func TestAccActionTrigger_onFailure(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	const (
		destroyed1 = "0 added, 0 changed, 1 destroyed"
		refused    = "IP Command was refused"
	)
	end := func(exit, posts int, says ...string) expect { return expect{exit: exit, says: says, posts: posts} }
	both := func(e expect) expect { // All that was to be sent was sent.
		e.commands = e.posts
		return e
	}
	for name, row := range map[string]struct {
		event, arguments string
		// change is what becomes of the resource once it is there; empty: it is created.
		change     string
		isLost     bool // not refused: it may have gone out
		want, next expect
	}{
		"create, halt, unknown":    {"before_create", "on_failure = halt", "", true, both(end(1, 1, "Error: "+maybeSent)), both(end(0, 2, created1))},
		"created, halt":            {"after_create", "on_failure = halt", "", false, end(1, 1, "Error: "+refused), end(0, 1, noChanges)},
		"created, taint, unknown":  {"after_create", "on_failure = taint", "", true, both(end(1, 1, "Error: "+maybeSent)), both(end(0, 2, replaced1))},
		"created, continue":        {"after_create", "on_failure = continue", "", false, end(0, 1, "Warning: "+refused, created1), end(0, 1, noChanges)},
		"an instance less":         {"before_destroy", "", "count = 0", false, end(1, 1, "Error: "+refused), end(0, 2, destroyed1)},
		"after an instance less":   {"after_destroy", "", "count = 0", false, end(1, 1, "Error: "+refused), end(0, 1, noChanges)},
		"an instance less, anyway": {"before_destroy", "on_failure = continue", "count = 0", false, end(0, 1, "Warning: "+refused, destroyed1), end(0, 1, noChanges)},
		"a replacement":            {"before_destroy", "", "count = 1\n  triggers_replace = 2", false, end(1, 1, "Error: "+refused), end(0, 2, replaced1)},
		"destroy":                  {"before_destroy", "", "destroy", false, end(0, 1, "Warning: "+refused, "1 destroyed"), end(0, 1, noChanges)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			things := func(count string) string {
				return w.provider() + invocation("") + strings.Replace(trigger(row.event, row.arguments), `input = "1.0"`, count, 1)
			}
			c.write(things("count = 1"))
			if row.change != "" {
				end(0, 0, created1).check(c, c.apply())
				c.write(things(row.change))
			}
			if row.isLost {
				w.Inject(twiliosim.LostResponse(1).On("POST", "/")) // And the looks for it fail.
				w.Inject(twiliosim.ServerError(503, 0).On("GET", "/"))
			} else {
				w.Inject(twiliosim.ServerError(400, 1).On("POST", "/"))
			}
			if row.change == "destroy" {
				c.write(things("count = 1"))
				row.want.check(c, c.apply("-destroy"))
				return
			}
			row.want.check(c, c.apply())
			w.ClearFaults()
			if row.next.posts > row.want.posts {
				row.next.commands = row.want.commands + 1
			}
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

// TestAccActionTrigger_message has a message trigger another one: where that taints
// it, it is sent again too, and after one that failed, Terraform 1.16 invokes the
// action, and 1.15 does not.
func TestAccActionTrigger_message(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{Detached: true})
	c.write(w.provider() + invocation("wait_for_sent = false") + valve(lifecycle("after_create", "")))
	want := expect{exit: 1, says: []string{"IP Command failed"}, state: []string{"failed!"}, posts: 1, commands: 1}
	if !cliHas("1.16", "") {
		want.check(c, c.apply())
		return
	}
	want.posts, want.commands = 2, 2
	want.check(c, c.apply())

	w, c = newValve(t, twiliosim.SIM{})
	// The first POST is the resource's.
	w.Inject(twiliosim.Fault{Method: "POST", Times: 1, Then: func() { w.Inject(twiliosim.ServerError(400, 1).On("POST", "/")) }})
	c.write(w.provider() + invocation("") + valve(lifecycle("after_create", "on_failure = taint")))
	expect{exit: 1, says: []string{"IP Command was refused"}, state: []string{"sent!"}, posts: 2, commands: 1}.check(c, c.apply())
	expect{says: []string{replaced1}, state: []string{"sent"}, posts: 4, commands: 3}.check(c, c.apply())
}
