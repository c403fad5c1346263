package provider

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// nearly is how near to the end of a window a moment may be that nobody judges:
// the provider knows the API's clock to a second or two.
const nearly = 3 * time.Second

// vague is how much earlier than they were the provider may take things to be by
// the API's clock.
func (a *applied) vague() time.Duration {
	if slices.Contains(a.Gets, slowly) {
		return aWhile + time.Second + a.behind
	}
	return a.behind
}

// wasFound reports whether a create has taken a message that was there.
func (a *applied) wasFound(at string) bool { return strings.Contains(a.Warnings[at], sentFirst) }

// recorded returns what has been sent or found, and was recorded. A message that
// fails in an update is not. One that is created first may be found to be the one
// before, since nobody tells it of that.
func (a *applied) recorded(at string) (is object, ok bool) {
	was, _ := current(a.plan.state, at)
	is, there := current(a.after, at)
	found := (a.wasFound(at) || strings.Contains(a.Warnings[at], wasAdopted)) && (isCreate(a.plan.actions[at]) || a.Errors[at] == "")
	return is, there && (is.sid() != was.sid() || found)
}

// isTaken reports whether another create of the same process has a command.
func (a *applied) isTaken(sid, at string) bool {
	return slices.ContainsFunc(a.sends, func(other string) bool {
		is, ok := a.recorded(other)
		has := ok && is.sid() == sid
		return other != at && (has || a.failedUpdate(other) == sid) && a.wanted[other].Other == a.wanted[at].Other
	})
}

// isInDoubt reports whether a command may be that of an equal create of the same
// process of which nobody knows what became of it. The provider does not know that
// a SIM that is named is not one that is given by its SID.
func (a *applied) isInDoubt(c twiliosim.IPCommand, at string) bool {
	return slices.ContainsFunc(a.sends, func(other string) bool {
		_, ok := a.recorded(other)
		w, sim := a.wanted[other], a.wanted[at].SIM
		isEqual := w.content()
		if twilio.IsSID("HS", w.SIM) != twilio.IsSID("HS", sim) {
			isEqual.simSID = c.SIMSID
		}
		return other != at && !ok && w.Other == a.wanted[at].Other && isEqual == contentOf(c) &&
			slices.ContainsFunc(a.met[w.tag], isUnknown) && !c.DateCreated.Before(a.began.Add(-nearly-a.vague()))
	})
}

// checkFound checks what a create has taken instead of sending it, and that it
// sent what it had to: rule R10. It reports whether the message was sent though it
// was there, for which somebody has to have given up an equal one.
func (a *applied) checkFound(at string, was object) (paid bool) {
	a.t.Helper()
	w, posts, found := a.wanted[at], a.posts[a.wanted[at].tag], a.wasFound(at)
	is, there := a.recorded(at)
	if found && !there && a.plan.actions[at] == "update" {
		return false // It failed since.
	}
	window := a.windowOf(w)
	if found {
		c, _ := a.command(is.sid())
		switch {
		case window == 0 || len(posts) > 0 || !there:
			a.t.Fatalf("R10: %s, with the window %s, says that it was sent before, makes %d POSTs, and is in the state: %v", at, window, len(posts), there)
		case contentOf(c) != w.content() || c.Direction != "to_sim":
			a.t.Fatalf("R10: %s carries %+v, and has found %+v", at, w.modelMessage, c)
		case c.DateCreated.Before(a.began.Add(-window - nearly - a.behind)):
			a.t.Fatalf("R10: %s has found what is older than %s: %+v", at, window, c)
		case c.Status == "failed" && c.DateUpdated.Before(a.began.Add(-nearly)):
			a.t.Fatalf("R10: %s has found what has failed: %+v", at, c)
		case c.SID == was.sid() && a.isGivenUp(at):
			a.t.Fatalf("R10: %s has found %s, which it was to replace", at, c.SID)
		case a.isTaken(c.SID, at):
			a.t.Fatalf("R10: %s has found %s, which another has", at, c.SID)
		}
	}
	isOlder := slices.ContainsFunc(a.before, func(c twiliosim.IPCommand) bool { return c.SID == is.sid() })
	if window == 0 || found && !isOlder || !found && len(posts) == 0 {
		return false
	}
	for _, c := range slices.Backward(a.before) {
		isEqual := contentOf(c) == w.content()
		switch {
		case c.SIMSID != w.content().simSID || c.DevicePort != w.Port || c.Direction != "to_sim":
		case found && c.SID == is.sid():
			return false
		case isEqual && (a.isTaken(c.SID, at) || a.isInDoubt(c, at)): // It is passed over.
		case isEqual && a.givenUp(w)[c.SID] && (found || c.Status != "failed"): // So is what was paid for, and what was not makes it send.
		case found:
			a.t.Fatalf("R10: %s has found %s, but %s is newer on the port", at, is.sid(), c.SID)
		default:
			return !a.mayBeSent(at, c, posts[len(posts)-1], window)
		}
	}
	return false
}

