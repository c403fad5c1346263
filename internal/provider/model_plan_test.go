package provider

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

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
	before, from, began := m.cli.instances(), len(m.Requests()), m.clock.Now()
	m.injectGets(s.trouble)
	p := m.cli.plan(op)
	m.ClearFaults()
	requests := m.Requests()[from:]
	if op.NoRefresh && len(requests) > 0 {
		m.t.Fatalf("R5: a plan without a refresh makes %d requests", len(requests))
	}
	if p.Failed && len(s.Gets) == 0 {
		m.t.Fatalf("the plan failed without trouble: %v", p.Errors)
	}
	for i := range before {
		if before[i].At == op.From {
			before[i].At = op.To
		}
	}
	switch {
	case op.NoRefresh:
		if !reflect.DeepEqual(p.state, before) {
			m.t.Fatalf("R9: a plan without a refresh makes %v of %v", p.state, before)
		}
	case p.Failed: // It changes nothing.
		m.checkCost(before, requests, s.Gets, true)
	default:
		m.checkCost(before, requests, s.Gets, false)
		for _, o := range before {
			m.checkRead(o, p.state, s.Gets)
			m.checkToldOfLost(o, before, requests, p.result, began)
		}
	}
	if !p.Failed && !op.RefreshOnly {
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
// still change, and one list of both directions for each that waits for a reply.
func (m *model) checkCost(state []object, requests []twiliosim.Request, gets []string, failed bool) {
	m.t.Helper()
	// May be asked, must be asked, and were asked: commands, and the SIMs of those
	// that wait for a reply.
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
		if !isFetch && isLook(r.Query, "") {
			sid, isFetch = r.Query.Get("Sim"), true
		}
		asked[sid]++
		if r.Method != http.MethodGet || !isFetch || open[sid] == 0 || asked[sid] > open[sid] && len(gets) == 0 {
			m.t.Fatalf("R1, R5, R11: a plan makes the request %s %s, and the state has %v", r.Method, r.Path, state)
		}
	}
	if len(asked) > 0 && !failed && len(gets) > 0 && gets[0] != unknownToTheAPI && strings.HasPrefix(gets[0], "404") {
		m.t.Fatalf("R6: the plan believes %s", gets[0])
	}
	for sid := range due {
		if due[sid] && asked[sid] == 0 && !failed { // A plan that fails may end at once.
			m.t.Fatalf("R5, R11: %s is not settled, and a plan does not ask for it: %v", sid, state)
		}
	}
}

// checkRead checks what a refresh makes of an instance: rules R5, R6, R9 and R11.
func (m *model) checkRead(o object, state []object, gets []string) {
	m.t.Helper()
	i := slices.IndexFunc(state, func(r object) bool { return r.At == o.At && r.sid() == o.sid() && r.Deposed == o.Deposed })
	truth, known := m.command(o.sid())
	switch {
	case i < 0:
		m.t.Fatalf("R6: a refresh forgets %s (%s, created %s, known to the API: %v)", o.sid(), o.text("status"), o.created(), known)
	case state[i].Tainted != o.Tainted:
		m.t.Fatalf("a refresh taints %s, or untaints it", o.sid())
	case len(gets) == 0 && !m.isSettled(o) && known && state[i].text("status") != truth.Status:
		m.t.Fatalf("R5: %s is %s in the state after a refresh, and %s", o.sid(), state[i].text("status"), truth.Status)
	}
	m.checkLateReply(o, state[i], len(gets) == 0)
	inputs := (modelMessage{}).arguments("")
	denied := slices.Contains(gets, unknownToTheAPI)
	for name, v := range o.Attributes {
		if _, isInput := inputs[name]; name != "reply" && (isInput || m.isSettled(o) || !known && !denied) && !reflect.DeepEqual(v, state[i].Attributes[name]) {
			m.t.Fatalf("R6, R9: a refresh changes %s of %s from %v to %v", name, o.sid(), v, state[i].Attributes[name])
		}
	}
}

