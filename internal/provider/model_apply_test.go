package provider

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// applied is an apply that is to be checked.
type applied struct {
	*model
	trouble
	result
	plan    planned
	created []string                       // the addresses at which something is to be created
	began   time.Time                      // by the API's clock
	posts   map[string][]twiliosim.Request // by tag
	before  []twiliosim.IPCommand
	after   []object
}

// apply plans and applies, and checks what comes of it.
func (m *model) apply(s step, op operation) result {
	m.t.Helper()
	early := s
	if s.N%2 == 0 {
		early.Gets = nil // The trouble comes after the plan.
	}
	p := m.plan(early, op)
	if p.failed {
		return p.result
	}
	from := len(m.Requests())
	a := applied{model: m, trouble: s.trouble, plan: p, began: m.serverNow(), before: m.IPCommands(), posts: map[string][]twiliosim.Request{}}
	for _, at := range keys(p.actions) {
		if isCreate(p.actions[at]) {
			a.created = append(a.created, at)
		}
	}
	m.injectPosts(s.trouble, a.created)
	m.injectGets(s.trouble)
	a.result = m.cli.apply(s.trouble)
	m.ClearFaults()
	a.after, a.met = m.cli.instances(), m.fates()
	a.check(m.Requests()[from:])
	if a.failed || a.stopped || len(p.actions) == 0 || op.destroy {
		return a.result
	}
	next := m.plan(step{}, operation{})
	if len(next.actions) > 0 && len(next.state) == len(a.after) {
		m.t.Fatalf("a plan after an apply shows %v", next.actions)
	}
	return a.result
}

