package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestAccIPCommand_import(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	config := w.provider() + strings.Replace(valve(""), `"valve"`, `"`+sim.SID+`"`, 1)
	w.test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			Config: config, ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "sid",
			ImportStateIdFunc: func(*terraform.State) (string, error) { return w.IPCommands()[0].SID, nil },
		},
	)
	if w.posts() != 1 {
		t.Errorf("%d POSTs, want 1", w.posts())
	}
}

func TestAccIPCommand_importRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	fromSIM := w.ReceiveFromSIM(sim.SID, 5683, []byte("hello"))
	for id, want := range map[string]string{
		"valve":                        `"valve" is not the SID of an IP Command`,
		"HG0123":                       `is not the SID of an IP Command`,
		sim.SID:                        `is not the SID of an IP Command`,
		"HG" + strings.Repeat("0", 32): `It forgets commands 30 days after they were created`,
		fromSIM.SID:                    `data sources twilio_ip_command and twilio_ip_commands`,
	} {
		c := w.newCLI(t)
		c.write(w.provider() + valve(""))
		got := c.importSID(id)
		if got.exit != 1 || !strings.Contains(oneLine(got.output), want) {
			t.Errorf("import of %s: exit code %d, want %q in:\n%s", id, got.exit, want, got.output)
		}
	}
}

// TestAccIPCommand_importAdopts is rule R8: the first plan after an import
// takes over the unique name of the SIM and the callback in place, and
// replaces for anything else.
func TestAccIPCommand_importAdopts(t *testing.T) {
	t.Parallel()
	callback := "\n  callback_url    = \"https://example.com\"\n  callback_method = \"GET\""
	for name, row := range map[string]struct {
		config string
		plan   string
		warns  bool // that the SIM's name is taken over
	}{
		"the unique name of the SIM":  {valve(""), "0 to add, 1 to change, 0 to destroy", true},
		"the callback":                {strings.Replace(valve(callback), `"valve"`, "local.sid", 1), "0 to add, 1 to change, 0 to destroy", false},
		"nothing":                     {strings.Replace(valve(""), `"valve"`, "local.sid", 1), noChanges, false},
		"the SID of another SIM":      {strings.Replace(valve(""), `"valve"`, `"HS`+strings.Repeat("9", 32)+`"`, 1), "1 to add, 0 to change, 1 to destroy", false},
		"another payload":             {strings.Replace(valve(""), "open", "close", 1), "1 to add, 0 to change, 1 to destroy", false},
		"another port":                {strings.Replace(valve(""), "5683", "5684", 1), "1 to add, 0 to change, 1 to destroy", false},
		"another type of the payload": {valve(`payload_type = "binary"`), "1 to add, 0 to change, 1 to destroy", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			sent := w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683})
			config := w.provider() + "locals {\n  sid = \"" + sim.SID + "\"\n}\n" + row.config
			c := w.newCLI(t)
			c.write(config)
			c.succeeds(c.importSID(sent.SID))
			plan := c.plan()
			if plan.exit != 0 || !strings.Contains(plan.output, row.plan) {
				t.Fatalf("exit code %d, want %q:\n%s", plan.exit, row.plan, plan.output)
			}
			if got := strings.Contains(oneLine(plan.output), `"valve" is taken for the unique name of the SIM`); got != row.warns {
				t.Errorf("warns %t, want %t:\n%s", got, row.warns, plan.output)
			}
			if strings.Contains(row.plan, "1 to add") {
				return
			}
			c.succeeds(c.apply())
			if got := c.plan(); !strings.Contains(got.output, noChanges) {
				t.Error(got.output)
			}
			if w.posts() != 0 {
				t.Errorf("%d POSTs, want none", w.posts())
			}
		})
	}
}

// TestAccIPCommand_importOfLittle imports a command of which the API tells next
// to nothing, as KORE's description allows: what the configuration says is
// taken over, with a warning, and nothing is sent; but not where what is told
// differs.
func TestAccIPCommand_importOfLittle(t *testing.T) {
	t.Parallel()
	const takenOver = "Arguments of an imported IP Command are taken over"
	for name, row := range map[string]struct {
		null  []string
		plan  string
		warns string
	}{
		"only the payload":       {[]string{"sim_sid", "payload_type", "device_port"}, "0 to add, 1 to change, 0 to destroy", "does not report its sim, payload_type, device_port."},
		"only the SIM":           {[]string{"payload", "payload_type", "device_port"}, "0 to add, 1 to change, 0 to destroy", "does not report its payload, payload_type, device_port."},
		"all but the type":       {[]string{"payload_type"}, "0 to add, 1 to change, 0 to destroy", "does not report its payload_type."},
		"nothing, and a payload": {[]string{"sim_sid", "payload_type", "device_port", "status", "direction", "date_created"}, "1 to add, 0 to change, 1 to destroy", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newKOREWorld(t)
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			payload := "open"
			if row.warns == "" {
				payload = "close"
			}
			sent := w.AddIPCommand(twiliosim.IPCommand{Payload: payload, Null: row.null})
			c := w.newCLI(t)
			c.write("provider \"twilio\" {}\n" + valve(""))
			c.succeeds(c.importSID(sent.SID))
			plan := c.plan()
			if text := oneLine(plan.output); !strings.Contains(text, row.plan) || strings.Contains(text, takenOver) != (row.warns != "") || !strings.Contains(text, row.warns) {
				t.Fatalf("want %q and %q:\n%s", row.plan, row.warns, plan.output)
			}
			if row.warns == "" {
				return
			}
			c.succeeds(c.apply())
			if got := c.plan(); !strings.Contains(got.output, noChanges) || strings.Contains(got.output, takenOver) {
				t.Error(got.output)
			}
			if w.posts() != 0 {
				t.Errorf("%d POSTs, want none", w.posts())
			}
		})
	}
}

// TestAccIPCommand_importIsAdoptedOnce changes the SIM again after the import
// was adopted: now it is another message.
func TestAccIPCommand_importIsAdoptedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	sent := w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683})
	c := w.newCLI(t)
	c.write(w.provider() + valve(""))
	c.succeeds(c.importSID(sent.SID))
	c.succeeds(c.apply())
	c.write(w.provider() + strings.Replace(valve(""), `"valve"`, `"meter"`, 1))
	if got := c.plan(); !strings.Contains(got.output, "1 to add, 0 to change, 1 to destroy") {
		t.Error(got.output)
	}
}

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
	expect{says: []string{"1 imported, 0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
}
