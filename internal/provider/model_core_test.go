package provider

import (
	"bytes"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const typeName = "twilio_ip_command"

// core does with the provider's protocol what Terraform's core does, as far as
// one resource type needs it.
type core struct {
	*model
	schema *tfprotov6.GetProviderSchemaResponse
	state  map[string]coreResource
	// The last plan:
	refreshed map[string]coreResource
	changes   []change
}

// coreResource is a resource in the state. One that its replacement was created
// before is deposed until it is destroyed.
type coreResource struct{ current, deposed *coreObject }

type coreObject struct {
	value    *tfprotov6.DynamicValue
	private  []byte
	identity *tfprotov6.ResourceIdentityData
	tainted  bool
}

// change is what is planned for a resource. create is nil for a delete.
type change struct {
	at      string
	other   bool
	create  *tfprotov6.PlanResourceChangeResponse
	destroy *tfprotov6.PlanResourceChangeResponse
	before  *coreObject
	deposed *coreObject
	action  string
	first   bool
}

func newCore(m *model) *core {
	c := &core{model: m, state: map[string]coreResource{}}
	schema, err := c.start().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	must(err)
	c.schema = schema
	return c
}

// must ends the walk. It panics, since it is called on goroutines of an apply,
// too, where nothing else may.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("the protocol: %v", err))
	}
}

// longest is longer than any command takes; what is still on then is cancelled, so
// that a provider that waits for ever ends.
const longest = day

// start starts a process of the provider.
func (c *core) start() tfprotov6.ProviderServer {
	env := map[string]string{"TWILIO_ACCOUNT_SID": twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN": twiliosim.DefaultAuthToken}
	p := process{getenv: getenv(env), home: func() (string, error) { return "", nil }, clock: clock.System{}, transport: c.line, rand: func() float64 { return 0.5 }}
	return serve(newWith("test", p))()
}

// startBoth starts and configures a process for each of the two provider
// blocks.
func (c *core) startBoth(ctx context.Context) map[bool]tfprotov6.ProviderServer {
	servers := map[bool]tfprotov6.ProviderServer{}
	for _, other := range []bool{false, true} {
		servers[other] = c.start()
		config := encode(whole(c.schema.Provider, c.block(other)))
		resp, err := servers[other].ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config})
		must(err)
		if len(resp.Diagnostics) > 0 {
			c.t.Fatalf("the provider block: %s", resp.Diagnostics[0].Detail)
		}
	}
	return servers
}

// plan implements engine.
func (c *core) plan(op operation) planned {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	c.line.begin(trouble{}, nil)
	servers := c.startBoth(ctx)
	p := planned{actions: map[string]string{}}
	c.refreshed, c.changes = map[string]coreResource{}, nil
	for _, at := range keys(c.state) {
		r := c.state[at]
		if at == op.from {
			at = op.to // It has moved.
		}
		if server := servers[c.provider(at)]; !op.noRefresh {
			r.current = c.read(ctx, server, at, r.current, &p.result)
			r.deposed = c.read(ctx, server, at, r.deposed, &p.result)
		}
		if r != (coreResource{}) {
			c.refreshed[at] = r
		}
	}
	c.line.check()
	p.state = instances(c.refreshed)
	if p.failed || op.refreshOnly {
		return p
	}
	for _, at := range addresses {
		ch := c.planOne(ctx, servers[c.provider(at)], at, op, &p.result)
		if ch.deposed != nil {
			p.actions[at+" deposed"] = "delete"
		}
		if ch.action != "" {
			p.actions[at] = ch.action
		}
		c.changes = append(c.changes, ch)
	}
	return p
}

// provider reports whether a resource is of the second provider block. Which
// one forgets a resource that is not wanted any more makes no difference.
func (c *core) provider(at string) bool { return c.wanted[at] != nil && c.wanted[at].Other }

func (c *core) read(ctx context.Context, server tfprotov6.ProviderServer, at string, o *coreObject, into *result) *coreObject {
	if o == nil {
		return nil
	}
	resp, err := server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: typeName, CurrentState: o.value, Private: o.private, CurrentIdentity: o.identity})
	must(err)
	into.add(at, resp.Diagnostics)
	if decode(resp.NewState) == nil {
		return nil
	}
	return &coreObject{value: resp.NewState, private: resp.Private, identity: resp.NewIdentity, tainted: o.tainted}
}

