package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
)

// realCLI is a real CLI for the model.
type realCLI struct {
	*cli
	*model
	releases int
}

func newRealCLI(t *testing.T, w *world, m *model) *realCLI {
	return &realCLI{cli: w.newCLI(t), model: m}
}

// configuration writes what is wanted. What is unknown comes from a resource that
// each plan replaces.
func (c *realCLI) configuration(op operation) {
	resources, later := map[string]any{}, map[string]any{}
	for at, w := range c.wanted {
		r := w.arguments(w.tag)
		if unknown := op.UnknownIn(at); len(unknown) > 0 {
			c.releases++
			values := map[string]any{}
			for _, name := range unknown {
				values[name] = r[name]
				r[name] = "${terraform_data." + at + ".output." + name + "}"
			}
			later[at] = map[string]any{"input": values, "triggers_replace": c.releases}
		}
		r["lifecycle"] = map[string]any{"create_before_destroy": w.CreateFirst}
		resources[at] = r
	}
	config := map[string]any{}
	if len(resources) > 0 {
		blocks := map[string]any{typeName: resources}
		if len(later) > 0 {
			blocks["terraform_data"] = later
		}
		config["resource"] = blocks
	}
	if op.From != "" {
		config["moved"] = map[string]string{"from": typeName + "." + op.From, "to": typeName + "." + op.To}
	}
	data, err := json.Marshal(config)
	if err == nil {
		err = os.WriteFile(filepath.Join(c.dir, "model.tf.json"), data, 0o600)
	}
	if err != nil {
		c.cli.t.Fatal(err)
	}
	window := ""
	if c.window != "" {
		window = fmt.Sprintf("deduplication_window = %q", c.window)
	}
	c.write(c.providerWith(window))
}

// say runs a command that reports in JSON, one line for each thing.
func (c *realCLI) say(args ...string) (r result) {
	got := c.run(args...)
	r.Failed = got.exit != 0
	for _, line := range strings.Split(got.output, "\n") {
		var event struct {
			Type       string
			Diagnostic struct{ Severity, Summary, Detail, Address string }
		}
		if json.Unmarshal([]byte(line), &event) == nil && event.Type == "diagnostic" {
			d := event.Diagnostic
			r.Say(strings.TrimPrefix(d.Address, typeName+"."), d.Severity, d.Summary+": "+d.Detail)
		}
	}
	return r
}

// plan implements engine.
func (c *realCLI) plan(op operation) planned {
	c.configuration(op)
	args := []string{"plan", "-json", "-input=false", oneByOne, "-out=planned"}
	switch {
	case op.RefreshOnly:
		args = append(args, "-refresh-only")
	case op.NoRefresh:
		args = append(args, "-refresh=false")
	case op.Destroy:
		args = append(args, "-destroy")
	case op.Replace != "":
		args = append(args, "-replace="+typeName+"."+op.Replace)
	}
	p := planned{result: c.say(args...), actions: map[string]string{}}
	if p.Failed {
		return p
	}
	var shown struct {
		ResourceChanges []struct {
			Type, Name, Deposed string
			Change              struct{ Actions []string }
		} `json:"resource_changes"`
		PriorState struct {
			Values struct {
				RootModule struct {
					Resources []struct {
						Type    string
						Name    string
						Values  map[string]any
						Tainted bool
						Deposed string `json:"deposed_key"`
					}
				} `json:"root_module"`
			}
		} `json:"prior_state"`
	}
	if err := json.Unmarshal([]byte(c.run("show", "-json", "planned").output), &shown); err != nil {
		c.cli.t.Fatal(err)
	}
	for _, r := range shown.PriorState.Values.RootModule.Resources {
		if r.Type != typeName {
			continue
		}
		p.state = append(p.state, object{tfcore.Object{At: r.Name, Attributes: r.Values, Tainted: r.Tainted, Deposed: r.Deposed != ""}})
	}
	for _, r := range shown.ResourceChanges {
		action := r.Change.Actions[0]
		if len(r.Change.Actions) > 1 {
			action = "replace"
		}
		if r.Deposed != "" {
			r.Name += " deposed"
		}
		if action != "no-op" && !op.RefreshOnly && r.Type == typeName {
			p.actions[r.Name] = action
		}
	}
	return p
}

// apply implements engine.
func (c *realCLI) apply(trouble) result {
	r := c.say("apply", "-json", "-input=false", oneByOne, "planned")
	c.restart()
	return r
}

// importSID implements engine.
func (c *realCLI) importSID(at, sid string) (r result) {
	c.configuration(operation{})
	got := c.run("import", "-input=false", "-no-color", oneByOne, typeName+"."+at, sid)
	r.Failed = got.exit != 0
	r.Say(at, "warning", got.output)
	return r
}

// taint implements engine.
func (c *realCLI) taint(at string, tainted bool) {
	command := "untaint"
	if tainted {
		command = "taint"
	}
	c.succeed(command, typeName+"."+at)
}

// remove implements engine.
func (c *realCLI) remove(at string) { c.succeed("state", "rm", typeName+"."+at) }

func (c *realCLI) succeed(args ...string) {
	if got := c.run(args...); got.exit != 0 {
		c.cli.t.Fatal(got.output)
	}
}

// instances implements engine.
func (c *realCLI) instances() (all []object) {
	data, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	var state struct {
		Resources []struct {
			Type      string
			Name      string
			Instances []struct {
				Status     string
				Deposed    string
				Attributes map[string]any
			}
		}
	}
	if err == nil {
		err = json.Unmarshal(data, &state)
	}
	if err != nil {
		c.cli.t.Fatal(err)
	}
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			if r.Type != typeName {
				continue
			}
			all = append(all, object{tfcore.Object{At: r.Name, Attributes: i.Attributes, Tainted: i.Status == "tainted", Deposed: i.Deposed != ""}})
		}
	}
	return all
}
