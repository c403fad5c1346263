package provider

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// close is how near to a limit of rule R6 a moment may be that nobody judges.
const margin = 30 * time.Second

// withoutRequests does what asks the API for nothing.
func (m *model) withoutRequests(what string, do func()) {
	before := len(m.Requests())
	do()
	for _, r := range m.Requests()[before:] {
		m.t.Fatalf("%s makes the request %s %s", what, r.Method, r.Path)
	}
}

// plan plans, and checks what that shows and costs.
func (m *model) plan(s step, op operation) planned {
	m.t.Helper()
	before, from := m.cli.instances(), len(m.Requests())
	m.injectGets(s.trouble)
	p := m.cli.plan(op)
	m.ClearFaults()
	m.checkCost(before, m.Requests()[from:], s.Gets, p.failed)
	if p.failed && len(s.Gets) == 0 {
		m.t.Fatalf("the plan failed without trouble: %v", p.errors)
	}
	given := map[string]bool{}
	for _, o := range before {
		if o.at == op.from {
			o.at = op.to
		}
		if !p.failed { // Otherwise it changes nothing.
			m.checkRead(o, p.state, s.Gets, given)
		}
	}
	if !p.failed && !op.refreshOnly {
		m.checkActions(p, op)
	}
	return p
}

// isSettled is rule R5: a command that never changes again, or that the API has
// forgotten.
func (m *model) isSettled(o object) bool {
	status := o.text("status")
	if status == "failed" || status == "received" || status == "sent" && o.text("device_ip") != "" {
		return true
	}
	return m.isOld(o)
}

func (m *model) isOld(o object) bool { return m.clock.Now().Sub(o.created()) >= 31*day }

// checkCost is rules R5 and R11 for a plan: one request for each command that may
// still change, and one for each that waits for an answer.
func (m *model) checkCost(state []object, requests []twiliosim.Request, gets []string, failed bool) {
	m.t.Helper()
	// May be asked, must be asked, and were asked: commands, and the SIMs of those
	// that wait for an answer.
	open, due, asked := map[string]int{}, map[string]bool{}, map[string]int{}
	for _, o := range state {
		if !m.isSettled(o) {
			open[o.sid()]++
			due[o.sid()] = true
		}
		if _, waits := o.reply(); waits && !m.isOld(o) {
			sim := o.text("sim_sid")
			open[sim]++
			due[sim] = due[sim] || m.isSettled(o) // Otherwise its own news may end the read.
		}
	}
	for _, r := range requests {
		sid, isFetch := strings.CutPrefix(r.Path, "/v1/IpCommands/")
		if !isFetch && isLook(r.Query, "from_sim") {
			sid, isFetch = r.Query.Get("Sim"), true
		}
		asked[sid]++
		if r.Method != http.MethodGet || !isFetch || open[sid] == 0 || asked[sid] > open[sid] && len(gets) == 0 {
			m.t.Fatalf("R1, R5, R11: a plan makes the request %s %s, and the state has %v", r.Method, r.Path, state)
		}
	}
	if len(asked) > 0 && !failed && len(gets) > 0 && gets[0] != unknownToTheAPI && strings.HasPrefix(gets[0], "404") {
		m.t.Fatalf("R6: the plan takes %s for an answer", gets[0])
	}
	for sid := range due {
		if due[sid] && asked[sid] == 0 && !failed { // A plan that fails may end at once.
			m.t.Fatalf("R5, R11: %s is not settled, and a plan does not ask for it: %v", sid, state)
		}
	}
}

// checkRead checks what a refresh makes of an instance: rules R5, R6, R9 and R11.
func (m *model) checkRead(o object, state []object, gets []string, given map[string]bool) {
	m.t.Helper()
	i := slices.IndexFunc(state, func(r object) bool { return r.at == o.at && r.sid() == o.sid() && r.deposed == o.deposed })
	truth, known := m.command(o.sid())
	denied := slices.Contains(gets, unknownToTheAPI)
	age := m.serverNow().Sub(o.created())
	isLost := func(margin time.Duration) bool {
		return o.text("status") == "queued" && age >= 10*time.Minute+margin && age < 29*day-margin
	}
	switch {
	case i < 0 && (known && !denied || !isLost(-margin)):
		m.t.Fatalf("R6: a refresh forgets %s (%s, %s old, known to the API: %v)", o.sid(), o.text("status"), age, known)
	case i < 0:
		return
	case !known && len(gets) == 0 && isLost(margin):
		m.t.Fatalf("R6: a refresh keeps %s (%s, %s old), which the API has lost", o.sid(), o.text("status"), age)
	case state[i].tainted != o.tainted:
		m.t.Fatalf("a refresh taints %s, or untaints it", o.sid())
	case len(gets) == 0 && !m.isSettled(o) && known && state[i].text("status") != truth.Status:
		m.t.Fatalf("R5: %s is %s in the state after a refresh, and %s", o.sid(), state[i].text("status"), truth.Status)
	}
	inputs := (modelMessage{}).arguments("")
	_, waits := o.reply()
	if waits || m.line != nil { // The CLI reads in another order.
		m.giveReply(given, state[i], waits)
	}
	if looks := waits && !m.isOld(o); looks && (len(gets) > 0 || state[i].text("status") != "sent" || !m.isSettled(o) && !known) {
		m.checkReply(state[i], state, time.Time{})
	} else if looks {
		m.checkReply(state[i], state, m.serverNow())
	}
	for name, v := range o.attributes {
		if name == "reply" && waits && !m.isOld(o) {
			continue
		}
		if _, isInput := inputs[name]; (isInput || name == "reply" || m.isSettled(o) || !known && !denied) && !reflect.DeepEqual(v, state[i].attributes[name]) {
			m.t.Fatalf("R9: a refresh changes %s of %s from %v to %v", name, o.sid(), v, state[i].attributes[name])
		}
	}
}

