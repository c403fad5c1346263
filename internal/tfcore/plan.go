package tfcore

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// longest is longer than any command takes; what is still on then is cancelled, so
// that a provider that waits for ever ends.
const longest = 24 * time.Hour

// change is what is planned for a resource. create is nil for a delete.
type change struct {
	at       string
	provider int
	create   *tfprotov6.PlanResourceChangeResponse
	destroy  *tfprotov6.PlanResourceChangeResponse
	deposed  *instance
	action   string
}

// Plan refreshes, and plans what is wanted, by address.
func (c *Core) Plan(wanted map[string]Wanted, op Operation) Planned {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	servers := c.startAll(ctx)
	p := Planned{Actions: map[string]string{}}
	c.wanted, c.refreshed, c.changes = maps.Clone(wanted), map[string]resource{}, nil
	for _, at := range slices.Sorted(maps.Keys(c.state)) {
		r := c.state[at]
		if at == op.From {
			at = op.To // It has moved.
		}
		// Which provider forgets a resource that is not wanted any more makes no
		// difference.
		if server := servers[c.wanted[at].Provider]; !op.NoRefresh {
			r.current = c.read(ctx, server, at, r.current, &p.Result)
			r.deposed = c.read(ctx, server, at, r.deposed, &p.Result)
		}
		if r != (resource{}) {
			c.refreshed[at] = r
		}
	}
	p.State = instances(c.refreshed)
	if p.Failed || op.RefreshOnly {
		return p
	}
	all := maps.Clone(c.refreshed)
	for at := range c.wanted {
		all[at] = resource{}
	}
	for _, at := range slices.Sorted(maps.Keys(all)) {
		ch := c.planOne(ctx, servers[c.wanted[at].Provider], at, op, &p.Result)
		if ch.deposed != nil {
			p.Actions[at+" deposed"] = "delete"
		}
		if ch.action != "" {
			p.Actions[at] = ch.action
		}
		c.changes = append(c.changes, ch)
	}
	return p
}

// planOne plans for one resource.
func (c *Core) planOne(ctx context.Context, server tfprotov6.ProviderServer, at string, op Operation, into *Result) change {
	w, isWanted := c.wanted[at]
	isWanted = isWanted && !op.Destroy
	r := c.refreshed[at]
	ch := change{at: at, provider: w.Provider, deposed: r.deposed}
	for _, i := range []*instance{r.current, r.deposed} {
		if i != nil && (i == r.deposed || !isWanted) {
			ch.destroy = c.planChange(ctx, server, null, null, i, nil)
			into.add(at, ch.destroy.Diagnostics)
		}
	}
	if !isWanted {
		if r.current != nil {
			ch.action = "delete"
		}
		return ch
	}
	prior := r.current
	if prior != nil && prior.tainted {
		prior = nil
	}
	var private []byte
	plan := func(before *instance) {
		var diags []*tfprotov6.Diagnostic
		ch.create, _, diags = c.propose(ctx, server, at, before, private, op.UnknownIn(at))
		into.add(at, diags)
	}
	plan(prior)
	switch {
	case r.current == nil:
		ch.action = "create"
	case prior == nil:
		ch.action = "replace"
	case len(ch.create.RequiresReplace) > 0 || op.Replace == at:
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
func (c *Core) propose(ctx context.Context, server tfprotov6.ProviderServer, at string, prior *instance, private []byte, unknown []string) (
	*tfprotov6.PlanResourceChangeResponse, *tfprotov6.DynamicValue, []*tfprotov6.Diagnostic,
) {
	schema := c.schema.ResourceSchemas[c.TypeName]
	values := Whole(schema, c.wanted[at].Arguments)
	for _, name := range unknown {
		values[name] = Unknown
	}
	config := Encode(values)
	valid, err := server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: c.TypeName, Config: config,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	must(err)
	resp := c.planChange(ctx, server, config, proposed(schema, values, prior), prior, private)
	return resp, config, append(valid.Diagnostics, resp.Diagnostics...)
}

func (c *Core) planChange(
	ctx context.Context, server tfprotov6.ProviderServer, config, proposed *tfprotov6.DynamicValue, before *instance, private []byte,
) *tfprotov6.PlanResourceChangeResponse {
	req := &tfprotov6.PlanResourceChangeRequest{
		TypeName: c.TypeName, PriorState: null, ProposedNewState: proposed, Config: config, PriorPrivate: private,
	}
	if before != nil {
		req.PriorState, req.PriorPrivate, req.PriorIdentity = before.value, before.private, before.identity
	}
	resp, err := server.PlanResourceChange(ctx, req)
	must(err)
	return resp
}
