package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccEphemeral reads what a device sent without keeping it.
func TestAccEphemeral(t *testing.T) {
	t.Parallel()
	needs(t, "1.10", "1.11")
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.ReceiveFromSIM(sim.SID, 7000, []byte("key"))
	for range 30 {
		w.AddIPCommand(twiliosim.IPCommand{})
	}
	factories := w.factories()
	factories["echo"] = func() (tfprotov6.ProviderServer, error) { return echoprovider.NewProviderServer()() }
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: w.provider() + `
ephemeral "twilio_ip_commands" "test" {
  sim       = "valve"
  direction = "from_sim"
  page_size = 5
  limit     = 10
}

provider "echo" {
  data = ephemeral.twilio_ip_commands.test
}

resource "echo" "test" {}
`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey("ip_commands"), knownvalue.ListSizeExact(1)),
				statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey("ip_commands").AtSliceIndex(0).AtMapKey("payload"), knownvalue.StringExact("a2V5")),
				statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey("limit"), knownvalue.Int64Exact(10)),
				statecheck.ExpectKnownValue("echo.test", tfjsonpath.New("data").AtMapKey("status"), knownvalue.Null()),
			},
		}},
	})
}
