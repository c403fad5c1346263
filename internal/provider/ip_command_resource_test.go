package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestAccIPCommand_sends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config: w.provider() + `
resource "twilio_ip_command" "test" {
  sim         = "valve"
  payload     = "open"
  device_port = 5683
}
`,
		ConfigPlanChecks: settledPlan(),
		Check:            w.checkPosts(1),
	})
}
