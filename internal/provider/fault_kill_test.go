package provider

import (
	"strings"
	"syscall"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccKilledProvider kills the provider's process while it waits for a
// message to leave: the one fault whose state is lost. Apply fails loudly, and
// the documented recovery, finding the message and importing it, works.
func TestAccKilledProvider(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	process := c.useBinary(t)
	w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Times: 1, Delay: func() {
		if err := syscall.Kill(process.pid(), syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}})
	c.write(w.provider() + valve(""))
	expect{exit: 1, says: []string{"Error", "plugin"}, posts: 1, commands: 1}.check(c, c.apply())

	// What the page of the resource says to write.
	c.write(w.provider() + `
data "twilio_ip_commands" "check" {
  sim       = "valve"
  direction = "to_sim"
  limit     = 20
}
output "check" {
  value = [for c in data.twilio_ip_commands.check.ip_commands : "${c.date_created} ${c.sid} ${c.status} ${jsonencode(c.payload)}"]
}
`)
	sid := w.IPCommands()[0].SID
	if got := c.plan(); got.exit != 0 || !strings.Contains(got.output, sid+" sent \\\"open\\\"") {
		t.Fatalf("the plan does not show %s: %s", sid, got.output)
	}
	c.write(w.provider() + valve(""))
	c.succeeds(c.importSID(sid))
	// The unique name of the SIM is adopted in place.
	expect{says: []string{"0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
}
