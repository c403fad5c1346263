package provider

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"pgregory.net/rapid"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// model is what a walk is held against. Which messages exist, the simulator
// knows; what is wanted, and what the user has imported, the model itself.
type model struct {
	*twiliosim.Simulator
	t     rapid.TB
	clock clock.Clock
	ahead time.Duration
	line  *line
	cli   engine
	// window is the first provider block's deduplication window; empty is none.
	window string

	wanted map[string]*wanted
	names  int
	// imported are the addresses and SIDs of commands that were imported, until
	// their first update.
	imported map[string]bool
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

// operation says what to plan beside the configuration.
type operation struct {
	refreshOnly, destroy bool
	noRefresh            bool
	replace              string // address
	from, to             string // of a moved block
	// unknown are arguments that nobody knows in the plan, of the resource at this
	// address, or of all where that is empty.
	unknown []string
	at      string
}

// unknownIn returns the arguments of a resource that are not known in the plan.
func (op operation) unknownIn(at string) []string {
	if op.at != "" && op.at != at {
		return nil
	}
	return op.unknown
}

type planned struct {
	result
	// state is the state after the refresh.
	state []object
	// actions has create, update, replace or delete for each address, and
	// delete for "ADDRESS deposed".
	actions map[string]string
}

// result is what a command has said, for each address.
type result struct {
	failed, stopped  bool
	errors, warnings map[string]string
}

// nobody is the address of what is said without one.
const nobody = ""

func (r *result) say(at, severity, text string) {
	if r.errors == nil {
		r.errors, r.warnings = map[string]string{}, map[string]string{}
	}
	if severity == "error" {
		r.failed = true
		r.errors[at] += text + "\n"
	} else {
		r.warnings[at] += text + "\n"
	}
}

func (r *result) add(at string, diags []*tfprotov6.Diagnostic) {
	for _, d := range diags {
		r.say(at, strings.ToLower(d.Severity.String()), d.Summary+": "+d.Detail)
	}
}

// object is an instance in the state.
type object struct {
	at               string
	attributes       map[string]any
	tainted, deposed bool
}

func (o object) text(attribute string) string {
	s, _ := o.attributes[attribute].(string)
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
		for _, name := range w.Answers {
			sim.Replies = append(sim.Replies, answers[name])
		}
		m.AddSIM(sim)
	}
	m.wanted, m.imported, m.late, m.window = map[string]*wanted{}, map[string]bool{}, map[string]object{}, w.Window
	for i, s := range w.Steps {
		m.t.Logf("%d, %s: %s", i, m.serverNow().Format(time.DateTime), s)
		actions[s.Do].do(m, s)
	}
}

// pass lets time pass. Only a fake clock moves by it at once.
func (m *model) pass(d time.Duration) { _ = m.clock.Sleep(context.Background(), d) }

func (m *model) serverNow() time.Time { return m.clock.Now().Add(m.ahead) }

func (m *model) configure(s step) {
	if m.wanted[s.At] == nil {
		m.names++
		m.wanted[s.At] = &wanted{tag: string(rune('a'+m.names)) + "-tag"}
	}
	m.wanted[s.At].modelMessage = s.Message
}

// changeWaiting changes what makes no difference to the message.
func (m *model) changeWaiting(s step) {
	if w := m.wanted[s.At]; w != nil {
		w.NoWait, w.Timeout, w.Window, w.Ask = s.Message.NoWait, s.Message.Timeout, s.Message.Window, s.Message.Ask
		m.apply(s, operation{})
	}
}

// twins sends equal messages at once: one is in trouble, or all are in the same,
// or the answer of one is lost beside the request of another. One that does not
// look may be on its way while the others do.
func (m *model) twins(s step) {
	window := s.Message.Window
	switch {
	case len(s.Posts) == 0 && s.N%2 == 0:
		s.Posts = [][]postTrouble{{{Fault: "none", SlowAnswer: true}}}
		s.Message.Window = ""
	case len(s.Posts) == 0:
	case s.N%3 == 0:
		s.Posts = s.Posts[:1]
	case s.N%3 == 1:
		s.Posts = slices.Repeat(s.Posts[:1], len(addresses))
	default:
		s.Posts = [][]postTrouble{{{Fault: "reset, processed"}}, {{Fault: "reset"}}}
	}
	for _, s.At = range addresses {
		m.configure(s)
		s.Message.Window = window
	}
	m.apply(s, operation{})
}

// move renames a resource, with a moved block or without.
func (m *model) move(s step) {
	to := addresses[s.N%len(addresses)]
	if m.wanted[s.At] == nil || m.wanted[to] != nil || m.isInState(to) || !m.isInState(s.At) {
		return
	}
	m.wanted[to] = m.wanted[s.At]
	delete(m.wanted, s.At)
	if s.N >= 5 {
		m.apply(s, operation{})
		return
	}
	for _, o := range m.cli.instances() {
		if o.at == s.At {
			m.imported[to+o.sid()] = m.imported[s.At+o.sid()]
		}
	}
	if p := m.apply(s, operation{from: s.At, to: to}); p.failed {
		m.wanted[s.At] = m.wanted[to]
		delete(m.wanted, to)
	}
}

func (m *model) isInState(at string) bool {
	return slices.ContainsFunc(m.cli.instances(), func(o object) bool { return o.at == at })
}

// current returns what is at an address, and false where nothing or only
// something deposed is.
func current(state []object, at string) (object, bool) {
	i := slices.IndexFunc(state, func(o object) bool { return o.at == at && !o.deposed })
	if i < 0 {
		return object{}, false
	}
	return state[i], true
}

func (m *model) mark(at string, tainted bool) {
	if o, ok := current(m.cli.instances(), at); ok && o.tainted != tainted {
		m.withoutRequests("taint and untaint", func() { m.cli.taint(at, tainted) })
	}
}

func (m *model) forget(at string) {
	if m.isInState(at) {
		m.withoutRequests("state rm", func() { m.cli.remove(at) })
	}
}

// applyUnknown applies where nobody knows some arguments in the plan, which then
// turn out to be what they were, or others.
func (m *model) applyUnknown(s step) {
	if w := m.wanted[s.At]; w != nil && s.N%2 == 0 {
		for _, name := range s.Unknown {
			w.change(name, s.Message)
		}
	}
	op := operation{unknown: s.Unknown, at: s.At, noRefresh: s.N == 4 || s.N == 5}
	if s.N < 2 {
		op.at = "" // As a module's depends_on has it.
	}
	m.apply(s, op)
}

// loseOne makes the API lose a command of the state before its time, and looks
// after a while.
func (m *model) loseOne(s step) {
	if all := m.cli.instances(); len(all) > 0 {
		m.Forget(all[s.N%len(all)].sid())
		m.pass(s.Passes)
		m.apply(s, operation{refreshOnly: true})
	}
}

// foreign has another sender send a message.
func (m *model) foreign(w modelMessage) {
	m.AddIPCommand(twiliosim.IPCommand{SIMSID: w.content().simSID, Payload: w.Payload, PayloadType: w.Type, DevicePort: w.Port})
}

// block is a provider block.
func (m *model) block(other bool) map[string]any {
	return map[string]any{"deduplication_window": ifNot(other || m.window == "", m.window)}
}

// windowOf is how old a message may be that is taken for one: zero, where nobody
// looks.
func (m *model) windowOf(w *wanted) time.Duration {
	text := w.Window
	if text == "" && !w.Other {
		text = m.window
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