func (m *model) command(sid string) (twiliosim.IPCommand, bool) {
	all := m.IPCommands()
	i := slices.IndexFunc(all, func(c twiliosim.IPCommand) bool { return c.SID == sid })
	if i < 0 {
		return twiliosim.IPCommand{}, false
	}
	return all[i], true
}

// checkActions checks what the plan shows.
func (m *model) checkActions(p planned, op operation) {
	m.t.Helper()
	want := map[string]string{}
	for _, at := range addresses {
		o, there := current(p.state, at)
		w := m.wanted[at]
		switch {
		case w == nil || op.destroy:
			if there {
				want[at] = "delete"
				if !strings.Contains(p.warnings[at]+p.warnings[nobody], "only forgets it") {
					m.t.Fatalf("R7: the plan to destroy %s does not say that it only forgets", at)
				}
			}
		case !there:
			want[at] = "create"
		case o.tainted || op.replace == at:
			want[at] = "replace"
		default:
			if action := m.difference(o, w); action != "" {
				want[at] = action
			}
		}
	}
	for _, o := range p.state {
		if o.deposed {
			want[o.at+" deposed"] = "delete"
		}
	}
	if !reflect.DeepEqual(p.actions, want) {
		m.t.Fatalf("R1, R8: the plan shows %v, want %v", p.actions, want)
	}
}

// difference is what has to be done to an instance so that it is as wanted. On
// the first change after an import, what the API does not tell is taken over
// (rule R8).
func (m *model) difference(o object, w *wanted) (action string) {
	for name, v := range normal(w.arguments(w.tag)) {
		is := o.attributes[name]
		if reflect.DeepEqual(is, v) {
			continue
		}
		adopts := m.imported[o.at+o.sid()] && (is == nil || name == "sim" && !twilio.IsSID("HS", w.SIM))
		if slices.Contains(replacing, name) && !adopts {
			return "replace"
		}
		action = "update"
	}
	return action
}

// importOne imports a command that is in no state (rule R8), half of the time
// for a configuration that describes it.
func (m *model) importOne(s step) {
	m.forget(s.At)
	var sids []string
	for _, c := range m.IPCommands() {
		if !slices.ContainsFunc(m.cli.instances(), func(o object) bool { return o.sid() == c.SID }) {
			sids = append(sids, c.SID)
		}
	}
	if len(sids) == 0 {
		return
	}
	sid := sids[s.N%len(sids)]
	c, _ := m.command(sid)
	if s.N%2 == 0 {
		s.Message.Payload, s.Message.Type, s.Message.Port = c.Payload, c.PayloadType, c.DevicePort
	}
	m.configure(s)
	posts := m.Count(http.MethodPost, "")
	m.injectGets(s.trouble)
	res := m.cli.importSID(s.At, sid)
	m.ClearFaults()
	o, there := current(m.cli.instances(), s.At)
	switch {
	case m.Count(http.MethodPost, "") != posts:
		m.t.Fatalf("R1: an import makes a POST")
	case there == res.failed:
		m.t.Fatalf("R8: failed: %v, and in the state: %v", res.failed, there)
	case !there && len(s.Gets) == 0 && c.Direction == "to_sim":
		m.t.Fatalf("R8: %s can't be imported: %v", sid, res.errors)
	case there && c.Direction == "from_sim":
		m.t.Fatalf("R8: %s is from a SIM, and was imported", sid)
	case there && (o.sid() != sid || o.text("sim") != c.SIMSID || o.text("payload") != c.Payload || o.attributes["callback_url"] != nil):
		m.t.Fatalf("R8: %+v was imported as %+v", c, o)
	case there:
		m.imported[s.At+sid] = true
		m.plan(step{}, operation{})
		if s.N%2 == 0 {
			m.apply(step{}, operation{})
		}
	}
}
