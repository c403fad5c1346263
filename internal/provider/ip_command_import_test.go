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

func importBlock(at, sid string) string {
	return fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", at, sid)
}

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
	for id, says := range map[string]string{
		"":                             `"" is not the SID of an IP Command`,
		"valve":                        `"valve" is not the SID of an IP Command`,
		"HG0123":                       `is not the SID of an IP Command`,
		sim.SID:                        `is not the SID of an IP Command`,
		"HG" + strings.Repeat("0", 32): `It forgets commands 30 days after they were created`,
		fromSIM.SID:                    `data sources twilio_ip_command and twilio_ip_commands`,
	} {
		c := w.newCLI(t)
		c.write(w.provider() + valve(""))
		expect{exit: 1, says: []string{says}, silent: []string{"error in the provider"}, commands: 1}.check(c, c.importSID(id))
	}
}

// TestAccIPCommand_importAdopts is rule R8: the first plan after an import
// takes over in place what the API does not tell, such as the unique name of the SIM
// and the callback, and on KORE, whose description allows that, nearly all. It
// replaces for anything else.
func TestAccIPCommand_importAdopts(t *testing.T) {
	t.Parallel()
	const adopts, replaces = "0 to add, 1 to change, 0 to destroy", "1 to add, 0 to change, 1 to destroy"
	const callback = "callback_url = \"https://example.com\"\n  callback_method = \"GET\""
	bySID := func(config string) string { return strings.Replace(config, `"valve"`, "local.sid", 1) }
	for name, row := range map[string]struct {
		config string
		null   []string // what the API does not tell
		plan   string
		says   string // of what is taken over
	}{
		"the unique name of the SIM":  {valve(""), nil, adopts, `"valve" is taken for the unique name of the SIM`},
		"the callback":                {bySID(valve(callback)), nil, adopts, ""},
		"nothing":                     {bySID(valve("")), nil, noChanges, ""},
		"the SID of another SIM":      {strings.Replace(valve(""), `"valve"`, `"HS`+strings.Repeat("9", 32)+`"`, 1), nil, replaces, ""},
		"another payload":             {strings.Replace(valve(""), "open", "close", 1), nil, replaces, ""},
		"another port":                {strings.Replace(valve(""), "5683", "5684", 1), nil, replaces, ""},
		"another type of the payload": {valve(`payload_type = "binary"`), nil, replaces, ""},
		"all but the payload":         {valve(""), []string{"sim_sid", "payload_type", "device_port"}, adopts, "does not report its sim, payload_type, device_port."},
		"all but the SIM": {
			valve(""), []string{"payload", "payload_type", "device_port"}, adopts, "does not report its payload, payload_type, device_port.",
		},
		"the type": {valve(""), []string{"payload_type"}, adopts, "does not report its payload_type."},
		"all, but for another payload": {
			strings.Replace(valve(""), "open", "close", 1), []string{"sim_sid", "payload_type", "device_port", "status", "direction", "date_created"}, replaces, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			provider := w.provider()
			if row.null != nil {
				w, provider = newKOREWorld(t), "provider \"twilio\" {}\n"
			}
			sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			sid := w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683, Null: row.null}).SID
			c := w.newCLI(t)
			c.write(provider + "locals {\n  sid = \"" + sim.SID + "\"\n}\n" + row.config)
			c.succeeds(c.importSID(sid))
			plan := c.succeeds(c.plan())
			text := oneLine(plan.output)
			if !strings.Contains(text, row.plan) || !strings.Contains(text, row.says) || strings.Contains(text, "taken over") != (row.says != "") {
				t.Fatalf("want %q and %q:\n%s", row.plan, row.says, plan.output)
			}
			if row.plan == replaces {
				return
			}
			c.succeeds(c.apply())
			if got := c.plan(); !strings.Contains(got.output, noChanges) || strings.Contains(got.output, "taken over") {
				t.Error(got.output)
			}
			if w.posts() != 0 {
				t.Errorf("%d POSTs, want none", w.posts())
			}
			if row.plan == noChanges {
				return
			}
			// It is adopted once: now another SIM is another message.
			c.write(provider + strings.Replace(valve(""), `"valve"`, `"meter"`, 1))
			if got := c.plan(); !strings.Contains(got.output, replaces) {
				t.Error(got.output)
			}
		})
	}
}

// TestAccIdentity imports by identity, and has the identity in the state of a
// message that was sent.
func TestAccIdentity(t *testing.T) {
	t.Parallel()
	needs(t, "1.12", "1.12")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	inState := []statecheck.StateCheck{statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("sid"))}
	w.test(t,
		resource.TestStep{Config: w.provider() + valve(""), ConfigStateChecks: inState},
		resource.TestStep{Config: w.provider() + valve("wait_for_sent = false"), ConfigStateChecks: inState},
	)

	c := w.newCLI(t)
	c.write(w.provider() + valve("") + fmt.Sprintf("import {\n  to = %s\n  identity = { sid = %q }\n}\n", address, w.IPCommands()[0].SID))
	sends(1, "1 imported, 0 added, 1 changed, 0 destroyed").check(c, c.apply())
	sends(1, noChanges).check(c, c.apply())
}
