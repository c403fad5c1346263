package provider

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// model is what a walk is held against. Which messages exist, the simulator
// knows; what is wanted, and what the user has imported, the model itself.
type model struct {
	*twiliosim.Simulator
	t     rapid.TB
	clock clock.Clock
	// ahead is how far the API's clock is ahead of ours, and behind how far the one that
	// writes Date is behind that.
	ahead, behind time.Duration
	cli           engine
	// window is the first provider block's deduplication window; empty is none.
	window string

	wanted map[string]*wanted
	names  int
	// imported are the addresses and SIDs of commands that were imported, until
	// their first update.
	imported map[string]bool
	// inDoubt are the SIDs of commands that an update has failed to replace by a
	// message that may have been sent.
	inDoubt map[string]bool
	// late has the message to which a late look has given a reply, by the SID of
	// that.
	late map[string]object

	mu sync.Mutex
	// met is what the POSTs of each resource have met in this step.
	met map[string][]fate
}

// wanted is a resource in the configuration, and what the simulator's log knows
// it by: a resource that moves takes that along.
type wanted struct {
	modelMessage
	tag string
}

// engine is Terraform, or what stands in for it.
type engine interface {
	// plan plans what m.wanted says, or something else. It changes nothing.
	plan(operation) planned
	// apply applies the last plan.
	apply(trouble) result
	importSID(at, sid string) result
	taint(at string, tainted bool)
	remove(at string)
	// instances returns the state, ordered by address.
	instances() []object
}

type (
	operation = tfcore.Operation
	result    = tfcore.Result
	object    struct{ tfcore.Object }
)

// planned is a plan, as tfcore.Planned says.
type planned struct {
	result
	state   []object
	actions map[string]string
}

// nobody is the address of what is said without one.
const nobody = ""

func (o object) text(attribute string) string {
	s, _ := o.Attributes[attribute].(string)
	return s
}

func (o object) sid() string { return o.text("sid") }

func (o object) created() time.Time {
	t, _ := time.Parse(time.RFC3339, o.text("date_created"))
	return t
}

// sims are the SIMs that there are, in this order: one whose device comes and
// goes, one that never sends anything, and one whose address the API does not
// tell, so that its commands are not settled when they are sent.
var sims = []twiliosim.SIM{{UniqueName: "valve"}, {UniqueName: "silent", NeverSends: true}, {UniqueName: "hidden", CommandNull: []string{"device_ip"}}}

// simSIDs are their SIDs by unique name; simulators make the same ones each
// time.
var simSIDs = func() map[string]string {
	s, sids := twiliosim.New(twiliosim.Config{}), map[string]string{}
	for _, sim := range sims {
		sids[sim.UniqueName] = s.AddSIM(sim).SID
	}
	return sids
}()

var valveSID = simSIDs["valve"]

// content is what the API shows of a message; two with the same can't be told
// apart.
type content struct {
	simSID, payload, payloadType string
	port                         int
}

func (w modelMessage) content() content {
	return content{cmp.Or(simSIDs[w.SIM], w.SIM), w.Payload, w.Type, w.Port}
}

func contentOf(c twiliosim.IPCommand) content {
	return content{c.SIMSID, c.Payload, c.PayloadType, c.DevicePort}
}

// play plays a walk, until it breaks a rule.
func (m *model) play(w walk) {
	for _, sim := range sims {
		for _, name := range w.Replies {
			sim.Replies = append(sim.Replies, replies[name])
		}
		m.AddSIM(sim)
	}
	m.wanted, m.imported, m.inDoubt, m.late, m.window = map[string]*wanted{}, map[string]bool{}, map[string]bool{}, map[string]object{}, w.Window
	for i, s := range w.Steps {
		m.t.Logf("%d, %s: %s", i, m.serverNow().Format(time.DateTime), s)
		actions[s.Do].do(m, s)
	}
}

// pass lets time pass. Only a fake clock moves by it at once.
func (m *model) pass(d time.Duration) { _ = m.clock.Sleep(context.Background(), d) }

func (m *model) serverNow() time.Time { return m.clock.Now().Add(m.ahead) }

func (m *model) isInState(at string) bool {
	return slices.ContainsFunc(m.cli.instances(), func(o object) bool { return o.At == at })
}

// current returns what is at an address, and false where nothing or only
// something deposed is.
func current(state []object, at string) (object, bool) {
	i := slices.IndexFunc(state, func(o object) bool { return o.At == at && !o.Deposed })
	if i < 0 {
		return object{}, false
	}
	return state[i], true
}

// block is a provider block.
func (m *model) block(other bool) map[string]any {
	return map[string]any{"deduplication_window": ifNot(other || m.window == "", m.window)}
}

// windowOf is how old a message may be that is taken for one: zero, where nobody
// looks.
func (m *model) windowOf(w *wanted) time.Duration {
	text := w.Window
	if text == "" {
		text, _ = m.block(w.Other)["deduplication_window"].(string)
	}
	d, _ := time.ParseDuration(text)
	return d
}

// isOf matches the POSTs of a resource.
func isOf(tag string) func(method, path string, query, form url.Values) bool {
	return func(_, _ string, _, form url.Values) bool { return form.Get("CallbackUrl") == callback(tag) }
}

func ifNot(condition bool, v any) any {
	if condition {
		return nil
	}
	return v
}

// keys are sorted, for walks that go the same way each time.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
