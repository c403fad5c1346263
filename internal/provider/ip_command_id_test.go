package provider

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccIPCommand_id has the CLI tell the SID of each message that it sends, in its
// text and in its JSON.
func TestAccIPCommand_id(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	got := c.apply()
	if sid := w.IPCommands()[0].SID; got.exit != 0 || !strings.Contains(got.output, "[id="+sid+"]") {
		t.Errorf("%s is not in\n%s", sid, got.output)
	}
	got = c.run("apply", "-json", "-auto-approve", "-replace=twilio_ip_command.test")
	if sid := w.IPCommands()[0].SID; got.exit != 0 || !strings.Contains(got.output, `"id_value":"`+sid+`"`) {
		t.Errorf("%s is not in\n%s", sid, got.output)
	}
}

// TestAccIPCommand_idOfOldState has a state from before there was an id: the plan is
// empty, and the state gets one.
func TestAccIPCommand_idOfOldState(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	c.succeeds(c.apply())
	sid := w.IPCommands()[0].SID
	editState(t, c, func(attributes map[string]any) { delete(attributes, "id") })
	for _, args := range [][]string{nil, {"-refresh=false"}} {
		if got := c.plan(append(args, "-detailed-exitcode")...); got.exit != 0 {
			t.Errorf("plan %v:\n%s", args, got.output)
		}
	}
	c.succeeds(c.run("apply", "-refresh-only", "-auto-approve", "-no-color"))
	editState(t, c, func(attributes map[string]any) {
		if attributes["id"] != sid {
			t.Errorf("the id is %v, want %s", attributes["id"], sid)
		}
	})
	if w.posts() != 1 || w.gets() != 1 { // The GET is the wait's.
		t.Errorf("%d POSTs, %d GETs", w.posts(), w.gets())
	}
}

// editState edits the attributes of each resource in a state.
func editState(t *testing.T, c *cli, edit func(attributes map[string]any)) {
	t.Helper()
	name := filepath.Join(c.dir, "terraform.tfstate")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	for _, resource := range state["resources"].([]any) {
		for _, instance := range resource.(map[string]any)["instances"].([]any) {
			edit(instance.(map[string]any)["attributes"].(map[string]any))
		}
	}
	if text, err = json.Marshal(state); err == nil {
		err = os.WriteFile(name, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
