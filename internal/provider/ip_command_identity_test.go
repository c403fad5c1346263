package provider

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccIdentity imports by identity, and has the identity in the state of a
// message that was sent.
func TestAccIdentity(t *testing.T) {
	t.Parallel()
	needs(t, "1.12", "1.12")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config: w.provider() + valve(""),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("sid")),
		},
	}, resource.TestStep{
		Config:            w.provider() + valve("wait_for_sent = false"),
		ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("sid"))},
	})

	c := w.newCLI(t)
	c.write(w.provider() + valve("") + fmt.Sprintf("import {\n  to = %s\n  identity = { sid = %q }\n}\n", address, w.IPCommands()[0].SID))
	expect{says: []string{"1 imported, 0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(t, w, c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(t, w, c, c.apply())
}
