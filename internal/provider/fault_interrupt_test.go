package provider

import (
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccInterrupt sends Ctrl-C at the worst moments (rule R3): whatever was
// sent is in the state, and nothing is sent again.
func TestAccInterrupt(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		sim         twiliosim.SIM
		at          twiliosim.Fault // its Delay is the interrupt
		first, next expect
	}{
		{
			name: "during the POST", at: twiliosim.Fault{Method: "POST", Times: 1},
			first: expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  unchangedOnce,
		},
		{
			name: "during a POST whose answer is lost", at: accepted(twiliosim.Fault{Method: "POST", Drop: true, Times: 1}),
			first: expect{exit: 1, says: []string{wasAdopted}, state: []string{"sent"}, posts: 1, commands: 1},
			next:  unchangedOnce,
		},
		{
			name: "during a POST that is refused with 429", at: twiliosim.Fault{Method: "POST", Status: 429, Times: 1},
			first: expect{exit: 1, says: []string{notSent}, posts: 1},
			next:  sentAgain,
		},
		{
			name: "during the wait", sim: twiliosim.SIM{NeverSends: true}, at: twiliosim.Fault{Method: "GET", Times: 1},
			first: expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, row.sim)
			row.at.Delay = c.interrupt
			w.Inject(row.at)
			c.write(w.provider() + valve(""))
			row.first.check(c, c.apply())
			c.restart()
			row.next.check(c, c.apply())
		})
	}
}

// updating is valve whose payload no plan knows, so that an update sends it (rule
// R13): what is before it, and what sends.
func updating(arguments string) (before, config string) {
	return deferred("1", "payload", `"close"`, "wait_for_sent = false"), deferred("2", "payload", `"open"`, arguments)
}

// TestAccInterrupt_update sends Ctrl-C while an update sends: whatever was sent is
// in the state, and otherwise the message before it is. It is never tainted.
func TestAccInterrupt_update(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	// A change that is known now replaces.
	replaced := expect{says: []string{replaced1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 3, commands: 2}
	unchanged := expect{says: []string{noChanges}, state: []string{"sent"}, posts: 2, commands: 2}
	for _, row := range []struct {
		name        string
		sim         twiliosim.SIM
		arguments   string
		at          twiliosim.Fault // its Delay is the interrupt
		first, next expect
	}{
		{
			name: "during the POST", at: twiliosim.Fault{Method: "POST", Times: 1},
			first: expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 2, commands: 2},
			next:  unchanged,
		},
		{
			name: "during a POST whose response is lost", at: accepted(twiliosim.Fault{Method: "POST", Drop: true, Times: 1}),
			first: expect{exit: 1, says: []string{wasAdopted}, state: []string{"sent"}, posts: 2, commands: 2},
			next:  unchanged,
		},
		{
			name: "during a POST that is lost", at: twiliosim.Fault{Method: "POST", Drop: true, Times: 1},
			first: expect{exit: 1, says: []string{maybeSent}, state: []string{"sent"}, posts: 2, commands: 1},
			next:  replaced,
		},
		{
			name: "during a POST that is refused with 429", at: twiliosim.Fault{Method: "POST", Status: 429, Times: 1},
			first: expect{exit: 1, says: []string{notSent}, state: []string{"sent"}, posts: 2, commands: 1},
			next:  replaced,
		},
		{
			name: "during the look", arguments: windowed, at: twiliosim.Fault{Method: "GET", Times: 1},
			first: expect{exit: 1, says: []string{notSent}, state: []string{"sent"}, posts: 1, commands: 1},
			next:  expect{says: []string{replaced1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2},
		},
		{
			name: "during the POST, with a window", arguments: windowed, at: twiliosim.Fault{Method: "POST", Times: 1},
			first: expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 2, commands: 2},
			next:  unchanged,
		},
		{
			// The plan has read the message before it.
			name: "during the wait", sim: twiliosim.SIM{NeverSends: true}, at: twiliosim.Fault{Method: "GET", Skip: 1, Times: 1},
			first: expect{exit: 1, says: []string{"IP Command was accepted", "apply was interrupted"}, state: []string{"queued"}, posts: 2, commands: 2},
			next:  expect{says: []string{noChanges}, state: []string{"queued"}, posts: 2, commands: 2},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, row.sim)
			before, config := updating(row.arguments)
			c.write(w.provider() + before)
			expect{state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
			c.restart()
			w.clock.Advance(time.Minute)
			if !row.sim.NeverSends {
				expect{state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply("-refresh-only"))
			}
			c.restart()
			row.at.Delay = c.interrupt
			w.Inject(row.at)
			c.write(w.provider() + config)
			row.first.check(c, c.apply())
			c.restart()
			row.next.check(c, c.apply())
		})
	}
}
