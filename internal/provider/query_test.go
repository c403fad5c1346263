package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccIdentity imports by identity, and has the identity in the state of a
// message that was sent.
func TestAccIdentity(t *testing.T) {
	t.Parallel()
	needs(t, "1.12", "")
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

// query writes a file of list blocks beside the configuration.
func (c *cli) query(t *testing.T, blocks string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "messages.tfquery.hcl"), []byte(blocks), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAccQuery lists what can be imported: with filters, up to a limit, and
// with the fewest requests.
func TestAccQuery(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	other := w.AddSIM(twiliosim.SIM{UniqueName: "meter"})
	w.ReceiveFromSIM(sim.SID, 1, []byte("from the device"))
	for i := range 25 {
		w.AddIPCommand(twiliosim.IPCommand{SimSID: sim.SID, Payload: fmt.Sprint(i), DateCreated: start.Add(time.Duration(i-100) * time.Minute)})
	}
	w.AddIPCommand(twiliosim.IPCommand{SimSID: other.SID, Status: "failed", DateCreated: start.Add(-time.Hour)})

	c := w.newCLI(t)
	c.write(w.provider())
	for name, row := range map[string]struct {
		block    string
		lines    int
		says     []string
		requests int
	}{
		"all":      {block: `config {}` + "\n", lines: 26, says: []string{"SIM " + other.ICCID + ", 2026-03-01T11:00:00Z, failed"}, requests: 1},
		"a SIM":    {block: "config {\n sim = \"valve\"\n }", lines: 25, says: []string{"valve, 2026-03-01T10:44:00Z, sent"}, requests: 1},
		"a status": {block: "config {\n status = \"failed\"\n }", lines: 1, requests: 1},
		"a limit":  {block: "limit = 7\n config {}", lines: 7, requests: 1},
		"pages":    {block: "include_resource = true\n config {\n sim = \"valve\"\n page_size = 10\n }", lines: 25, requests: 3},
	} {
		before := len(w.Requests())
		c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  "+row.block+"\n}\n")
		got := c.run("query", "-no-color")
		if lines := strings.Count(got.output, "list.twilio_ip_command.test"); got.exit != 0 || lines != row.lines {
			t.Errorf("%s: exit code %d, %d lines, want %d:\n%s", name, got.exit, lines, row.lines, got.output)
		}
		for _, s := range row.says {
			if !strings.Contains(got.output, s) {
				t.Errorf("%s: the output does not say %q:\n%s", name, s, got.output)
			}
		}
		if n := len(w.Requests()) - before; n != row.requests {
			t.Errorf("%s: %d requests, want %d", name, n, row.requests)
		}
	}

	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {\n    status = \"lost\"\n  }\n}\n")
	if got := c.run("query", "-no-color"); got.exit == 0 || !strings.Contains(oneLine(got.output), `"lost" is not one of`) {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
	w.Inject(twiliosim.ServerError(400, 0))
	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {}\n}\n")
	if got := c.run("query", "-no-color"); got.exit == 0 || !strings.Contains(oneLine(got.output), "Commands could not be listed") {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
}

// TestAccQuery_generatesConfig has Terraform write the configuration for what
// it found; it is imported without a replacement.
func TestAccQuery_generatesConfig(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.AddIPCommand(twiliosim.IPCommand{Payload: "AQL/", PayloadType: "binary"})
	w.AddIPCommand(twiliosim.IPCommand{Payload: "open"})
	c := w.newCLI(t)
	c.write(w.provider())
	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {}\n}\n")
	generated := filepath.Join(c.dir, "generated.tf")
	if got := c.run("query", "-no-color", "-generate-config-out="+generated); got.exit != 0 {
		t.Fatal(got.output)
	}
	got := c.apply()
	if !strings.Contains(got.output, "2 imported, 0 added, 0 changed, 0 destroyed") {
		content, _ := os.ReadFile(generated)
		t.Errorf("%s\n%s", got.output, content)
	}
	if w.posts() != 0 {
		t.Errorf("%d POSTs", w.posts())
	}
}

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

// TestAccSendAgain sends the same message again, in the ways that are
// documented.
func TestAccSendAgain(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	trigger := func(v string) string {
		return "resource \"terraform_data\" \"again\" {\n  input = \"" + v + "\"\n}\n" +
			valve("lifecycle {\n    replace_triggered_by = [terraform_data.again]\n  }")
	}
	c.write(w.provider() + trigger("1"))
	expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(t, w, c, c.apply())
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2}.check(t, w, c, c.apply("-replace="+address))
	c.write(w.provider() + trigger("2"))
	expect{says: []string{"1 added, 1 changed, 1 destroyed"}, state: []string{"sent"}, posts: 3, commands: 3}.check(t, w, c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 3, commands: 3}.check(t, w, c, c.apply())
}
