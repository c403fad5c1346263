package provider

import (
	"bytes"
	"context"
	"maps"
	"sync"
	"time"

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

// change is what is planned for a resource. create is nil for a
// delete.
type change struct {
	at      string
	other   bool
	create  *tfprotov6.PlanResourceChangeResponse
	destroy *tfprotov6.PlanResourceChangeResponse
	config  *tfprotov6.DynamicValue
	before  *coreObject
	deposed *coreObject
	action  string
	first   bool
}

func newCore(m *model) *core {
	c := &core{model: m, state: map[string]coreResource{}}
	schema, err := c.start().GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	c.must(err)
	c.schema = schema
	return c
}

func (c *core) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("the protocol: %v", err)
	}
}

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
		resp, err := servers[other].ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: encode(whole(c.schema.Provider, nil))})
		c.must(err)
		if len(resp.Diagnostics) > 0 {
			c.t.Fatalf("the provider block: %s", resp.Diagnostics[0].Detail)
		}
	}
	return servers
}

// plan implements engine.
func (c *core) plan(op operation) planned {
	ctx := context.Background()
	servers := c.startBoth(ctx)
	p := planned{actions: map[string]string{}}
	c.refreshed, c.changes = map[string]coreResource{}, nil
	for _, at := range keys(c.state) {
		r := c.state[at]
		if at == op.from {
			at = op.to // It has moved.
		}
		server := servers[c.provider(at)]
		r.current = c.read(ctx, server, at, r.current, &p.result)
		r.deposed = c.read(ctx, server, at, r.deposed, &p.result)
		if r != (coreResource{}) {
			c.refreshed[at] = r
		}
	}
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
	c.must(err)
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
			ch.destroy = c.planChange(ctx, server, at, null, null, o, nil, into)
		}
	}
	if w == nil || op.destroy {
		if r.current != nil {
			ch.action = "delete"
		}
		return ch
	}
	schema := c.schema.ResourceSchemas[typeName]
	config := whole(schema, w.arguments(w.tag))
	ch.config, ch.first = encode(config), w.CreateFirst
	valid, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: typeName, Config: ch.config, ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	c.must(err)
	into.add(at, valid.Diagnostics)
	prior := r.current
	if prior != nil && prior.tainted {
		prior = nil
	}
	ch.create = c.planChange(ctx, server, at, ch.config, proposed(schema, config, prior), prior, nil, into)
	switch {
	case r.current == nil:
		ch.action = "create"
	case prior == nil:
		ch.action = "replace"
	case len(ch.create.RequiresReplace) > 0 || op.replace == at:
		ch.action = "replace"
		ch.create = c.planChange(ctx, server, at, ch.config, proposed(schema, config, nil), nil, ch.create.PlannedPrivate, into)
	case !bytes.Equal(ch.create.PlannedState.MsgPack, prior.value.MsgPack):
		ch.action = "update"
	}
	return ch
}

func (c *core) planChange(ctx context.Context, server tfprotov6.ProviderServer, at string, config, proposed *tfprotov6.DynamicValue, before *coreObject, private []byte, into *result) *tfprotov6.PlanResourceChangeResponse {
	req := &tfprotov6.PlanResourceChangeRequest{TypeName: typeName, PriorState: null, ProposedNewState: proposed, Config: config, PriorPrivate: private}
	if before != nil {
		req.PriorState, req.PriorPrivate, req.PriorIdentity = before.value, before.private, before.identity
	}
	resp, err := server.PlanResourceChange(ctx, req)
	c.must(err)
	into.add(at, resp.Diagnostics)
	return resp
}

// apply implements engine. All resources are applied at once, a millisecond
// apart, so that a walk goes the same way each time.
func (c *core) apply(u trouble) result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	servers := c.startBoth(ctx)
	c.line.begin(u, func() {
		cancel()
		c.line.dead = u.Stop != interrupt
	})
	defer c.line.begin(trouble{}, nil)
	before := c.state
	c.state = maps.Clone(c.refreshed)
	var mu sync.Mutex
	var res result
	var all sync.WaitGroup
	for i, ch := range c.changes {
		all.Go(func() {
			time.Sleep(time.Duration(i) * time.Millisecond)
			c.applyOne(ctx, servers[ch.other], ch, func(r coreResource, diags []*tfprotov6.Diagnostic) {
				mu.Lock()
				defer mu.Unlock()
				if c.line.isDead() {
					return // Nobody is left to say so.
				}
				res.add(ch.at, diags)
				c.state[ch.at] = r
				if r == (coreResource{}) {
					delete(c.state, ch.at)
				}
			})
		})
	}
	all.Wait()
	res.stopped = ctx.Err() != nil
	if c.line.isDead() && u.Stop == killAll {
		c.state = before
	}
	return res
}

func (l *line) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// applyOne does what is planned for a resource, and tells after each step what
// the state then is.
func (c *core) applyOne(ctx context.Context, server tfprotov6.ProviderServer, ch change, tell func(coreResource, []*tfprotov6.Diagnostic)) {
	r := c.refreshed[ch.at]
	destroy := func(o *coreObject, plan *tfprotov6.PlanResourceChangeResponse) {
		resp, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: typeName, PriorState: o.value, PlannedState: null, Config: null, PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: o.identity,
		})
		c.must(err)
		if r.deposed == o {
			r.deposed = nil
		} else {
			r.current = nil
		}
		tell(r, resp.Diagnostics)
	}
	if r.deposed != nil {
		destroy(r.deposed, ch.destroy)
	}
	switch {
	case ch.action == "delete":
		destroy(r.current, ch.destroy)
	case ch.action == "replace" && !ch.first:
		destroy(r.current, ch.create)
	}
	if ctx.Err() != nil || ch.action == "" || ch.action == "delete" {
		return
	}
	old := r.current
	req := &tfprotov6.ApplyResourceChangeRequest{
		TypeName: typeName, PriorState: null, PlannedState: ch.create.PlannedState, Config: ch.config,
		PlannedPrivate: ch.create.PlannedPrivate, PlannedIdentity: ch.create.PlannedIdentity,
	}
	if ch.action == "update" {
		req.PriorState = old.value
	}
	resp, err := server.ApplyResourceChange(ctx, req)
	c.must(err)
	var errs result
	errs.add(ch.at, resp.Diagnostics)
	if decode(resp.NewState) != nil {
		r.current = &coreObject{value: resp.NewState, private: resp.Private, identity: resp.NewIdentity, tainted: errs.failed && ch.action != "update"}
		if old != nil && ch.action == "replace" {
			r.deposed = old
		}
	}
	tell(r, resp.Diagnostics)
	if r.deposed != nil && !errs.failed && ctx.Err() == nil {
		destroy(r.deposed, c.planChange(ctx, server, ch.at, null, null, r.deposed, nil, &errs))
	}
}

// importSID implements engine.
func (c *core) importSID(at, sid string) (res result) {
	ctx := context.Background()
	server := c.startBoth(ctx)[c.provider(at)]
	resp, err := server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: sid})
	c.must(err)
	res.add(at, resp.Diagnostics)
	if res.failed {
		return res
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
