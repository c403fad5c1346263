package provider

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

// apply implements engine. All resources are applied at once, a millisecond
// apart, so that a walk goes the same way each time.
func (c *core) apply(u trouble) result {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	servers := c.startBoth(ctx) // They have not read anything.
	tooLong := time.AfterFunc(longest, cancel)
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
	switch {
	case broken != "":
		c.t.Fatalf("%s", broken)
	case !tooLong.Stop():
		c.t.Fatalf("R4: the apply did not end within %s", longest)
	}
	c.line.check()
	res.stopped = ctx.Err() != nil
	if c.line.isDead() && u.Stop == killAll {
		c.state = before
	}
	return res
}

// check ends the walk after more requests than anything needs.
func (l *line) check() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count > mostRequests {
		l.t.Fatalf("R1, R4, R5: more than %d requests", mostRequests)
	}
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
		must(err)
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
	req := &tfprotov6.ApplyResourceChangeRequest{TypeName: typeName, PriorState: null}
	var prior *coreObject
	if ch.action == "update" {
		prior = old
		req.PriorState = old.value
	}
	plan, config, diags := c.propose(ctx, server, ch.at, prior, nil, nil)
	var errs result
	errs.add(ch.at, diags)
	if errs.failed {
		tell(r, diags)
		return
	}
	if c.holdToPlan(ch, prior, plan) {
		return
	}
	req.Config, req.PlannedState, req.PlannedPrivate, req.PlannedIdentity = config, plan.PlannedState, plan.PlannedPrivate, plan.PlannedIdentity
	resp, err := server.ApplyResourceChange(ctx, req)
	must(err)
	errs.add(ch.at, resp.Diagnostics)
	if name := c.differs(plan.PlannedState, resp.NewState); name != "" && !errs.failed {
		panic(fmt.Sprintf("R3, R9: %s of %s was known in the plan, and the apply gives another value", name, ch.at))
	}
	if decode(resp.NewState) != nil {
		r.current = &coreObject{value: resp.NewState, private: resp.Private, identity: resp.NewIdentity, tainted: errs.failed && ch.action != "update"}
		if old != nil && ch.action == "replace" {
			r.deposed = old
		}
	}
	tell(r, resp.Diagnostics)
	if r.deposed != nil && !errs.failed && ctx.Err() == nil {
		destroy(r.deposed, c.planChange(ctx, server, null, null, r.deposed, nil))
	}
}

// holdToPlan does what Terraform does with the plan that it makes again in the
// apply, when all values are known: the action is the planned one, but that an
// update may turn out to change nothing, and what was known stays. It reports
// whether nothing is left to do.
func (c *core) holdToPlan(ch change, prior *coreObject, again *tfprotov6.PlanResourceChangeResponse) (isNoOp bool) {
	if prior != nil && len(again.RequiresReplace) > 0 {
		panic(fmt.Sprintf("R13: the update of %s that was planned turns into a replacement because of %v", ch.at, again.RequiresReplace))
	}
	if name := c.differs(ch.create.PlannedState, again.PlannedState); name != "" {
		panic(fmt.Sprintf("R13: %s of %s was known in the plan, and the plan in the apply has another value", name, ch.at))
	}
	return prior != nil && bytes.Equal(again.PlannedState.MsgPack, prior.value.MsgPack)
}

// differs returns an attribute that is known in a plan and that has another value
// in what comes of that; empty where there is none.
func (c *core) differs(plan, outcome *tfprotov6.DynamicValue) (name string) {
	is := c.attributes(outcome)
	for name, value := range c.attributes(plan) {
		if value.IsFullyKnown() && !value.Equal(is[name]) {
			return name
		}
	}
	return ""
}

func (c *core) attributes(v *tfprotov6.DynamicValue) (attributes map[string]tftypes.Value) {
	value, err := v.Unmarshal(c.schema.ResourceSchemas[typeName].ValueType())
	if err == nil && !value.IsNull() {
		err = value.As(&attributes)
	}
	must(err)
	return attributes
}
