package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccFirstVersion goes on with a state that the provider wrote when it first
// had the resource (commit 448334b, on Terraform 1.15.9): what was sent costs no
// request, what was queued one, and only what had failed is sent again.
func TestAccFirstVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "attic"})
	cellar := w.AddSIM(twiliosim.SIM{UniqueName: "cellar"})
	const queued = "HGa75a8da01b5a919affdec194079fb812"
	w.AddIPCommand(twiliosim.IPCommand{SID: queued, SIMSID: cellar.SID, Payload: "open", Status: "queued", DateCreated: start})
	w.clock.Advance(retentionMargin)

	c := w.newCLI(t)
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join("testdata", "first-version", name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	c.write(w.provider() + string(read("messages.tf")))
	if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), read("state.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := c.plan(); got.exit != 0 || !strings.Contains(got.output, "1 to add, 0 to change, 1 to destroy") || w.posts() != 0 || w.gets() != 1 || w.Count("GET", "/v1/IpCommands/"+queued) != 1 {
		t.Errorf("the plan ended with %d and made %d GETs:\n%s", got.exit, w.gets(), got.output)
	}
	sent := []string{"sent", "sent", "sent", "sent"}
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: sent, posts: 1, commands: 2}.check(c, c.apply())
	asked := w.gets()
	expect{says: []string{noChanges}, state: sent, posts: 1, commands: 2}.check(c, c.apply())
	if n := w.gets(); n != asked {
		t.Errorf("a settled plan made %d GETs", n-asked)
	}
}
