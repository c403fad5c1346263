package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

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

// TestAccFleet_readsWell loses the responses to a whole fleet: warnings are
// folded, and the summary of an error does not depend on the resource.
func TestAccFleet_readsWell(t *testing.T) {
	t.Parallel()
	w, c := newCLIWorld(t)
	c.write(w.provider() + fleet(w, 200, ""))
	w.Inject(twiliosim.LostResponse(0).On("POST", "/"))
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