// planOne plans for one resource.
func (c *core) planOne(ctx context.Context, server tfprotov6.ProviderServer, at string, op operation, into *result) change {
	w, r := c.wanted[at], c.refreshed[at]
	ch := change{at: at, other: c.provider(at), before: r.current, deposed: r.deposed}
	for _, o := range []*coreObject{r.current, r.deposed} {
		if o != nil && (o == r.deposed || w == nil || op.destroy) {
			ch.destroy = c.planChange(ctx, server, null, null, o, nil)
			into.add(at, ch.destroy.Diagnostics)
		}
	}
	if w == nil || op.destroy {
		if r.current != nil {
			ch.action = "delete"
		}
		return ch
	}
	ch.first = w.CreateFirst
	prior := r.current
	if prior != nil && prior.tainted {
		prior = nil
	}
	var private []byte
	plan := func(before *coreObject) {
		var diags []*tfprotov6.Diagnostic
		ch.create, _, diags = c.propose(ctx, server, at, before, private, op.unknownIn(at))
		into.add(at, diags)
	}
	plan(prior)
	switch {
	case r.current == nil:
		ch.action = "create"
	case prior == nil:
		ch.action = "replace"
	case len(ch.create.RequiresReplace) > 0 || op.replace == at:
		ch.action = "replace"
		private = ch.create.PlannedPrivate
		plan(nil)
	case !bytes.Equal(ch.create.PlannedState.MsgPack, prior.value.MsgPack):
		ch.action = "update"
	}
	return ch
}

// propose validates what is wanted, but for the arguments that are unknown, and
// asks the provider what becomes of it. It returns the configuration, too.
func (c *core) propose(ctx context.Context, server tfprotov6.ProviderServer, at string, prior *coreObject, private []byte, unknown []string) (*tfprotov6.PlanResourceChangeResponse, *tfprotov6.DynamicValue, []*tfprotov6.Diagnostic) {
	schema, w := c.schema.ResourceSchemas[typeName], c.wanted[at]
	values := whole(schema, w.arguments(w.tag))
	for _, name := range unknown {
		values[name] = unknownValue
	}
	config := encode(values)
	valid, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: config, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	must(err)
	resp := c.planChange(ctx, server, config, proposed(schema, values, prior), prior, private)
	return resp, config, append(valid.Diagnostics, resp.Diagnostics...)
}

func (c *core) planChange(ctx context.Context, server tfprotov6.ProviderServer, config, proposed *tfprotov6.DynamicValue, before *coreObject, private []byte) *tfprotov6.PlanResourceChangeResponse {
	req := &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: null, ProposedNewState: proposed, Config: config, PriorPrivate: private}
	if before != nil {
		req.PriorState, req.PriorPrivate, req.PriorIdentity = before.value, before.private, before.identity
	}
	resp, err := server.PlanResourceChange(ctx, req)
	must(err)
	return resp
}

// importSID implements engine.
func (c *core) importSID(at, sid string) (res result) {
	ctx := context.Background()
	server := c.startBoth(ctx)[c.provider(at)]
	resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: sid})
	must(err)
	res.add(at, resp.Diagnostics)
	if res.failed {
		return res
	}
	if len(resp.ImportedResources) != 1 {
		c.t.Fatalf("R8: an import gives %d resources", len(resp.ImportedResources))
	}
	got := resp.ImportedResources[0]
	o := c.read(ctx, server, at, &coreObject{value: got.State, private: got.Private, identity: got.Identity}, &res)
	if !res.failed && o != nil {
		c.state[at] = coreResource{current: o}
	}
	return res
}

// taint, remove and instances implement engine.
func (c *core) taint(at string, tainted bool) { c.state[at].current.tainted = tainted }
func (c *core) remove(at string)              { delete(c.state, at) }
func (c *core) instances() []object           { return instances(c.state) }

func instances(state map[string]coreResource) (all []object) {
	for _, at := range keys(state) {
		for _, o := range []*coreObject{state[at].current, state[at].deposed} {
			if o != nil {
				all = append(all, object{at: at, attributes: decode(o.value), tainted: o.tainted, deposed: o == state[at].deposed})
			}
		}
	}
	return all
}
