package provider

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// replies are what devices may reply.
var replies = map[string]twiliosim.Reply{
	"ok": {Payload: []byte("ok")}, "no": {Payload: []byte("no")}, "ok, from another port": {Payload: []byte("ok"), Port: 5684},
	"ok, later": {Payload: []byte("ok"), After: 2 * time.Minute}, "bytes, soon": {Payload: []byte{1, 0xff}, After: 3 * time.Second},
}

// ask is wait_for_reply; its zero value is none.
type ask struct {
	Timeout, Pattern string
	Port             int
}

var replyAsks = []ask{{}, {}, {}, {Timeout: "10s"}, {Timeout: "10s", Pattern: "^ok$"}, {Timeout: "10s", Port: 5684}, {Timeout: "3m", Pattern: "^01ff$"}}

func (k ask) argument() any {
	return ifNot(k == ask{}, map[string]any{"timeout": k.Timeout, "device_port": ifNot(k.Port == 0, k.Port), "pattern": ifNot(k.Pattern == "", k.Pattern)})
}

func (k ask) timeout() time.Duration {
	d, _ := time.ParseDuration(k.Timeout)
	return d
}

// reply returns the reply that a message has, and whether it waits for one.
func (o object) reply() (sid string, waits bool) {
	if r, ok := o.Attributes["reply"].(map[string]any); ok {
		sid, _ = r["sid"].(string)
	}
	return sid, sid == "" && o.Attributes["wait_for_reply"] != nil && o.text("status") != "failed"
}

// replyPort is the port that the reply to a message comes from.
func (o object) replyPort() any {
	if waits, _ := o.Attributes["wait_for_reply"].(map[string]any); waits["device_port"] != nil {
		return waits["device_port"]
	}
	return o.Attributes["device_port"]
}

func (o object) waitsOnItsPort() bool { return o.replyPort() == o.Attributes["device_port"] }

// mayBeReply reports whether a command may be the reply to a message.
func (o object) mayBeReply(c twiliosim.IPCommand) bool {
	waits, _ := o.Attributes["wait_for_reply"].(map[string]any)
	pattern, _ := waits["pattern"].(string)
	payload, err := base64.StdEncoding.DecodeString(c.Payload)
	if !utf8.Valid(payload) {
		payload = []byte(hex.EncodeToString(payload))
	}
	return err == nil && c.Direction == "from_sim" && c.SIMSID == o.text("sim_sid") && float64(c.DevicePort) == o.replyPort() &&
		!c.DateCreated.Before(o.created()) && regexp.MustCompile(pattern).Match(payload)
}

// repliesTo returns the messages that may be the reply to one, the oldest first.
func (m *model) repliesTo(o object) (all []twiliosim.IPCommand) {
	for _, c := range m.IPCommands() {
		if o.mayBeReply(c) {
			all = append(all, c)
		}
	}
	return all
}

// lateReply is what a late look takes: the oldest reply before the next message
// to the port that it comes from, or to the SIM, where the message went to another
// port.
func (m *model) lateReply(o object) string {
	all := m.IPCommands()
	begin := slices.IndexFunc(all, func(c twiliosim.IPCommand) bool { return c.SID == o.sid() }) + 1
	for _, c := range all[begin:] {
		samePort := !o.waitsOnItsPort() || float64(c.DevicePort) == o.replyPort()
		switch {
		case c.SIMSID != o.text("sim_sid") || c.DateCreated.Before(o.created()):
		case c.Direction == "to_sim" && samePort && c.Status != "failed":
			return ""
		case o.mayBeReply(c):
			return c.SID
		}
	}
	return ""
}

// checkLateReply checks what a refresh makes of the reply of a message, and that
// late looks give no reply to two: rule R11.
func (m *model) checkLateReply(o, is object, quiet bool) {
	m.t.Helper()
	before, waits := o.reply()
	sid, _ := is.reply()
	want := before
	if waits && !m.isOld(o) && is.text("status") == "sent" {
		want = m.lateReply(is)
	}
	if sid != want && (quiet || sid != before) {
		m.t.Fatalf("R11: a refresh finds the reply %q to %s, want %q", sid, o.sid(), want)
	}
	if sid == before {
		return
	}
	// What the API has lost does not end the time of the message before it, nor does
	// a message to another port whose reply comes from that one's.
	other, isLate := m.late[sid]
	_, knowsOther := m.command(other.sid())
	_, knowsThis := m.command(o.sid())
	if isLate && knowsOther && knowsThis && other.sid() != o.sid() && is.waitsOnItsPort() && other.waitsOnItsPort() {
		m.t.Fatalf("R11: late looks give %s to %s and to %s", sid, o.sid(), other.sid())
	}
	m.late[sid] = is
	m.checkReply(is, nil, time.Time{})
}

// checkReply checks the reply that a message has got, or has not though it was
// there before a time, the state being what it is now, if that matters: rule R11.
func (m *model) checkReply(o object, state []object, before time.Time) {
	m.t.Helper()
	sid, waits := o.reply()
	all := m.repliesTo(o)
	i := slices.IndexFunc(all, func(c twiliosim.IPCommand) bool { return c.SID == sid })
	if sid != "" {
		reply, _ := o.Attributes["reply"].(map[string]any)
		if i < 0 || o.Attributes["wait_for_reply"] == nil || reply["payload"] != all[i].Payload {
			m.t.Fatalf("R11: %v has the reply %v, and could have %+v", o, reply, all)
		}
		all = all[:i]
	}
	for _, c := range all {
		isFree := state != nil && !slices.ContainsFunc(state, func(other object) bool {
			reply, _ := other.reply()
			return reply == c.SID && (other.At != o.At || other.Deposed != o.Deposed)
		})
		if isFree && (sid != "" || waits && !c.DateCreated.Add(time.Second).After(before)) {
			m.t.Fatalf("R11: %v has the reply %q, and an older one was there: %+v", o, sid, c)
		}
	}
}

// giveReply notes a reply that a new message has, by the process that knows of it,
// and that no other has got it there: rule R11.
func (m *model) giveReply(given map[string]bool, o object) {
	m.t.Helper()
	sid, _ := o.reply()
	key := sid
	if w := m.wanted[o.At]; w != nil && w.Other {
		key += " of the other"
	}
	if sid != "" && given[key] {
		m.t.Fatalf("R11: %s has the reply %s, which another has", o.At, sid)
	}
	given[key] = true
}

// checkWaitedForReply checks the reply of a new message: rule R11.
func (a *applied) checkWaitedForReply(at string, is object) {
	a.t.Helper()
	w := a.wanted[at]
	truth, _ := a.command(is.sid())
	until := a.began
	if truth.DateUpdated.After(until) {
		until = truth.DateUpdated
	}
	until = until.Add(w.Ask.timeout())
	calm := a.isQuiet() && !a.Stopped
	_, waits := is.reply()
	waits = waits && is.text("status") == "sent"
	switch {
	case waits && !strings.Contains(a.Warnings[at], noReply):
		a.t.Fatalf("R11: the device has not told %s, and nobody says so: %q", at, a.Warnings[at])
	case !waits && strings.Contains(a.Warnings[at], noReply):
		a.t.Fatalf("R11: %s is %s, and was not to be waited for: %q", at, is.text("status"), a.Warnings[at])
	case waits && calm && a.serverNow().Before(until):
		a.t.Fatalf("R11: the device has not told %s, since nobody waited", at)
	}
	if !waits || !calm || len(a.met) > 0 { // A POST that stalls after a 429 keeps the others from asking.
		until = time.Time{}
	}
	a.checkReply(is, a.after, until)
}
