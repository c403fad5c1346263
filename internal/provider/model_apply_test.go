package provider

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// applied is an apply that is to be checked.
type applied struct {
	*model
	trouble
	result
	op     operation
	plan   planned
	sends  []string                       // the addresses at which something is to be sent
	began  time.Time                      // by the API's clock
	posts  map[string][]twiliosim.Request // by tag
	before []twiliosim.IPCommand
	after  []object
	// requests are those of the apply.
	requests []twiliosim.Request
}

// apply plans and applies, and checks what comes of it.
func (m *model) apply(s step, op operation) result {
	m.t.Helper()
	early := s
	if s.N%2 == 0 {
		early.Gets = nil // The trouble comes after the plan.
	}
	p := m.plan(early, op)
	if p.Failed {
		return p.result
	}
	sends := m.sends(p)
	if len(sends) > 0 && s.Earlier > 0 {
		m.foreign(m.wanted[sends[0]].modelMessage)
		m.pass(s.Earlier)
	}
	from := len(m.Requests())
	a := applied{model: m, trouble: s.trouble, op: op, plan: p, began: m.serverNow(), before: m.IPCommands(), posts: map[string][]twiliosim.Request{}, sends: sends}
	m.injectPosts(s.trouble, sends)
	m.injectGets(s.trouble)
	a.result = m.cli.apply(s.trouble)
	m.ClearFaults()
	a.after, a.met = m.cli.instances(), m.fates()
	a.requests = m.Requests()[from:]
	a.check()
	if a.Failed || a.Stopped || len(p.actions) == 0 || op.Destroy {
		return a.result
	}
	next := m.plan(step{}, operation{})
	if len(next.actions) > 0 && len(next.state) == len(a.after) {
		m.t.Fatalf("a plan after an apply shows %v", next.actions)
	}
	return a.result
}

// check checks the requests, and what the state has afterwards.
func (a *applied) check() {
	a.t.Helper()
	mayAsk, mayLook := false, false
	for _, at := range a.sends {
		w := a.wanted[at]
		a.posts[w.tag] = nil
		mayLook = mayLook || w.Ask != ask{}
		mayAsk = mayAsk || !w.NoWait || a.windowOf(w) != 0 || slices.ContainsFunc(a.met[w.tag], isUnknown)
	}
	for _, r := range a.requests {
		tag := strings.TrimPrefix(r.Form.Get("CallbackUrl"), callback(""))
		_, planned := a.posts[tag]
		switch {
		case r.Method == http.MethodPost && planned:
			a.posts[tag] = append(a.posts[tag], r)
		case r.Method != http.MethodGet || !mayAsk || !mayLook && r.Query.Get("Direction") == "from_sim":
			a.t.Fatalf("R1, R4, R7, R8, R11, R13: the apply of %v makes the request %s %s %v", a.plan.actions, r.Method, r.Path, r.Form)
		}
	}
	longest := time.Second
	for _, at := range a.sends {
		longest += a.wanted[at].timeout() + a.wanted[at].Ask.timeout() + time.Minute // for looks
	}
	a.checkLooks()
	given := map[string]bool{}
	if a.isQuiet() && !a.Stopped && a.serverNow().Sub(a.began) > longest {
		a.t.Fatalf("R4: the apply took %s", a.serverNow().Sub(a.began))
	}
	var paid []string
	for _, at := range addresses {
		action := a.plan.actions[at]
		was, _ := current(a.plan.state, at)
		is, there := current(a.after, at)
		sends := slices.Contains(a.sends, at)
		if sends {
			a.checkPosts(at, a.posts[a.wanted[at].tag])
		}
		switch {
		case a.Stopped && a.Stop != tfcore.Interrupt: // What was not told is not known.
		case sends:
			a.checkSent(at, was)
			if a.checkFound(at, was) {
				paid = append(paid, at)
			}
			if is, ok := a.recorded(at); ok { // What was there before got its reply in another process.
				a.giveReply(given, is)
			}
		case action == "delete" && there && !a.Stopped:
			a.t.Fatalf("R7: %s was not forgotten", at)
		case action == "update":
			a.checkUpdate(at, was, is)
		case action == "" && !reflect.DeepEqual(was, is):
			a.t.Fatalf("an apply without changes makes %v of %v", is, was)
		}
	}
	if !a.Stopped || a.Stop == tfcore.Interrupt {
		a.checkPaid(paid)
	}
	for at, action := range a.plan.actions {
		if was, _ := current(a.plan.state, at); action == "update" && strings.Contains(a.Errors[at], maybeSent) {
			a.inDoubt[was.sid()] = true
		}
	}
}

func isCreate(action string) bool { return action == "create" || action == "replace" }

func isUnknown(f fate) bool { return f == untold || f == late }

// ends returns what became of each POST.
func (a *applied) ends(posts []twiliosim.Request) []fate {
	if len(posts) == 0 {
		return []fate{again} // None was made, which is as good.
	}
	fates := make([]fate, len(posts))
	for i, r := range posts {
		if met := a.met[strings.TrimPrefix(r.Form.Get("CallbackUrl"), callback(""))]; i < len(met) {
			fates[i] = met[i]
		} else if r.Status >= 400 {
			fates[i] = refused
		}
	}
	return fates
}

