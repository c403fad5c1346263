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

// answers are what devices may reply.
var answers = map[string]twiliosim.Reply{
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

// reply returns the answer that a message has, and whether it waits for one.
func (o object) reply() (sid string, waits bool) {
	if r, ok := o.attributes["reply"].(map[string]any); ok {
		sid, _ = r["sid"].(string)
	}
	return sid, sid == "" && o.attributes["wait_for_reply"] != nil && o.text("status") != "failed"
}

// answersTo returns the messages that may be the answer to one, the oldest first.
func (m *model) answersTo(o object) (all []twiliosim.IPCommand) {
	waits, _ := o.attributes["wait_for_reply"].(map[string]any)
	port := o.attributes["device_port"]
	if waits["device_port"] != nil {
		port = waits["device_port"]
	}
	pattern, _ := waits["pattern"].(string)
	for _, c := range m.IPCommands() {
		payload, err := base64.StdEncoding.DecodeString(c.Payload)
		if !utf8.Valid(payload) {
			payload = []byte(hex.EncodeToString(payload))
		}
		if err == nil && c.Direction == "from_sim" && c.SIMSID == o.text("sim_sid") && float64(c.DevicePort) == port &&
			!c.DateCreated.Before(o.created()) && regexp.MustCompile(pattern).Match(payload) {
			all = append(all, c)
		}
	}
	return all
}

// checkReply checks the answer that a message has got, or has not though it was
// there before a time, the state being what it is now: rule R11.
func (m *model) checkReply(o object, state []object, before time.Time) {
	m.t.Helper()
	sid, waits := o.reply()
	all := m.answersTo(o)
	i := slices.IndexFunc(all, func(c twiliosim.IPCommand) bool { return c.SID == sid })
	if sid != "" {
		reply, _ := o.attributes["reply"].(map[string]any)
		if i < 0 || o.attributes["wait_for_reply"] == nil || reply["payload"] != all[i].Payload {
			m.t.Fatalf("R11: %v has the reply %v, and could have %+v", o, reply, all)
		}
		all = all[:i]
	}
	for _, c := range all {
		isFree := !slices.ContainsFunc(state, func(other object) bool {
			reply, _ := other.reply()
			return reply == c.SID && (other.at != o.at || other.deposed != o.deposed)
		})
		if isFree && (sid != "" || waits && !c.DateCreated.Add(time.Second).After(before)) {
			m.t.Fatalf("R11: %v has the reply %q, and an older one was there: %+v", o, sid, c)
		}
	}
}

// giveReply notes a reply that a message has, by the process that knows of it,
// and that no other has got it there: rule R11.
func (m *model) giveReply(given map[string]bool, o object, isNew bool) {
	m.t.Helper()
	sid, _ := o.reply()
	key := sid
	if w := m.wanted[o.at]; w != nil && w.Other {
		key += " of the other"
	}
	if isNew && sid != "" && given[key] {
		m.t.Fatalf("R11: %s has the answer %s, which another has", o.at, sid)
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
	calm := a.isQuiet() && !a.stopped
	_, waits := is.reply()
	waits = waits && is.text("status") == "sent"
	switch {
	case waits && !strings.Contains(a.warnings[at], noAnswer):
		a.t.Fatalf("R11: the device has not answered %s, and nobody says so: %q", at, a.warnings[at])
	case !waits && strings.Contains(a.warnings[at], noAnswer):
		a.t.Fatalf("R11: %s is %s, and was not to be waited for: %q", at, is.text("status"), a.warnings[at])
	case waits && calm && a.serverNow().Before(until):
		a.t.Fatalf("R11: the device has not answered %s, since nobody waited", at)
	}
	if !waits || !calm || len(a.met) > 0 { // A POST that stalls after a 429 keeps the others from asking.
		until = time.Time{}
	}
	a.checkReply(is, a.after, until)
}
