package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// cameFrom has the state say that another provider wrote all that is in it, with
// these attributes set, or taken out where they are nil. The CLI finds that
// provider, too: it is this one.
func (c *cli) cameFrom(provider string, attributes map[string]any) {
	c.t.Helper()
	c.editState(func(resource, all map[string]any) {
		resource["provider"] = provider
		for name, value := range attributes {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
	})
	for i, variable := range c.env {
		value, ok := strings.CutPrefix(variable, "TF_REATTACH_PROVIDERS=")
		if !ok {
			continue
		}
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

// otherAddress is the address of a provider of another publisher in a state.
func otherAddress(publisher string) string {
	return `provider["registry.terraform.io/` + publisher + `/twilio"]`
}

func moved(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", from, to)
}

// TestAccIPCommand_moved has messages that another provider address wrote, such
// as a fork's or a mirror's, and a moved block: they move, nothing is sent, and
// nothing is left to do.
func TestAccIPCommand_moved(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.10")
	// Terraform does not move the mark that payload_wo is sensitive, and shows a change.
	unmarked := 1
	if product, _ := cliVersion(); product == "OpenTofu" {
		unmarked = 0
	}
	for name, row := range map[string]struct {
		provider   string
		attributes map[string]any
		isImported bool
		more       string // of the configuration
		args       []string
		changed    int
		says       string // of what is refused
	}{
		"another namespace":  {provider: otherAddress("hashicorp")},
		"without a refresh":  {provider: otherAddress("hashicorp"), args: []string{"-refresh=false"}, changed: unmarked},
		"a mirror, by alias": {provider: `provider["mirror.example.com/iot/super-sim"].eu`},
		"a newer version":    {provider: otherAddress("example"), attributes: map[string]any{"added_later": []int{1}}},
		"an older version": {provider: otherAddress("example"), attributes: map[string]any{
			"reply": nil, "wait_for_reply": nil, "payload_wo": nil, "deduplication_window": nil,
		}},
		"just imported": {provider: otherAddress("example"), isImported: true, more: `callback_url = "https://example.com/"`, changed: 1},
		"a state that no version writes": {
			provider: otherAddress("hashicorp"), attributes: map[string]any{"device_port": []string{"a"}},
			says: "State of the IP Command can't be moved",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + valve(""))
			if row.isImported {
				c.succeeds(c.importSID(w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683}).SID))
			} else {
				c.succeeds(c.apply())
			}
			before, posts := c.instances(), w.posts()
			c.cameFrom(row.provider, row.attributes)
			c.write(w.provider() + strings.Replace(valve(row.more), `"test"`, `"new"`, 1) + moved(address, "twilio_ip_command.new"))
			got := c.apply(row.args...)
			if w.posts() != posts {
				t.Errorf("%d POSTs, want %d", w.posts(), posts)
			}
			if row.says != "" {
				if got.exit == 0 || !strings.Contains(oneLine(got.output), row.says) {
					t.Error(got.output)
				}
				return
			}
			if c.succeeds(got); !strings.Contains(got.output, fmt.Sprintf("0 added, %d changed, 0 destroyed", row.changed)) {
				t.Error(got.output)
			}
			if after := c.instances(); len(before) != 1 || len(after) != 1 || after[0] != before[0] {
				t.Errorf("%v became %v", before, after)
			}
			c.succeeds(c.plan("-detailed-exitcode"))
		})
	}
}

// TestAccIPCommand_movedFromAnotherType has a moved block from what is no
// message: it is refused, and nothing is sent.
func TestAccIPCommand_movedFromAnotherType(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.10")
	w, c := newCLIWorld(t)
	c.write("resource \"terraform_data\" \"old\" {}\n")
	c.succeeds(c.apply())
	c.write(w.provider() + valve("") + moved("terraform_data.old", address))
	c.refuses(c.apply(), "Unable to Move Resource State")
}