// checkPosts is rule R1.
func (a *applied) checkPosts(at string, posts []twiliosim.Request) {
	a.t.Helper()
	accepted := 0
	for i, f := range a.ends(posts) {
		if i < len(posts) && posts[i].Accepted {
			accepted++
		}
		if i+1 < len(posts) && f != again || accepted > 1 {
			a.t.Fatalf("R1: %d POSTs for %s, which met %v, and %d were processed", len(posts), at, a.ends(posts), accepted)
		}
	}
}

// checkSent checks what is said and recorded of a message: rules R2, R3 and R13.
func (a *applied) checkSent(at string, was object) {
	a.t.Helper()
	w := a.wanted[at]
	posts := a.posts[w.tag]
	fates := a.ends(posts)
	is, recorded := a.recorded(at)
	err, warning := a.Errors[at], a.Warnings[at]
	isUpdate := a.plan.actions[at] == "update"
	says := func(rule string, text, part string) {
		a.t.Helper()
		if isUpdate {
			rule += ", R13"
		}
		if !strings.Contains(text, part) {
			a.t.Fatalf("%s: POSTs of %s met %v, and %q is not said: %q %q", rule, at, fates, part, err, warning)
		}
	}
	end := fates[len(fates)-1]
	if now, _ := current(a.after, at); isUpdate && err != "" && !reflect.DeepEqual(now, was) {
		a.t.Fatalf("R13: the update of %v failed, and the state has %v: %q", was, now, err)
	}
	switch {
	case a.failedUpdate(at) != "":
		a.checkFailedUpdate(at, was)
	case a.wasFound(at): // checkFound
	case recorded && (end == again || end == refused):
		a.t.Fatalf("R1: no message was sent for %s, and %s is in the state", at, is.sid())
	case end == again && a.Stopped && err == "" && len(posts) == 0:
		// It was not begun.
	case end == again && reflect.DeepEqual(a.trouble, trouble{}):
		a.t.Fatalf("R1: nothing was sent for %s, without trouble: %q", at, err)
	case end == again:
		says("R1", err, "was not sent")
	case end == refused:
		says("R1", err, "was refused")
	case end == told && (!recorded || is.sid() != posts[len(posts)-1].SID || strings.Contains(warning, wasAdopted)):
		a.t.Fatalf("R3: %s was sent as %s, but the state has %s: %q %q", at, posts[len(posts)-1].SID, is.sid(), err, warning)
	case end == told:
	case recorded:
		says("R2", warning, wasAdopted)
		a.checkAdopted(at, is, posts[len(posts)-1], end)
	default:
		says("R2", err, maybeSent)
		isOne := strings.Count(err, "\n  HG") == 1
		switch {
		case a.windowOf(w) != 0:
			says("R10", err, "Apply again. It looks first")
		case isOne && !isUpdate:
			says("R2", err, "terraform import 'ADDRESS' HG")
		default:
			says("R2", err, `Set deduplication_window = "1h" and apply again`)
		}
		a.checkUnknown(at, was, posts[len(posts)-1], end)
	}
	if recorded {
		delete(a.imported, at+is.sid())
		a.checkWaited(at, is, fates)
		a.checkWaitedForReply(at, is)
	}
}

// isQuiet reports whether nothing kept the provider from asking the API: not
// even an interrupt keeps it from looking for a message.
func (a *applied) isQuiet() bool {
	for _, posts := range a.Posts {
		if slices.ContainsFunc(posts, func(p postTrouble) bool { return strings.HasPrefix(p.Fault, "429 for") }) {
			return false
		}
	}
	// The API may not know at once what was sent just now.
	onlyUnknown := len(a.Gets) <= 2 && !slices.ContainsFunc(a.Gets, func(s string) bool { return s != unknownToTheAPI })
	return onlyUnknown && a.Refuse == 0
}

// checkWaited checks how the state has a new message: rules R4 and R9.
func (a *applied) checkWaited(at string, is object, fates []fate) {
	a.t.Helper()
	w := a.wanted[at]
	for name, v := range tfcore.Normal(w.arguments(w.tag)) {
		if !reflect.DeepEqual(is.Attributes[name], v) {
			a.t.Fatalf("R9: %s is created with %s = %v, want %v", at, name, is.Attributes[name], v)
		}
	}
	status, err, warning := is.text("status"), a.Errors[at], a.Warnings[at]
	truth, _ := a.command(is.sid())
	isLate := a.serverNow().Sub(a.began) >= w.timeout()
	waits := status == "queued" && !w.NoWait
	calm := a.isQuiet() && !a.Stopped
	switch {
	case is.Tainted != (status == "failed"), (err != "") != (status == "failed"):
		a.t.Fatalf("R4: %s is %s, tainted: %v, with the error %q", at, status, is.Tainted, err)
	case status != "queued" && status != truth.Status:
		a.t.Fatalf("R4: %s is %s in the state, and %s", at, status, truth.Status)
	case waits && !strings.Contains(warning, seenQueued):
		a.t.Fatalf("R4: %s is still queued, and nobody says so", at)
	case waits && calm && !isLate:
		a.t.Fatalf("R4: %s is still queued, since nobody waited: %q", at, warning)
	case waits && calm && truth.Status != "queued" && len(a.met) == 0 && truth.DateUpdated.Before(a.began.Add(w.timeout())):
		a.t.Fatalf("R4: %s is still queued in the state, and was %s at %s", at, truth.Status, truth.DateUpdated)
	case w.NoWait && fates[len(fates)-1] == told && status != "queued":
		a.t.Fatalf("R4: %s is %s, although nobody was to wait", at, status)
	}
}
