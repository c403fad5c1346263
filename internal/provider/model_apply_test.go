package provider

import (
	"cmp"
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
	if p.failed {
		return p.result
	}
	sends := m.sends(p)
	if len(sends) > 0 && s.Earlier > 0 {
		m.foreign(m.wanted[sends[0]].modelMessage)
		m.pass(s.Earlier)
	}
	from := len(m.Requests())
	a := applied{model: m, trouble: s.trouble, plan: p, began: m.serverNow(), before: m.IPCommands(), posts: map[string][]twiliosim.Request{}, sends: sends}
	m.injectPosts(s.trouble, sends)
	m.injectGets(s.trouble)
	a.result = m.cli.apply(s.trouble)
	m.ClearFaults()
	a.after, a.met = m.cli.instances(), m.fates()
	a.requests = m.Requests()[from:]
	a.check()
	if a.failed || a.stopped || len(p.actions) == 0 || op.destroy {
		return a.result
	}
	next := m.plan(step{}, operation{})
	if len(next.actions) > 0 && len(next.state) == len(a.after) {
		m.t.Fatalf("a plan after an apply shows %v", next.actions)
	}
	return a.result
}

// sends returns the addresses at which a message is to be sent: by a create, or by
// an update that turns out to change the message (rule R13), unless that was
// imported (rule R8).
func (m *model) sends(p planned) (sends []string) {
	for _, at := range keys(p.actions) {
		if isCreate(p.actions[at]) || p.actions[at] == "update" && m.isChanged(p, at) && !m.wasImported(p, at) {
			sends = append(sends, at)
		}
	}
	return sends
}

// isChanged reports whether a message is another one, now that all is known.
func (m *model) isChanged(p planned, at string) bool {
	was, _ := current(p.state, at)
	return m.difference(was, m.wanted[at], operation{}) == "replace"
}

func (m *model) wasImported(p planned, at string) bool {
	was, _ := current(p.state, at)
	return m.imported[at+was.sid()]
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
	if a.isQuiet() && !a.stopped && a.serverNow().Sub(a.began) > longest {
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
		case a.stopped && a.Stop != interrupt: // What was not told is not known.
		case sends:
			a.checkSent(at, was)
			if a.checkFound(at, was) {
				paid = append(paid, at)
			}
			if is, ok := a.recorded(at); ok { // What was there before got its answer in another process.
				a.giveReply(given, is)
			}
		case action == "delete" && there && !a.stopped:
			a.t.Fatalf("R7: %s was not forgotten", at)
		case action == "update":
			a.checkUpdate(at, was, is)
		case action == "" && !reflect.DeepEqual(was, is):
			a.t.Fatalf("an apply without changes makes %v of %v", is, was)
		}
	}
	if !a.stopped || a.Stop == interrupt {
		a.checkPaid(paid)
	}
}

