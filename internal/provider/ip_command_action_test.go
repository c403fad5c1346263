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
  lifecycle {
    action_trigger {
      events  = [` + events + `]
      actions = [action.twilio_ip_command.test]
      ` + arguments + `
    }
  }
}
`
}

// invoke invokes the action by hand.
func (c *cli) invoke() ran {
	c.t.Helper()
	return c.apply("-invoke=action.twilio_ip_command.test")
}

// TestAccAction_warns tells of a message that has not left, also where the CLI drops
// the warnings of an action that an event triggered.
func TestAccAction_warns(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.write(w.provider() + invocation("") + trigger("after_create", ""))
	expect{says: []string{seenQueued, "will not be sent again"}, posts: 1, commands: 1}.check(c, c.apply())
}

// TestAccAction_faults plays the rows of the fault matrix that end a send with
// the action: the rules R1, R2 and R4 are the same, and nothing is kept.
func TestAccAction_faults(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	const left = "is no longer queued: sent"
	sent := expect{says: []string{"Sending a text message to port 5683 of SIM valve", "was accepted and is queued", left}, silent: []string{"Warning"}, posts: 1, commands: 1}
	for _, row := range []struct {
		name   string
		sim    twiliosim.SIM
		before func(*testing.T, *world)
		want   expect
	}{
		{name: "no fault", want: sent},
		{name: "429 twice", before: onPost(twiliosim.TooManyRequests("", 2)), want: expect{says: []string{left}, posts: 3, commands: 1}},
		{name: "429 for ever", before: onPost(twiliosim.TooManyRequests("", 0)), want: expect{exit: 1, says: []string{notSent}, silent: []string{"the next apply"}, posts: 6}},
		{name: "a reset before creation", before: onPost(twiliosim.LostRequest(1)), want: expect{exit: 1, says: []string{maybeSent, `Set deduplication_window = "1h" and invoke the action again`}, silent: []string{"terraform import", "next apply"}, posts: 1}},
		{name: "a reset after creation", before: onPost(twiliosim.LostAnswer(1)), want: expect{says: []string{wasAdopted}, posts: 1, commands: 1}},
		{name: "502 after creation", before: onPost(accepted(twiliosim.HTMLBadGateway(1))), want: expect{says: []string{wasAdopted}, posts: 1, commands: 1}},
		{name: "201 truncated", before: onPost(twiliosim.Fault{TruncateBody: 40, Times: 1}), want: expect{says: []string{wasAdopted}, posts: 1, commands: 1}},
		{name: "connection refused", before: refuseConnections, want: expect{exit: 1, says: []string{notSent}}},
		{name: "a detached SIM", sim: twiliosim.SIM{Detached: true}, want: expect{exit: 1, says: []string{"IP Command failed"}, silent: []string{"taint"}, posts: 1, commands: 1}},
		{name: "never leaving queued", sim: twiliosim.SIM{NeverSends: true}, want: expect{says: []string{seenQueued, "after 1m"}, silent: []string{"in the state"}, posts: 1, commands: 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newFaultWorld(t, row.sim, row.before)
			c := w.newCLI(t)
			c.write(w.provider() + invocation(""))
			row.want.check(c, c.invoke())
		})
	}
}

// TestAccAction_triggered sends by an event of a resource, and not again.
func TestAccAction_triggered(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + invocation("wait_for_sent = false") + trigger("after_create, after_update", ""))
	expect{says: []string{created1, "was accepted and is queued"}, silent: []string{"no longer queued"}, posts: 1, commands: 1}.check(c, c.apply())
	expect{says: []string{noChanges}, posts: 1, commands: 1}.check(c, c.apply())
	if n := w.Count("GET", "/"); n != 0 {
		t.Errorf("%d GETs", n)
	}
}

// TestAccAction_badInput refuses what the resource refuses, before a request.
func TestAccAction_badInput(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for arguments, says := range map[string]string{
		`payload_type = "binary"` + "\n callback_method = \"GET\"": `"callback_url" must be specified when "callback_method" is specified`,
		`payload_type = "hex"`:              `"hex" is not text or binary`,
		`callback_url = "x"`:                "is not an absolute http or https URL",
		`timeouts = { invoke = "0s" }`:      "set wait_for_sent to false",
		`timeouts = { invoke = "a while" }`: "a while",
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + invocation(arguments))
			if got := c.invoke(); got.exit != 1 || !strings.Contains(oneLine(got.output), says) || len(w.Requests()) != 0 {
				t.Errorf("exit code %d, %d requests, want %q in:\n%s", got.exit, len(w.Requests()), says, got.output)
			}
		})
	}
}

// TestAccAction_badTimeoutAtApply has a timeout that is known only at apply:
// refused before any request.
func TestAccAction_badTimeoutAtApply(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for timeout, says := range map[string]string{"0s": "set wait_for_sent to false", "a while": "a while"} {
		t.Run(timeout, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + invocation("timeouts = { invoke = terraform_data.timeout.output }") + `
resource "terraform_data" "timeout" {
  input = "` + timeout + `"
}
resource "terraform_data" "release" {
  input = terraform_data.timeout.output
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.twilio_ip_command.test]
    }
  }
}
`)
			if got := c.apply(); got.exit != 1 || !strings.Contains(oneLine(got.output), says) || len(w.Requests()) != 0 {
				t.Errorf("exit code %d, %d requests, want %q in:\n%s", got.exit, len(w.Requests()), says, got.output)
			}
		})
	}
}

// TestAccAction_interrupted sends Ctrl-C during the POST of an action: it ends
// with what became of the message, and never as if nothing had happened.
func TestAccAction_interrupted(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for name, row := range map[string]struct {
		at        twiliosim.Fault
		arguments string
		want      expect
	}{
		"accepted, and not waited for": {at: twiliosim.Fault{Method: "POST", Times: 1}, arguments: "wait_for_sent = false", want: expect{says: []string{"Action was interrupted", firstSID() + " was accepted and is queued"}, posts: 1, commands: 1}},
		"accepted":                     {at: twiliosim.Fault{Method: "POST", Times: 1}, want: expect{says: []string{"IP Command was accepted but is still queued", "apply was interrupted", "was accepted and is queued"}, posts: 1, commands: 1}},
		"refused with 429":             {at: twiliosim.Fault{Method: "POST", Status: 429, Times: 1}, want: expect{exit: 1, says: []string{notSent}, posts: 1}},
		"request lost":                 {at: twiliosim.Fault{Method: "POST", Drop: true, Times: 1}, want: expect{exit: 1, says: []string{maybeSent}, posts: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			// Terraform 1.15 crashes on progress that meets an interrupt.
			row.at.Delay = c.interruptAfter("Sending a text message")
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