// checkToldOfLost is what rule R6 says of a 404: a warning where the command was
// still queued, and had to be there, and else not a word.
func (m *model) checkToldOfLost(o object, state []object, requests []twiliosim.Request, res result, began time.Time) {
	m.t.Helper()
	status := 0
	for _, r := range requests {
		if r.Path == "/v1/IpCommands/"+o.sid() {
			status = r.Status
		}
	}
	isOdd := func(at time.Time) bool {
		age := at.Sub(o.created())
		return status == http.StatusNotFound && o.text("status") == "queued" && age >= 10*time.Minute && age <= 29*day
	}
	now := m.clock.Now()
	text := res.Warnings[o.At] + res.Warnings[nobody]
	shares := slices.ContainsFunc(state, func(other object) bool {
		return other.sid() == o.sid() && (other.At != o.At || other.Deposed != o.Deposed)
	})
	switch told := strings.Contains(text, o.sid()+", created at") && strings.Contains(text, notKnown); {
	case shares: // One of them may have been told something else.
	case told && !isOdd(began) && !isOdd(now):
		m.t.Fatalf("R6: %s (%s, %s old) is said not to be known: %q", o.sid(), o.text("status"), now.Sub(o.created()), text)
	case !told && isOdd(began) && isOdd(now):
		m.t.Fatalf("R6: %s is not known, and nobody says so: %q", o.sid(), text)
	}
}

const notKnown = "IP Command is not known to the API"

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
		case w == nil || op.Destroy:
			if there {
				want[at] = "delete"
				if !strings.Contains(p.Warnings[at]+p.Warnings[nobody], "only forgets it") {
					m.t.Fatalf("R7: the plan to destroy %s does not say that it only forgets", at)
				}
			}
		case !there:
			want[at] = "create"
		case o.Tainted || op.Replace == at:
			want[at] = "replace"
		default:
			if action := m.difference(o, w, op); action != "" {
				want[at] = action
			}
		}
	}
	for _, o := range p.state {
		if o.Deposed {
			want[o.At+" deposed"] = "delete"
		}
	}
	if !reflect.DeepEqual(p.actions, want) {
		m.t.Fatalf("R1, R8, R13: the plan shows %v, want %v", p.actions, want)
	}
}

// difference is what has to be done to an instance so that it is as wanted, as
// far as that is known. On the first change after an import, what the API does not
// tell is taken over (rule R8). Unknown is not changed, and without a refresh, what
// is known is not either until the apply (rule R13).
func (m *model) difference(o object, w *wanted, op operation) (action string) {
	unknown := op.UnknownIn(o.At)
	for name, v := range tfcore.Normal(w.arguments(w.tag)) {
		is := o.Attributes[name]
		if slices.Contains(unknown, name) {
			action = "update"
			continue
		}
		if reflect.DeepEqual(is, v) {
			continue
		}
		adopts := m.imported[o.At+o.sid()] && (is == nil || name == "sim" && !twilio.IsSID("HS", w.SIM))
		if slices.Contains(replacing, name) && !adopts && !op.NoRefresh {
			return "replace"
		}
		action = "update"
	}
	return action
}

// importOne imports a command that is in no state (rule R8), for a configuration
// that describes it, or another message, or that is not known in the plan and then
// turns out to be either.
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
	if s.N%4 != 1 {
		s.Message.Payload, s.Message.Type, s.Message.Port = c.Payload, c.PayloadType, c.DevicePort
	}
	m.configure(s)
	for _, name := range s.Unknown {
		if s.N%4 == 3 {
			m.wanted[s.At].change(name, s.Message)
		}
	}
	posts := m.Count(http.MethodPost, "")
	m.injectGets(s.trouble)
	res := m.cli.importSID(s.At, sid)
	m.ClearFaults()
	o, there := current(m.cli.instances(), s.At)
	switch {
	case m.Count(http.MethodPost, "") != posts:
		m.t.Fatalf("R1: an import makes a POST")
	case there == res.Failed:
		m.t.Fatalf("R8: failed: %v, and in the state: %v", res.Failed, there)
	case !there && len(s.Gets) == 0 && c.Direction == "to_sim":
		m.t.Fatalf("R8: %s can't be imported: %v", sid, res.Errors)
	case there && c.Direction == "from_sim":
		m.t.Fatalf("R8: %s is from a SIM, and was imported", sid)
	case there && (o.sid() != sid || o.text("sim") != c.SIMSID || o.text("payload") != c.Payload || o.Attributes["callback_url"] != nil):
		m.t.Fatalf("R8: %+v was imported as %+v", c, o)
	case there:
		m.imported[s.At+sid] = true
		m.plan(step{}, operation{})
		switch s.N % 4 {
		case 0:
			m.apply(step{}, operation{})
		case 2, 3:
			m.apply(step{}, operation{Unknown: s.Unknown, At: s.At, NoRefresh: s.N%8 == 7})
		}
	}
}
