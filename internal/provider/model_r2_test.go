package provider

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// rivals counts the messages like w whose responses were lost in this apply, w
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
		if sim := r.Query.Get("Sim"); r.Method == http.MethodGet && isLook(r.Query, "to_sim") &&
			cmp.Or(simSIDs[sim], sim) == w.content().simSID && !r.Time.Before(post.Time) {
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
	return post.Time.Add(-doubt - a.behind).Truncate(time.Second)
}

// checkAdopted checks a command that was taken for a message whose response was
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
	isAfter := func(look time.Time) bool { return !c.DateCreated.After(look.Add(-a.behind)) }
	if looks := a.looksFor(w, post); !slices.ContainsFunc(looks, isAfter) {
		a.t.Fatalf("R2: %s has %s, which is dated later than the looks that showed it (two clocks), %s: %+v", at, is.sid(), looks, c)
	}
	if a.isTaken(is.sid(), at) {
		a.t.Fatalf("R2: %s has %s, which another has", at, is.sid())
	}
	if a.wasTold(is.sid(), w) {
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
	err := a.Errors[at]
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
		if contentOf(c) == w.content() && c.Direction == "to_sim" && !c.DateCreated.Before(post.Time.Add(-nearly)) && !a.wasTold(c.SID, w) {
			equal++
		}
	}
	if a.candidates(at, post) == 1 && equal == 1 && a.behind == 0 && a.rivals(w) == 1 {
		a.t.Fatalf("R2: %s could only be one command, and was not taken for it: %s", at, err)
	}
}

// wasTold reports whether a command is the message of another send of the same
// process, which was told so.
func (a *applied) wasTold(sid string, w *wanted) bool {
	for tag, posts := range a.posts {
		for i, r := range posts {
			if r.SID == sid && tag != w.tag && a.ends(posts)[i] == told && a.isOther(tag) == w.Other {
				return true
			}
		}
	}
	return false
}
