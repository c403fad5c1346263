package tfcore

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Stop is how an apply is stopped.
type Stop string

// What may stop an apply. Where all are killed, the state is not written.
const (
	Interrupt    Stop = "interrupt"
	KillProvider Stop = "kill the provider"
	KillAll      Stop = "kill all"
)

// Apply applies the last plan. begin is told beforehand how to stop it. All
// resources are applied at once, a millisecond apart, so that an apply goes the same
// way each time.
func (c *Core) Apply(begin func(stop func(Stop))) Result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	servers := c.startAll(ctx) // They have not read anything.
	tooLong := time.AfterFunc(longest, cancel)
	var mu sync.Mutex
	var stopped Stop
	begin(func(how Stop) {
		mu.Lock()
		defer mu.Unlock()
		stopped = how
		cancel()
	})
	before := c.state
	c.state = maps.Clone(c.refreshed)
	var res Result
	var all sync.WaitGroup
	var broken string
	for i, ch := range c.changes {
		all.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					mu.Lock()
					defer mu.Unlock()
					broken = fmt.Sprintf("the apply of %s panics: %v\n%s", ch.at, r, debug.Stack())
				}
			}()
			time.Sleep(time.Duration(i) * time.Millisecond)
			c.applyOne(ctx, servers[ch.provider], ch, func(r resource, diags []*tfprotov6.Diagnostic) {
				mu.Lock()
				defer mu.Unlock()
				if stopped == KillProvider || stopped == KillAll {
					return // Nobody is left to say so.
				}
				res.add(ch.at, diags)
				c.set(ch.at, r)
			})
		})
	}
	all.Wait()
	switch {
	case broken != "":
		c.Fatalf("%s", broken)
	case !tooLong.Stop():
		c.Fatalf("the apply did not end within %s", longest)
	}
	res.Stopped = ctx.Err() != nil
	if stopped == KillAll {
		c.state = before
	}
	return res
}

// applyOne does what is planned for a resource, and tells after each step what
// the state then is.
func (c *Core) applyOne(ctx context.Context, server tfprotov6.ProviderServer, ch change, tell func(resource, []*tfprotov6.Diagnostic)) {
	r := c.refreshed[ch.at]
	destroy := func(i *instance, plan *tfprotov6.PlanResourceChangeResponse) {
		resp, err := server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: c.TypeName, PriorState: i.value, PlannedState: null, Config: null, PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: i.identity,
		})
		must(err)
		if r.deposed == i {
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
	case ch.action == "replace" && !c.wanted[ch.at].CreateFirst:
		destroy(r.current, ch.create)
	}
	if ctx.Err() != nil || ch.action == "" || ch.action == "delete" {
		return
	}
	old := r.current
	req := &tfprotov6.ApplyResourceChangeRequest{TypeName: c.TypeName, PriorState: null}
	var prior *instance
	if ch.action == "update" {
		prior = old
		req.PriorState = old.value
	}
	plan, config, diags := c.propose(ctx, server, ch.at, prior, nil, nil)
	var said Result
	said.add(ch.at, diags)
	if said.Failed {
		tell(r, diags)
		return
	}
	if c.holdToPlan(ch, prior, plan) {
		return
	}
	req.Config, req.PlannedState, req.PlannedPrivate, req.PlannedIdentity = config, plan.PlannedState, plan.PlannedPrivate, plan.PlannedIdentity
	resp, err := server.ApplyResourceChange(ctx, req)
	must(err)
	said.add(ch.at, resp.Diagnostics)
	if name := c.differs(plan.PlannedState, resp.NewState); name != "" && !said.Failed {
		panic(fmt.Sprintf("%s of %s was known in the plan, and the apply gives another value", name, ch.at))
	}
	if decode(resp.NewState) != nil {
		r.current = &instance{value: resp.NewState, private: resp.Private, identity: resp.NewIdentity, tainted: said.Failed && ch.action != "update"}
		if old != nil && ch.action == "replace" {
			r.deposed = old
		}
	}
	tell(r, resp.Diagnostics)
	if r.deposed != nil && !said.Failed && ctx.Err() == nil {
		destroy(r.deposed, c.planChange(ctx, server, null, null, r.deposed, nil))
	}
}

// holdToPlan does what Terraform does with the plan that it makes again in the
// apply, when all values are known: the action is the planned one, but that an
// update may turn out to change nothing, and what was known stays. It reports
// whether nothing is left to do.
func (c *Core) holdToPlan(ch change, prior *instance, again *tfprotov6.PlanResourceChangeResponse) (isNoOp bool) {
	if prior != nil && len(again.RequiresReplace) > 0 {
		panic(fmt.Sprintf("the update of %s that was planned turns into a replacement because of %v", ch.at, again.RequiresReplace))
	}
	if name := c.differs(ch.create.PlannedState, again.PlannedState); name != "" {
		panic(fmt.Sprintf("%s of %s was known in the plan, and the plan in the apply has another value", name, ch.at))
	}
	return prior != nil && bytes.Equal(again.PlannedState.MsgPack, prior.value.MsgPack)
}

// differs returns an attribute that is known in a plan and that has another value
// in what comes of that; empty where there is none.
func (c *Core) differs(plan, outcome *tfprotov6.DynamicValue) (name string) {
	is := c.attributes(outcome)
	for name, value := range c.attributes(plan) {
		if value.IsFullyKnown() && !value.Equal(is[name]) {
			return name
		}
	}
	return ""
}

func (c *Core) attributes(v *tfprotov6.DynamicValue) (attributes map[string]tftypes.Value) {
	value, err := v.Unmarshal(c.schema.ResourceSchemas[c.TypeName].ValueType())
	if err == nil && !value.IsNull() {
		err = value.As(&attributes)
	}
	must(err)
	return attributes
}
