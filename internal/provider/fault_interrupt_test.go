package provider

import (
	"testing"

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
			w := newFaultWorld(t, row.sim, nil)
			c := w.newCLI(t)
			row.at.Delay = c.interrupt
			w.Inject(row.at)
			c.write(w.provider() + valve(""))
			row.first.check(t, w, c, c.apply())
			c.restart()
			row.next.check(t, w, c, c.apply())
		})
	}
}
