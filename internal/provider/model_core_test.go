package provider

import (
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const typeName = "twilio_ip_command"

// core is Terraform's stand-in for the model.
type core struct {
	*model
	tf   *tfcore.Core
	line *tfcore.Line
}

func newCore(m *model) *core {
	c := &core{model: m, line: &tfcore.Line{API: m.Simulator, Behind: m.behind}}
	c.tf = tfcore.New(tfcore.Config{TypeName: typeName, Fatalf: m.t.Fatalf, Start: c.start, Blocks: func() []map[string]any {
		return []map[string]any{m.block(false), m.block(true)}
	}})
	return c
}

// start starts a process of the provider.
func (c *core) start() tfprotov6.ProviderServer {
	env := map[string]string{"TWILIO_ACCOUNT_SID": twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN": twiliosim.DefaultAuthToken}
	p := process{
		getenv: getenv(env), home: func() (string, error) { return "", nil }, clock: clock.System{}, transport: c.line,
		rand: func() float64 { return 0.5 },
	}
	return serve(newWith("test", p))()
}

// checkLine ends the walk after more requests than anything needs.
func (c *core) checkLine() {
	if c.line.IsOverrun() {
		c.t.Fatalf("R1, R4, R5: there is no end of requests")
	}
}

func (c *core) provider(at string) int {
	if w := c.wanted[at]; w != nil && w.Other {
		return 1
	}
	return 0
}

// plan implements engine.
func (c *core) plan(op operation) planned {
	c.line.Begin(tfcore.LineTrouble{})
	wanted := map[string]tfcore.Wanted{}
	for at, w := range c.wanted {
		wanted[at] = tfcore.Wanted{Arguments: w.arguments(w.tag), Provider: c.provider(at), CreateFirst: w.CreateFirst}
	}
	p := c.tf.Plan(wanted, op)
	c.checkLine()
	return planned{result: p.Result, state: objects(p.State), actions: p.Actions}
}

// apply implements engine.
func (c *core) apply(u trouble) result {
	defer c.line.Begin(tfcore.LineTrouble{})
	r := c.tf.Apply(func(stop func(stop)) {
		c.line.Begin(tfcore.LineTrouble{
			Refuse: u.Refuse, At: u.At, After: u.After, Kills: u.Stop != tfcore.Interrupt, Stop: func() { stop(u.Stop) },
		})
	})
	c.checkLine()
	return r
}

// importSID, taint, remove and instances implement engine.
func (c *core) importSID(at, sid string) result { return c.tf.Import(at, sid, c.provider(at)) }
func (c *core) taint(at string, tainted bool)   { c.tf.Taint(at, tainted) }
func (c *core) remove(at string)                { c.tf.Remove(at) }
func (c *core) instances() []object             { return objects(c.tf.Instances()) }

func objects(all []tfcore.Object) (objects []object) {
	for _, o := range all {
		objects = append(objects, object{o})
	}
	return objects
}
