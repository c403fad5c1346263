package provider

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// editState edits each resource in the state and its attributes, as somebody does by
// hand.
func (c *cli) editState(edit func(resource, attributes map[string]any)) {
	c.t.Helper()
	file := filepath.Join(c.dir, "terraform.tfstate")
	var state map[string]any
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &state)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	for _, r := range state["resources"].([]any) {
		resource := r.(map[string]any)
		for _, i := range resource["instances"].([]any) {
			edit(resource, i.(map[string]any)["attributes"].(map[string]any))
		}
	}
	if data, err = json.Marshal(state); err == nil {
		err = os.WriteFile(file, data, 0o600)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// TestAccState_edited has a state that was edited: what is no SID is asked for
// nowhere, and what is left out is no change.
func TestAccState_edited(t *testing.T) {
	t.Parallel()
	const ours = "always an error in the provider"
	damaged := func(says string) expect {
		return expect{exit: 1, says: []string{"State of an IP Command is damaged", says}, silent: []string{ours}, state: []string{"queued"}, posts: 1, commands: 1}
	}
	for name, row := range map[string]struct {
		attribute string
		value     any
		want      expect
	}{
		"a SID that is none": {"sid", "../Sims", damaged("Nothing is sent or forgotten")},
		"no SID":             {"sid", nil, damaged("Nothing is sent or forgotten")},
		"half a port":        {"device_port", 2.5, damaged("Its device_port is not what the provider writes")},
		"no type": {"payload_type", nil, expect{
			says: []string{updated1}, silent: []string{"forces replacement"}, state: []string{"queued"}, posts: 1, commands: 1,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{NeverSends: true})
			c.write(w.provider() + valve("wait_for_sent = false"))
			c.succeeds(c.apply())
			c.editState(func(_, attributes map[string]any) { attributes[row.attribute] = row.value })
			requests := len(w.Requests())
			row.want.check(c, c.apply())
			if row.want.exit == 1 && len(w.Requests()) != requests {
				t.Error("it was asked for")
			}
		})
	}
}

// TestAccState_null has an API that leaves out what it told before: a refresh
// keeps it, and so the reply that is there is found.
func TestAccState_null(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{SendDelay: 5 * time.Minute})
	c.write(w.provider() + valve("wait_for_reply = { timeout = \"1s\" }"))
	expect{says: []string{created1, seenQueued}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
	sent := w.IPCommands()[0]
	w.clock.Advance(10 * time.Minute)
	w.ReceiveFromSIM(sent.SIMSID, 5683, []byte("ok"))
	w.Inject(twiliosim.Fault{
		Method: http.MethodGet, PathPrefix: "/v1/IpCommands/", Status: 200,
		Body: []byte(`{"sid":"` + sent.SID + `","status":"sent","device_ip":"10.0.0.1"}`),
	})
	c.restart()
	expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"sent"}, posts: 1, commands: 2}.check(c, c.apply())
	got := c.run("show", "-no-color").output
	for _, text := range []string{`= "ok"`, `sim_sid +=`, `date_created +=`} {
		if !regexp.MustCompile(text).MatchString(got) {
			t.Errorf("%s is not in the state:\n%s", text, got)
		}
	}
}

// TestAccState_withoutID has a state from before there was an id: the plan is empty,
// and the state gets one.
func TestAccState_withoutID(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	c.succeeds(c.apply())
	requests := len(w.Requests())
	c.editState(func(_, attributes map[string]any) { delete(attributes, "id") })
	c.succeeds(c.plan("-detailed-exitcode"))
	c.succeeds(c.plan("-detailed-exitcode", "-refresh=false"))
	c.succeeds(c.apply("-refresh-only"))
	c.editState(func(_, attributes map[string]any) {
		if attributes["id"] != attributes["sid"] {
			t.Errorf("the id is %v, want %s", attributes["id"], attributes["sid"])
		}
	})
	if n := len(w.Requests()) - requests; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestAccFirstVersion goes on with a state that the provider wrote when it first
// had the resource (commit 448334b, on Terraform 1.15.9): what was sent costs no
// request, what was queued one, and only what had failed is sent again.
func TestAccFirstVersion(t *testing.T) {
	t.Parallel()
	w, c := newCLIWorld(t)
	w.AddSIM(twiliosim.SIM{UniqueName: "attic"})
	cellar := w.AddSIM(twiliosim.SIM{UniqueName: "cellar"})
	const queued = "HGa75a8da01b5a919affdec194079fb812"
	w.AddIPCommand(twiliosim.IPCommand{SID: queued, SIMSID: cellar.SID, Payload: "open", Status: "queued", DateCreated: start})
	w.clock.Advance(retentionMargin)
	c.write(w.provider() + repositoryFile(t, "internal/provider/testdata/first-version/messages.tf"))
	state := repositoryFile(t, "internal/provider/testdata/first-version/state.json")
	if err := os.WriteFile(filepath.Join(c.dir, "terraform.tfstate"), []byte(state), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := c.succeeds(c.plan()); !strings.Contains(got.output, "1 to add, 0 to change, 1 to destroy") {
		t.Error(got.output)
	}
	if w.posts() != 0 || w.gets() != 1 || w.Count("GET", "/v1/IpCommands/"+queued) != 1 {
		t.Errorf("the plan made %d POSTs and %d GETs", w.posts(), w.gets())
	}
	sent := []string{"sent", "sent", "sent", "sent"}
	expect{says: []string{replaced1}, state: sent, posts: 1, commands: 2}.check(c, c.apply())
	asked := w.gets()
	expect{says: []string{noChanges}, state: sent, posts: 1, commands: 2}.check(c, c.apply())
	if n := w.gets(); n != asked {
		t.Errorf("a settled plan made %d GETs", n-asked)
	}
}
