package provider

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// nearly is how near to the end of a window a moment may be that nobody judges:
// the provider knows the API's clock to a second or two.
const nearly = 3 * time.Second

// wasFound reports whether a create has taken a message that was there.
func (a *applied) wasFound(at string) bool { return strings.Contains(a.warnings[at], sentFirst) }

// recorded returns what a create has recorded.
func (a *applied) recorded(at string) (is object, ok bool) {
	was, _ := current(a.plan.state, at)
	is, there := current(a.after, at)
	return is, there && (is.sid() != was.sid() || a.wasFound(at))
}

// isTaken reports whether another create of the same process has a command.
func (a *applied) isTaken(sid, at string) bool {
	return slices.ContainsFunc(a.created, func(other string) bool {
		is, ok := a.recorded(other)
		return other != at && ok && is.sid() == sid && a.wanted[other].Other == a.wanted[at].Other
	})
}

// isInDoubt reports whether a command may be that of an equal create of the same
// process of which nobody knows what became of it.
func (a *applied) isInDoubt(c twiliosim.IPCommand, at string) bool {
	return slices.ContainsFunc(a.created, func(other string) bool {
		_, ok := a.recorded(other)
		w := a.wanted[other]
		return other != at && !ok && w.Other == a.wanted[at].Other && w.content() == a.wanted[at].content() &&
			slices.ContainsFunc(a.met[w.tag], isUnknown) && !c.DateCreated.Before(a.began.Add(-nearly))
	})
}

// checkFound checks what a create has taken instead of sending it, and that it
// sent what it had to: rule R10.
func (a *applied) checkFound(at string, was object) {
	a.t.Helper()
	w, posts, found := a.wanted[at], a.posts[a.wanted[at].tag], a.wasFound(at)
	is, there := a.recorded(at)
	window, err := time.ParseDuration(w.Window)
	if found {
		c, _ := a.command(is.sid())
		switch {
		case err != nil || len(posts) > 0 || !there:
			a.t.Fatalf("R10: %s, with the window %q, says that it was sent before, makes %d POSTs, and is in the state: %v", at, w.Window, len(posts), there)
		case contentOf(c) != w.content() || c.Direction != "to_sim":
			a.t.Fatalf("R10: %s carries %+v, and has found %+v", at, w.modelMessage, c)
		case c.DateCreated.Before(a.began.Add(-window - nearly)):
			a.t.Fatalf("R10: %s has found what is older than %s: %+v", at, w.Window, c)
		case c.Status == "failed" && c.DateUpdated.Before(a.began.Add(-nearly)):
			a.t.Fatalf("R10: %s has found what has failed: %+v", at, c)
		case c.SID == was.sid() && !w.CreateFirst:
			a.t.Fatalf("R10: %s has found %s, which it was to replace", at, c.SID)
		case a.isTaken(c.SID, at):
			a.t.Fatalf("R10: %s has found %s, which another has", at, c.SID)
		}
	}
	isOlder := slices.ContainsFunc(a.before, func(c twiliosim.IPCommand) bool { return c.SID == is.sid() })
	if err != nil || found && !isOlder || !found && len(posts) == 0 {
		return
	}
	for _, c := range slices.Backward(a.before) {
		switch {
		case c.SIMSID != w.content().simSID || c.DevicePort != w.Port || c.Direction != "to_sim":
		case found && c.SID == is.sid():
			return
		case contentOf(c) == w.content() && (a.isTaken(c.SID, at) || a.isInDoubt(c, at)): // It is passed over.
		case found:
			a.t.Fatalf("R10: %s has found %s, but %s is newer on the port", at, is.sid(), c.SID)
		case !a.mayBeSent(at, c, posts[len(posts)-1], window):
			a.t.Fatalf("R10: %s was sent again, and the newest on its port is %+v", at, c)
		default:
			return
		}
	}
}

// mayBeSent reports whether a message may be sent though c was the newest on its
// port when the apply began. What the state has, or gives up for a replacement,
// the process need not know.
func (a *applied) mayBeSent(at string, c twiliosim.IPCommand, post twiliosim.Request, window time.Duration) bool {
	w := a.wanted[at]
	now, _ := a.command(c.SID)
	if contentOf(c) != w.content() || now.Status == "failed" || c.DateCreated.Before(post.Time.Add(nearly-window)) {
		return true
	}
	if slices.ContainsFunc(a.plan.state, func(o object) bool { return o.sid() == c.SID && (o.deposed || a.plan.actions[o.at] != "delete") }) {
		return true
	}
	return slices.ContainsFunc(a.IPCommands(), func(o twiliosim.IPCommand) bool { // Something newer has come, and was not passed over.
		return o.SIMSID == c.SIMSID && o.DevicePort == c.DevicePort && o.Direction == "to_sim" && o.CallbackURL != callback(w.tag) &&
			!slices.ContainsFunc(a.before, func(b twiliosim.IPCommand) bool { return b.SID == o.SID }) &&
			(contentOf(o) != w.content() || len(a.met) > 0 || a.block(strings.TrimPrefix(o.CallbackURL, callback(""))) != w.Other)
	})
}

// checkLooks checks that each create with a window looks once, with an answer,
// before it goes on, and no other does: rule R10.
func (a *applied) checkLooks(requests []twiliosim.Request) {
	a.t.Helper()
	faults, looks, windows, done := slices.Clone(a.Gets), 0, 0, 0
	for _, r := range requests {
		if r.Method != "GET" {
			continue
		}
		isList := !strings.HasPrefix(r.Path, "/v1/IpCommands/")
		if i := slices.IndexFunc(faults, func(name string) bool { return name != unknownToTheAPI || !isList }); i >= 0 {
			faults = slices.Delete(faults, i, i+1)
		} else if isList && isLook(r.Query, "to_sim") {
			looks++
		}
	}
	for _, at := range a.created {
		if w := a.wanted[at]; w.Window != "" {
			windows++
			if len(a.posts[w.tag]) > 0 || a.wasFound(at) {
				done++
			}
		}
	}
	if looks < done || looks > windows && len(a.met) == 0 {
		a.t.Fatalf("R10: %d creates with a window, of which %d went on, have looked %d times", windows, done, looks)
	}
}

// isLook reports whether a list is a look at one SIM; further pages are no more.
func isLook(query url.Values, direction string) bool {
	return query.Get("Sim") != "" && query.Get("Direction") == direction && !query.Has("PageToken")
}
