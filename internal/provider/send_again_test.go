package provider

import (
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccSendAgain sends the same message again, in the ways that are
// documented.
func TestAccSendAgain(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w, c := newValve(t, twiliosim.SIM{})
	trigger := func(v string) string {
		return "resource \"terraform_data\" \"again\" {\n  input = \"" + v + "\"\n}\n" +
			valve("lifecycle {\n    replace_triggered_by = [terraform_data.again]\n  }")
	}
	c.write(w.provider() + trigger("1"))
	expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2}.check(c, c.apply("-replace="+address))
	c.write(w.provider() + trigger("2"))
	expect{says: []string{"1 added, 1 changed, 1 destroyed"}, state: []string{"sent"}, posts: 3, commands: 3}.check(c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 3, commands: 3}.check(c, c.apply())
}
