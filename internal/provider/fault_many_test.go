package provider

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const twins = `
resource "twilio_ip_command" "test" {
  count       = 2
  sim         = "valve"
  payload     = "open"
  device_port = 5683
}
`

// TestAccTwins applies two equal messages, one of whose connections breaks:
// neither takes the other's command for its own.
func TestAccTwins(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		fault       twiliosim.Fault
		first, next expect
	}{
		{
			name: "one answer is lost", fault: twiliosim.LostAnswer(1),
			first: expect{says: []string{"2 added", wasAdopted}, state: []string{"sent", "sent"}, posts: 2, commands: 2},
			next:  expect{says: []string{noChanges}, state: []string{"sent", "sent"}, posts: 2, commands: 2},
		},
		{
			name: "one request is lost", fault: twiliosim.LostRequest(1),
			first: expect{exit: 1, says: []string{maybeSent}, state: []string{"sent"}, posts: 2, commands: 1},
			next:  expect{says: []string{created1}, state: []string{"sent", "sent"}, posts: 3, commands: 2},
		},
		{
			name: "both answers are lost", fault: twiliosim.LostAnswer(2),
			first: expect{says: []string{"2 added", wasAdopted}, state: []string{"sent", "sent"}, posts: 2, commands: 2},
			next:  expect{says: []string{noChanges}, state: []string{"sent", "sent"}, posts: 2, commands: 2},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			w.Inject(row.fault.On("POST", "/"))
			c := w.newCLI(t)
			c.write(w.provider() + twins)
			// One after another, since both live by one clock that each of them
			// moves; TestRace_R2 of the client has them at the same time.
			row.first.check(c, c.apply(oneByOne))
			c.restart()
			row.next.check(c, c.apply())
		})
	}
}

// fleet sends one message to each of n SIMs.
func fleet(w *world, n int, arguments string) string {
	for i := range n {
		w.AddSIM(twiliosim.SIM{UniqueName: fmt.Sprintf("device-%03d", i)})
	}
	return fmt.Sprintf(`
resource "twilio_ip_command" "test" {
  count       = %d
  sim         = format("device-%%03d", count.index)
  payload     = "open"
  device_port = 5683
  %s
}
`, n, arguments)
}

// TestAccFleet_settledPlanMakesNoRequest is rule R5 at the scale where it
// matters, and rule R7 for the same fleet: neither a plan nor a destroy asks
// the API anything.
func TestAccFleet_settledPlanMakesNoRequest(t *testing.T) {
	t.Parallel()
	w, c := newCLIWorld(t)
	// Each that waits moves the clock that all share: a minute is soon over.
	c.write(w.provider() + fleet(w, 200, `timeouts = { create = "1h" }`))
	c.succeeds(c.apply())
	if n := w.posts(); n != 200 {
		t.Errorf("%d POSTs for 200 resources", n)
	}
	before := len(w.Requests())
	plan := c.plan("-detailed-exitcode")
	if plan.exit != 0 || !strings.Contains(plan.output, noChanges) {
		t.Errorf("exit code %d: %s", plan.exit, plan.output)
	}
	destroy := c.apply("-destroy")
	if destroy.exit != 0 || len(c.instances()) != 0 {
		t.Errorf("exit code %d: %s", destroy.exit, destroy.output)
	}
	if n := len(w.Requests()) - before; n != 0 {
		t.Errorf("the plan and the destroy made %d requests", n)
	}
	// One warning for the whole fleet, which says what destroy does not do.
	// An older CLI does not ask the provider about a destroy.
	if !cliHas("1.3", "1.6") {
		return
	}
	if n := strings.Count(destroy.output, "Warning: "); n < 1 || n > 2 {
		t.Errorf("%d warnings:\n%s", n, destroy.output)
	}
	if !strings.Contains(oneLine(destroy.output), "cannot be recalled") {
		t.Error(destroy.output)
	}
}

// TestAccFleet_readsWell loses the answers of a whole fleet: warnings are
// folded, and the summary of an error does not depend on the resource.
func TestAccFleet_readsWell(t *testing.T) {
	t.Parallel()
	w, c := newCLIWorld(t)
	c.write(w.provider() + fleet(w, 200, ""))
	w.Inject(twiliosim.LostAnswer(0).On("POST", "/"))
	// One at a time: each moves the clock that all share.
	got := c.apply(oneByOne)
	if got.exit != 0 || w.posts() != 200 || len(w.IPCommands()) != 200 {
		t.Errorf("exit code %d, %d POSTs, %d commands", got.exit, w.posts(), len(w.IPCommands()))
	}
	if n := strings.Count(got.output, "Warning: "); n != 1 {
		t.Errorf("%d warnings, want one that is folded:\n%s", n, got.output[max(0, len(got.output)-4000):])
	}
	seen := map[string]bool{}
	for _, i := range c.instances() {
		seen[i.SID] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d different SIDs in the state, want 200", len(seen))
	}
}

// match makes a fault hit only messages to one SIM.
func match(sim string) func(method, path string, query, form url.Values) bool {
	return func(_, _ string, _, form url.Values) bool { return form.Get("Sim") == sim }
}

// TestAccFleet_partialFailure has one SIM of a fleet fail: the others are
// sent and stay, and only the failed one is sent again.
func TestAccFleet_partialFailure(t *testing.T) {
	t.Parallel()
	w, c := newCLIWorld(t)
	c.write(w.provider() + fleet(w, 5, ""))
	fault := twiliosim.ServerError(500, 1)
	fault.Match = match("device-002")
	w.Inject(fault.On("POST", "/"))
	expect{exit: 1, says: []string{maybeSent, `sim = "device-002"`}, state: []string{"sent", "sent", "sent", "sent"}, posts: 5, commands: 4}.check(c, c.apply())
	expect{says: []string{created1}, state: []string{"sent", "sent", "sent", "sent", "sent"}, posts: 6, commands: 5}.check(c, c.apply())
}
