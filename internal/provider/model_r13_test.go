package provider

import (
	"reflect"
	"strings"
)

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

// checkUpdate checks an update in place of the same message, or of an imported one
// that is not to become another: rules R4 and R8.
func (a *applied) checkUpdate(at string, was, is object) {
	a.t.Helper()
	switch w := a.wanted[at]; {
	case a.Stopped && reflect.DeepEqual(is, was): // It was not begun.
	case a.isChanged(a.plan, at):
		if !reflect.DeepEqual(is, was) || !strings.Contains(a.Errors[at], "was imported") || !strings.Contains(a.Errors[at], "Nothing was sent") {
			a.t.Fatalf("R8: the import of %v, wanted as %+v, ends in %v: %q", was, w, is, a.Errors[at])
		}
	case is.sid() != was.sid() || is.Tainted != was.Tainted || !reflect.DeepEqual(is.Attributes["reply"], was.Attributes["reply"]) ||
		a.difference(is, w, operation{}) != "" || a.Errors[at] != "":
		a.t.Fatalf("R4, R8: the update of %v to %v gives %v: %q", was, w, is, a.Errors[at])
	case !reflect.DeepEqual(is, was): // Terraform drops an update that changes nothing.
		delete(a.imported, at+was.sid())
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
	case !strings.Contains(a.Errors[at], "The state keeps the message before it, "+was.sid()):
		a.t.Fatalf("R13: nobody says that the state keeps %s: %q", was.sid(), a.Errors[at])
	}
}

// failedUpdate returns the SID of a message that failed in an update; empty where
// none did.
func (a *applied) failedUpdate(at string) string {
	_, detail, _ := strings.Cut(a.Errors[at], messageFailed)
	sid, _, _ := strings.Cut(detail, " ")
	if a.plan.actions[at] != "update" {
		return ""
	}
	return sid
}
