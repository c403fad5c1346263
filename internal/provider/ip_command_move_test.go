package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// cameFrom has the state say that another provider wrote all that is in it, with
// these attributes set, or taken out where they are nil. The CLI finds that
// provider, too: it is this one.
func (c *cli) cameFrom(provider string, attributes map[string]any) {
	c.t.Helper()
	file := filepath.Join(c.dir, "terraform.tfstate")
	data, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(data, &state); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		resource := r.(map[string]any)
		resource["provider"] = provider
		for _, i := range resource["instances"].([]any) {
			all := i.(map[string]any)["attributes"].(map[string]any)
			for name, value := range attributes {
				if all[name] = value; value == nil {
					delete(all, name)
				}
			}
		}
	}
	if data, err = json.Marshal(state); err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	for i, variable := range c.env {
		if value, ok := strings.CutPrefix(variable, "TF_REATTACH_PROVIDERS="); ok {
			var attached map[string]any
			if err := json.Unmarshal([]byte(value), &attached); err != nil {
				c.t.Fatal(err)
			}
			address := strings.Split(provider, `"`)[1]
			attached[address] = attached[Address]
			// OpenTofu looks for the providers of one registry in its own.
			attached[strings.Replace(address, "registry.terraform.io", "registry.opentofu.org", 1)] = attached[Address]
			both, err := json.Marshal(attached)
			if err != nil {
				c.t.Fatal(err)
			}
			c.env[i] = "TF_REATTACH_PROVIDERS=" + string(both)
		}
	}
}

// TestAccIPCommand_moved has messages that another provider address wrote, such
// as a fork's or a mirror's, and a moved block: they move, nothing is sent, and
// nothing is left to do.
func TestAccIPCommand_moved(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.10")
	message := func(name, more string) string {
		return fmt.Sprintf("resource \"twilio_ip_command\" %q {\n  sim         = \"valve\"\n  payload     = \"open\"\n  device_port = 5683\n%s}\n", name, more)
	}
	const moved = "moved {\n  from = twilio_ip_command.old\n  to   = twilio_ip_command.new\n}\n"
	for _, test := range []struct {
		name, provider string
		attributes     map[string]any
		isImported     bool
		more           string // of the configuration
		args           []string
		changed        int
	}{
		{name: "another namespace", provider: otherAddress("hashicorp")},
		{name: "without a refresh", provider: otherAddress("hashicorp"), args: []string{"-refresh=false"}, changed: 1}, // The mark that payload_wo is sensitive is not moved.
		{name: "a mirror, by alias", provider: `provider["mirror.example.com/iot/super-sim"].eu`},
		{name: "a newer version", provider: otherAddress("example"), attributes: map[string]any{"added_later": []int{1}}},
		{name: "an older version", provider: otherAddress("example"), attributes: map[string]any{"reply": nil, "wait_for_reply": nil, "payload_wo": nil, "deduplication_window": nil}},
		{name: "just imported", provider: otherAddress("example"), isImported: true, more: "  callback_url = \"https://example.com/\"\n", changed: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + message("old", ""))
			posts := 1
			if test.isImported {
				posts = 0
				sid := w.AddIPCommand(twiliosim.IPCommand{SIMSID: "valve", Payload: "open", DevicePort: 5683}).SID
				c.succeeds(c.run("import", "-input=false", "-no-color", "twilio_ip_command.old", sid))
			} else {
				c.succeeds(c.apply())
			}
			before := c.instances()
			c.cameFrom(test.provider, test.attributes)
			c.write(w.provider() + message("new", test.more) + moved)
			if got := c.apply(test.args...); got.exit != 0 || !strings.Contains(got.output, fmt.Sprintf("0 added, %d changed, 0 destroyed", test.changed)) {
				t.Fatal(got.output)
			}
			if after := c.instances(); len(before) != 1 || len(after) != 1 || after[0] != before[0] {
				t.Errorf("%v became %v", before, after)
			}
			c.succeeds(c.plan("-detailed-exitcode"))
			if w.posts() != posts {
				t.Errorf("%d POSTs, want %d", w.posts(), posts)
			}
		})
	}
}

// TestAccIPCommand_movedFromAnotherType has a moved block from what is no
// message: it is refused, and nothing is sent.
func TestAccIPCommand_movedFromAnotherType(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.10")
	w, c := newValve(t, twiliosim.SIM{})
	c.write("resource \"terraform_data\" \"old\" {}\n")
	c.succeeds(c.apply())
	c.write(w.provider() + "resource \"twilio_ip_command\" \"new\" {\n  sim         = \"valve\"\n  payload     = \"open\"\n  device_port = 5683\n}\n" +
		"moved {\n  from = terraform_data.old\n  to   = twilio_ip_command.new\n}\n")
	if got := c.apply(); got.exit == 0 || !strings.Contains(oneLine(got.output), "Unable to Move Resource State") {
		t.Errorf("exit code %d: %s", got.exit, got.output)
	}
	if w.posts() != 0 {
		t.Errorf("%d POSTs, want none", w.posts())
	}
}

// TestAccIPCommand_movedUnreadable has a state of this type that no version of
// the provider writes: the plan says so, and nothing is sent.
func TestAccIPCommand_movedUnreadable(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.10")
	w, c := newValve(t, twiliosim.SIM{})
	message := "resource \"twilio_ip_command\" \"old\" {\n  sim         = \"valve\"\n  payload     = \"open\"\n  device_port = 5683\n}\n"
	c.write(w.provider() + message)
	c.succeeds(c.apply())
	c.cameFrom(otherAddress("hashicorp"), map[string]any{"device_port": []string{"a"}})
	c.write(w.provider() + strings.Replace(message, "old", "new", 1) + "moved {\n  from = twilio_ip_command.old\n  to   = twilio_ip_command.new\n}\n")
	if got := c.apply(); got.exit == 0 || !strings.Contains(oneLine(got.output), "State of the IP Command can't be moved") {
		t.Errorf("exit code %d: %s", got.exit, got.output)
	}
	if w.posts() != 1 {
		t.Errorf("%d POSTs, want 1", w.posts())
	}
}

// otherAddress is the address of a provider of another publisher in a state.
func otherAddress(publisher string) string {
	return `provider["registry.terraform.io/` + publisher + `/twilio"]`
}