// mayBeSent reports whether a message may be sent though c was the newest on its
// port when the apply began.
func (a *applied) mayBeSent(at string, c twiliosim.IPCommand, post twiliosim.Request, window time.Duration) bool {
	w := a.wanted[at]
	now, _ := a.command(c.SID)
	if contentOf(c) != w.content() || now.Status == "failed" || c.DateCreated.Before(post.Time.Add(nearly+a.behind-window)) {
		return true
	}
	return slices.ContainsFunc(a.IPCommands(), func(o twiliosim.IPCommand) bool { // Something newer has come, and was not passed over.
		return o.SIMSID == c.SIMSID && o.DevicePort == c.DevicePort && o.Direction == "to_sim" && o.CallbackURL != callback(w.tag) &&
			!slices.ContainsFunc(a.before, func(b twiliosim.IPCommand) bool { return b.SID == o.SID }) &&
			(contentOf(o) != w.content() || len(a.met) > 0 || a.isOther(strings.TrimPrefix(o.CallbackURL, callback(""))) != w.Other)
	})
}

// isGivenUp reports whether a message is given up for another one before that is
// sent: a destroyed one is not, nor one whose replacement is created first.
func (a *applied) isGivenUp(at string) bool {
	return a.plan.actions[at] == "replace" && !a.wanted[at].CreateFirst || a.plan.actions[at] == "update"
}

// givenUp returns the messages equal to w that this apply gives up for others, in
// the same process, by SID. Each makes the next equal create send.
func (a *applied) givenUp(w *wanted) map[string]bool {
	sids := map[string]bool{}
	for _, at := range a.sends {
		o, _ := current(a.plan.state, at)
		was := w.content()
		was.payload, was.payloadType = o.text("payload"), o.text("payload_type")
		isSIM := o.text("sim_sid") == was.simSID || cmp.Or(simSIDs[o.text("sim")], o.text("sim")) == was.simSID
		if a.isGivenUp(at) && a.wanted[at].Other == w.Other && isSIM && was == w.content() && o.Attributes["device_port"] == float64(w.Port) {
			sids[o.sid()] = true
		}
	}
	return sids
}

// owed counts the resources whose messages, equal to w, this apply gives up for the
// same again, or for what nobody knows in the plan, where that looks. An update that
// may have sent it looks for that.
func (a *applied) owed(w *wanted) (n int) {
	for _, at := range a.sends {
		was, _ := current(a.plan.state, at)
		isSame := a.wanted[at].content() == w.content() && a.windowOf(a.wanted[at]) > 0
		if a.givenUp(w)[was.sid()] && a.isGivenUp(at) && (isSame || a.inDoubt[was.sid()] || len(a.op.UnknownIn(at)) > 0) {
			n++
		}
	}
	return n
}

// checkPaid checks that each message that was given up for another one made one
// equal message be sent, and not more: rule R10. paid are the creates that sent
// what was there.
func (a *applied) checkPaid(paid []string) {
	a.t.Helper()
	for _, at := range a.sends {
		w := a.wanted[at]
		var again, found, equal, replaced []string
		for _, other := range a.sends {
			o := a.wanted[other]
			if o.content() != w.content() || o.Other != w.Other {
				continue
			}
			equal = append(equal, other)
			// What replaces one in doubt looks first, and may find what the update has sent.
			if was, _ := current(a.plan.state, other); a.givenUp(w)[was.sid()] && a.isGivenUp(other) && !a.inDoubt[was.sid()] && was.text("sim_sid") == w.content().simSID {
				replaced = append(replaced, other)
			}
			if slices.Contains(paid, other) {
				again = append(again, other)
			}
			if a.wasFound(other) {
				found = append(found, other)
			}
		}
		if n := a.owed(w); len(again) > n {
			a.t.Fatalf("R10: %v were sent again, and %d equal messages were given up: %+v", again, n, a.before)
		}
		if len(found)+len(replaced) > len(equal) {
			a.t.Fatalf("R10: of %v, %v were found, and %v replace an equal message", equal, found, replaced)
		}
	}
}

// checkLooks checks that each create with a window looks once, with a response,
// before it goes on, and no other does: rule R10. One that takes the place of an
// equal message that was given up does not.
func (a *applied) checkLooks() {
	a.t.Helper()
	faults, looks, windows, done, paid := slices.Clone(a.Gets), 0, 0, 0, 0
	for _, r := range a.requests {
		if r.Method != "GET" {
			continue
		}
		isList := !strings.HasPrefix(r.Path, "/v1/IpCommands/")
		if i := slices.IndexFunc(faults, func(name string) bool { return name != unknownToTheAPI || !isList }); i >= 0 {
			isSlow := faults[i] == slowly
			faults = slices.Delete(faults, i, i+1)
			if !isSlow {
				continue
			}
		}
		if isList && isLook(r.Query, "to_sim") {
			looks++
		}
	}
	for _, at := range a.sends {
		if w := a.wanted[at]; a.windowOf(w) != 0 {
			windows++
			if len(a.givenUp(w)) > 0 {
				paid++ // It need not look.
			}
			if len(a.posts[w.tag]) > 0 || a.wasFound(at) {
				done++
			}
		}
	}
	if looks < done-paid || looks > windows && len(a.met) == 0 {
		a.t.Fatalf("R10: %d creates with a window, of which %d went on, have looked %d times", windows, done, looks)
	}
}

// isLook reports whether a list is a look at one SIM; further pages are no more.
func isLook(query url.Values, direction string) bool {
	return query.Get("Sim") != "" && query.Get("Direction") == direction && !query.Has("PageToken")
}
