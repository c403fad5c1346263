package provider

import (
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccSuperSIMs_fleet applies the documented for_each over a fleet that
// changes: one that joins is sent to, the others are not, even if they have
// another name or status; one that leaves and comes back is sent to again.
func TestAccSuperSIMs_fleet(t *testing.T) {
	t.Parallel()
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	c.write(documentedExamples(t)["examples/data-sources/twilio_super_sims/data-source.tf"])
	change := func(sim twiliosim.SIM) func() twiliosim.SIM {
		return func() twiliosim.SIM { return w.AddSIM(sim) }
	}
	joins := w.AddSIM(twiliosim.SIM{UniqueName: "meter-03", Fleet: "stock"}).SID
	for _, step := range []struct {
		change func() twiliosim.SIM
		says   string
		sent   int
	}{
		{nil, "2 added", 2},
		{change(twiliosim.SIM{SID: joins, Fleet: "meters", Null: []string{"unique_name"}}), "1 added", 3},
		{change(twiliosim.SIM{SID: joins, UniqueName: "renamed", Status: "inactive", Null: []string{}}), "0 added, 0 changed, 0 destroyed", 3},
		{change(twiliosim.SIM{SID: joins, Fleet: "stock", Status: "active"}), "0 added, 0 changed, 1 destroyed", 3},
		{change(twiliosim.SIM{SID: joins, Fleet: "meters"}), "1 added", 4},
	} {
		if step.change != nil {
			step.change()
		}
		if got := c.apply(); got.exit != 0 || !strings.Contains(got.output, step.says) {
			t.Errorf("the apply ended with %d, want %q:\n%s", got.exit, step.says, got.output)
		}
		w.wantSent(t, step.sent)
	}
}