// checkUpdate checks an update in place of the same message, or of an imported one
// that is not to become another: rules R4 and R8.
func (a *applied) checkUpdate(at string, was, is object) {
	a.t.Helper()
	switch w := a.wanted[at]; {
	case a.stopped && reflect.DeepEqual(is, was): // It was not begun.
	case a.isChanged(a.plan, at):
		if !reflect.DeepEqual(is, was) || !strings.Contains(a.errors[at], "was imported") || !strings.Contains(a.errors[at], "Nothing was sent") {
			a.t.Fatalf("R8: the import of %v, wanted as %+v, ends in %v: %q", was, w, is, a.errors[at])
		}
	case is.sid() != was.sid() || is.tainted != was.tainted || !reflect.DeepEqual(is.attributes["reply"], was.attributes["reply"]) || a.difference(is, w, operation{}) != "" || a.errors[at] != "":
		a.t.Fatalf("R4, R8: the update of %v to %v gives %v: %q", was, w, is, a.errors[at])
	case !reflect.DeepEqual(is, was): // Terraform drops an update that changes nothing.
		delete(a.imported, at+was.sid())
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
	err, warning := a.errors[at], a.warnings[at]
	says := func(rule string, text, part string) {
		a.t.Helper()
		if !strings.Contains(text, part) {
			a.t.Fatalf("%s: POSTs of %s met %v, and %q is not said: %q %q", rule, at, fates, part, err, warning)
		}
	}
	end := fates[len(fates)-1]
	isUpdate := a.plan.actions[at] == "update"
	if now, _ := current(a.after, at); isUpdate && err != "" && !reflect.DeepEqual(now, was) {
		a.t.Fatalf("R13: the update of %v failed, and the state has %v: %q", was, now, err)
	}
	switch {
	case a.failedUpdate(at) != "":
		a.checkFailedUpdate(at, was)
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
		isOne := strings.Contains(err, "One command of the SIM")
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

const messageFailed = "IP Command failed: "

// checkFailedUpdate checks what is said of a message that failed in an update,
// which cannot taint: rule R13.
func (a *applied) checkFailedUpdate(at string, was object) {
	a.t.Helper()
	sid := a.failedUpdate(at)
	c, _ := a.command(sid)
	switch {
	case c.Status != "failed" || contentOf(c) != a.wanted[at].content() || sid == was.sid():
		a.t.Fatalf("R4: %s is said to have failed in an update of %s, and is %+v", sid, was.sid(), c)
	case !strings.Contains(a.errors[at], "The state keeps the message before it, "+was.sid()):
		a.t.Fatalf("R13: nobody says that the state keeps %s: %q", was.sid(), a.errors[at])
	}
}

// failedUpdate returns the SID of a message that failed in an update; empty where
// none did.
func (a *applied) failedUpdate(at string) string {
	_, detail, _ := strings.Cut(a.errors[at], messageFailed)
	sid, _, _ := strings.Cut(detail, " ")
	if a.plan.actions[at] != "update" {
		return ""
	}
	return sid
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
func (a *applied) candidates(at string, post twiliosim.Request) (n int) {
	if post.Accepted {
		n++
	}
	i, tries := slices.Index(a.sends, at), len(a.posts[a.wanted[at].tag])
	if i < len(a.Posts) && tries <= len(a.Posts[i]) {
		n += a.Posts[i][tries-1].Foreign
	}
	return n
}

// looksFor returns when a SIM was looked at after a POST.
func (a *applied) looksFor(w *wanted, post twiliosim.Request) (times []time.Time) {
	for _, r := range a.requests {
		if sim := r.Query.Get("Sim"); r.Method == http.MethodGet && isLook(r.Query, "to_sim") && cmp.Or(simSIDs[sim], sim) == w.content().simSID && !r.Time.Before(post.Time) {
			times = append(times, r.Time)
		}
	}
	return times
}

// oldest is how old a command may be that is taken for the message of a POST: of
// the whole second in which that may have begun. Who has the Dates of quick looks
// knows the API's clock as well as their fractions of a second are small; others
// know it to two seconds.
func (a *applied) oldest(w *wanted, post twiliosim.Request) time.Time {
	doubt := 2 * time.Second
	if a.isQuiet() {
		doubt = 0
		for _, at := range a.looksFor(w, post) {
			doubt = max(doubt, at.Sub(at.Truncate(time.Second)))
		}
	}
	return post.Time.Add(-doubt - a.line.behindBy()).Truncate(time.Second)
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
	if oldest := a.oldest(w, post); c.DateCreated.Before(oldest) {
		a.t.Fatalf("R2: %s has %s, which is older than its POST of %s, that is, than %s: %+v", at, is.sid(), post.Time, oldest, c)
	}
	late := -a.line.behindBy()
	if slices.Contains(a.Gets, slowly) {
		late += aWhile
	}
	isAfter := func(look time.Time) bool { return !c.DateCreated.After(look.Add(late)) }
	if looks := a.looksFor(w, post); !slices.ContainsFunc(looks, isAfter) {
		a.t.Fatalf("R2: %s has %s, which is dated later than the looks that showed it (two clocks), %s: %+v", at, is.sid(), looks, c)
	}
	if a.isTaken(is.sid(), at) {
		a.t.Fatalf("R2: %s has %s, which another has", at, is.sid())
	}
	if a.isAnswered(is.sid(), w) {
		a.t.Fatalf("R2: %s has %s, which is another's", at, is.sid())
	}
	if n := a.candidates(at, post); n > 1 && a.rivals(w) == 1 && end == untold {
		a.t.Fatalf("R2: %s has %s, but there were %d that it could be", at, is.sid(), n)
	}
}

// isOther reports whether a resource is of the second provider block.
func (a *applied) isOther(tag string) bool {
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
	if was.sid() != "" && a.isGivenUp(at) && strings.Contains(err, was.sid()) {
		a.t.Fatalf("R2: the error names %s, which was replaced: %s", was.sid(), err)
	}
	if end == late || !a.isQuiet() {
		return
	}
	if post.Accepted && !strings.Contains(err, post.SID) && !slices.ContainsFunc(a.after, func(o object) bool { return o.sid() == post.SID }) {
		a.t.Fatalf("R2: %s was sent as %s, which neither the state nor the error shows: %s", at, post.SID, err)
	}
	equal := 0
	for _, c := range a.IPCommands() {
		if contentOf(c) == w.content() && c.Direction == "to_sim" && !c.DateCreated.Before(post.Time.Add(-nearly)) && !a.isAnswered(c.SID, w) {
			equal++
		}
	}
	if a.candidates(at, post) == 1 && equal == 1 && a.line.behindBy() == 0 && a.rivals(w) == 1 {
		a.t.Fatalf("R2: %s could only be one command, and was not taken for it: %s", at, err)
	}
}

// isAnswered reports whether a command is the message of another send of the same
// process, which was told so.
func (a *applied) isAnswered(sid string, w *wanted) bool {
	for tag, posts := range a.posts {
		for i, r := range posts {
			if r.SID == sid && tag != w.tag && a.ends(posts)[i] == answered && a.isOther(tag) == w.Other {
				return true
			}
		}
	}
	return false
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