// check checks the requests, and what the state has afterwards.
func (a *applied) check(requests []twiliosim.Request) {
	a.t.Helper()
	mayAsk, mayLook := false, false
	for _, at := range a.created {
		w := a.wanted[at]
		a.posts[w.tag] = nil
		mayLook = mayLook || w.Ask != ask{}
		mayAsk = mayAsk || !w.NoWait || w.Window != "" || slices.ContainsFunc(a.met[w.tag], isUnknown)
	}
	for _, r := range requests {
		tag := strings.TrimPrefix(r.Form.Get("CallbackUrl"), callback(""))
		_, planned := a.posts[tag]
		switch {
		case r.Method == http.MethodPost && planned:
			a.posts[tag] = append(a.posts[tag], r)
		case r.Method != http.MethodGet || !mayAsk || !mayLook && r.Query.Get("Direction") == "from_sim":
			a.t.Fatalf("R1, R4, R7, R11: the apply of %v makes the request %s %s %v", a.plan.actions, r.Method, r.Path, r.Form)
		}
	}
	longest := time.Second
	for _, at := range a.created {
		longest += a.wanted[at].timeout() + a.wanted[at].Ask.timeout() + time.Minute // for looks
	}
	a.checkLooks(requests)
	given := map[string]bool{}
	if a.isQuiet() && !a.stopped && a.serverNow().Sub(a.began) > longest {
		a.t.Fatalf("R4: the apply took %s", a.serverNow().Sub(a.began))
	}
	for _, at := range addresses {
		w, action := a.wanted[at], a.plan.actions[at]
		was, _ := current(a.plan.state, at)
		is, there := current(a.after, at)
		if isCreate(action) {
			a.checkPosts(at, a.posts[w.tag])
		}
		switch {
		case a.stopped && a.Stop != interrupt: // What was not told is not known.
		case isCreate(action):
			a.checkCreate(at, was)
			a.checkFound(at, was)
			if is, ok := a.recorded(at); ok { // What was there before got its answer in another process.
				a.giveReply(given, is, true)
			}
		case action == "delete" && there && !a.stopped:
			a.t.Fatalf("R7: %s was not forgotten", at)
		case action == "update" && (!a.stopped || !reflect.DeepEqual(is, was)):
			delete(a.imported, at+was.sid())
			if is.sid() != was.sid() || is.tainted != was.tainted || !reflect.DeepEqual(is.attributes["reply"], was.attributes["reply"]) || a.difference(is, w) != "" {
				a.t.Fatalf("R4, R8: the update of %v to %v gives %v", was, w, is)
			}
		case action == "" && !reflect.DeepEqual(was, is):
			a.t.Fatalf("an apply without changes makes %v of %v", is, was)
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

// checkCreate checks what is said and recorded of a message: rules R2 and R3.
func (a *applied) checkCreate(at string, was object) {
	a.t.Helper()
	w := a.wanted[at]
	posts := a.posts[w.tag]
	fates := a.ends(posts)
	is, recorded := a.recorded(at)
	err, warning := a.errors[at], a.warnings[at]
	says := func(rule string, text, part string) {
		a.t.Helper()
		if !strings.Contains(text, part) {
			a.t.Fatalf("%s: POSTs of %s met %v, and %q is not said: %q %q", rule, at, fates, part, err, warning)
		}
	}
	end := fates[len(fates)-1]
	switch {
	case a.wasFound(at): // checkFound
	case recorded && (end == again || end == refused):
		a.t.Fatalf("R1: no message was sent for %s, and %s is in the state", at, is.sid())
	case end == again && a.stopped && err == "" && len(posts) == 0:
		// It was not begun.
	case end == again && reflect.DeepEqual(a.trouble, trouble{}):
		a.t.Fatalf("R1: nothing was sent for %s, without trouble: %q", at, err)
	case end == again:
		says("R1", err, "was not sent")
	case end == refused:
		says("R1", err, "was refused")
	case end == answered && (!recorded || is.sid() != posts[len(posts)-1].SID || strings.Contains(warning, wasAdopted)):
		a.t.Fatalf("R3: %s was sent as %s, but the state has %s: %q %q", at, posts[len(posts)-1].SID, is.sid(), err, warning)
	case end == answered:
	case recorded:
		says("R2", warning, wasAdopted)
		a.checkAdopted(at, is, posts[len(posts)-1], end)
	default:
		says("R2", err, maybeSent)
		says("R10", err, map[bool]string{true: "next apply sends the message again", false: "next apply looks first"}[w.Window == ""])
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

// rivals counts the messages like w whose answers were lost in this apply, w
// among them, and those that were found.
func (a *applied) rivals(w *wanted) (n int) {
	for at, o := range a.wanted {
		if (slices.ContainsFunc(a.met[o.tag], isUnknown) || a.wasFound(at)) && o.content() == w.content() {
			n++
		}
	}
	return n
}

// candidates returns how many commands might be taken for the message of a
// lost POST: that which it created, and those of other senders since.
func (a *applied) candidates(at string, post twiliosim.Request) (n int, slow bool) {
	trouble := a.Posts[slices.Index(a.created, at)][len(a.posts[a.wanted[at].tag])-1]
	if post.Accepted {
		n++
	}
	return n + trouble.Foreign, trouble.Slow
}

// checkAdopted checks a command that was taken for a message whose answer was
// lost: it may be it.
func (a *applied) checkAdopted(at string, is object, post twiliosim.Request, end fate) {
	a.t.Helper()
	w := a.wanted[at]
	c, _ := a.command(is.sid())
	if contentOf(c) != w.content() || c.Direction != "to_sim" {
		a.t.Fatalf("R2: %s carries %+v, and has the command %+v", at, w.modelMessage, c)
	}
	if c.DateCreated.Before(post.Time) {
		a.t.Fatalf("R2: %s has %s, which may be older than its POST of %s: %+v", at, is.sid(), post.Time, c)
	}
	for _, o := range a.after {
		if o.sid() == is.sid() && o.at != at && (a.wanted[o.at] == nil || a.wanted[o.at].Other == w.Other) {
			a.t.Fatalf("R2: %s and %s have the same command %s", at, o.at, o.sid())
		}
	}
	for tag, posts := range a.posts {
		for i, r := range posts {
			if r.SID == is.sid() && tag != w.tag && a.ends(posts)[i] == answered && a.block(tag) == w.Other {
				a.t.Fatalf("R2: %s has %s, which is that of %s", at, is.sid(), tag)
			}
		}
	}
	if n, _ := a.candidates(at, post); n > 1 && a.rivals(w) == 1 && end == untold {
		a.t.Fatalf("R2: %s has %s, but there were %d that it could be", at, is.sid(), n)
	}
}

// block returns the provider block of a resource.
func (a *applied) block(tag string) bool {
	for _, w := range a.wanted {
		if w.tag == tag {
			return w.Other
		}
	}
	return false
}

// checkUnknown checks an error which says that nobody knows: that is so.
func (a *applied) checkUnknown(at string, was object, post twiliosim.Request, end fate) {
	a.t.Helper()
	w := a.wanted[at]
	err := a.errors[at]
	if was.sid() != "" && !w.CreateFirst && strings.Contains(err, was.sid()) {
		a.t.Fatalf("R2: the error names %s, which was replaced: %s", was.sid(), err)
	}
	if end == late || !a.isQuiet() {
		return
	}
	if post.Accepted && !strings.Contains(err, post.SID) && !slices.ContainsFunc(a.after, func(o object) bool { return o.sid() == post.SID }) {
		a.t.Fatalf("R2: %s was sent as %s, which neither the state nor the error shows: %s", at, post.SID, err)
	}
	n, slow := a.candidates(at, post)
	equal := 0
	for _, c := range a.IPCommands() {
		if contentOf(c) == w.content() && !c.DateCreated.Before(post.Time.Add(-2*time.Second)) {
			equal++
		}
	}
	if n == 1 && equal == 1 && slow && a.rivals(w) == 1 {
		a.t.Fatalf("R2: %s could only be one command, and was not taken for it: %s", at, err)
	}
}

// checkWaited checks how the state has a new message: rules R4 and R9.
func (a *applied) checkWaited(at string, is object, fates []fate) {
	a.t.Helper()
	w := a.wanted[at]
	for name, v := range normal(w.arguments(w.tag)) {
		if !reflect.DeepEqual(is.attributes[name], v) {
			a.t.Fatalf("R9: %s is created with %s = %v, want %v", at, name, is.attributes[name], v)
		}
	}
	status, err, warning := is.text("status"), a.errors[at], a.warnings[at]
	truth, _ := a.command(is.sid())
	isLate := a.serverNow().Sub(a.began) >= w.timeout()
	waits := status == "queued" && !w.NoWait
	calm := a.isQuiet() && !a.stopped
	switch {
	case is.tainted != (status == "failed"), (err != "") != (status == "failed"):
		a.t.Fatalf("R4: %s is %s, tainted: %v, with the error %q", at, status, is.tainted, err)
	case status != "queued" && status != truth.Status:
		a.t.Fatalf("R4: %s is %s in the state, and %s", at, status, truth.Status)
	case waits && !strings.Contains(warning, seenQueued):
		a.t.Fatalf("R4: %s is still queued, and nobody says so", at)
	case waits && calm && !isLate:
		a.t.Fatalf("R4: %s is still queued, since nobody waited: %q", at, warning)
	case waits && calm && truth.Status != "queued" && len(a.met) == 0 && truth.DateUpdated.Before(a.began.Add(w.timeout())):
		a.t.Fatalf("R4: %s is still queued in the state, and was %s at %s", at, truth.Status, truth.DateUpdated)
	case w.NoWait && fates[len(fates)-1] == answered && status != "queued":
		a.t.Fatalf("R4: %s is %s, although nobody was to wait", at, status)
	}
}
