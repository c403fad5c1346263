package twilio

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// find looks for a message as Create does, and sends it where nothing is found. It
// returns the SID of what was found, or empty.
func (w *world) find(p MessageParams) string {
	w.t.Helper()
	sent, found, err := w.client.findSent(w.t.Context(), p, time.Hour, time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	if !found {
		must(w.client.send(w.t.Context(), p, time.Time{}))
	}
	return sent.SID
}

// TestGiveUp_R10_pays has equal messages, of which some were given up for another
// one, and some were forgotten: each that was given up is sent once, and each that
// was forgotten is found.
func TestGiveUp_R10_pays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		commands int   // oldest first, equal
		replaced []int // these are given up for another one
		want     []int // what equal messages then find; -1 is nothing
	}{
		"the newer is replaced, the older forgotten": {2, []int{1}, []int{-1, 0, -1}},
		"the older is replaced, the newer forgotten": {2, []int{0}, []int{-1, 1, -1}},
		"both are replaced":                          {2, []int{0, 1}, []int{-1, -1, -1}},
		"one of three is replaced":                   {3, []int{1}, []int{-1, 2, 0, -1}},
	} {
		for _, kind := range []string{"as it was sent", "SIM by name", "payload write-only", "SIM by name now"} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				var sids []string
				for i := range test.commands {
					sids = append(sids, w.before(time.Duration(10-i)*time.Minute, nil))
				}
				given, p := w.message(), w.message()
				switch kind {
				case "SIM by name":
					given.SIM = w.card.UniqueName
				case "SIM by name now":
					p.SIM = w.card.UniqueName
				case "payload write-only":
					given.Payload = ""
				}
				for _, i := range test.replaced {
					w.client.giveUp(sids[i], w.card.SID, given, true)
				}
				var got, want []string
				for _, i := range test.want {
					sid := ""
					if i >= 0 {
						sid = sids[i]
					}
					want = append(want, sid)
					got = append(got, w.find(p))
				}
				// Where only a look can tell, the newest decides, so that the order differs.
				if kind != "as it was sent" && kind != "SIM by name" {
					if count(got, "") != count(want, "") {
						t.Errorf("found %v, want %v in some order", got, want)
					}
				} else if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("found %v, want %v", got, want)
				}
			})
		}
	}
}

func count(texts []string, text string) (n int) {
	for _, t := range texts {
		if t == text {
			n++
		}
	}
	return n
}

// TestGiveUp_R10_unlike has messages that were given up for another one and are
// not like the one that is to be sent: they pay for nothing.
func TestGiveUp_R10_unlike(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*MessageParams){
		"another payload": func(p *MessageParams) { p.Payload = "CLOSE" },
		"another port":    func(p *MessageParams) { p.DevicePort++ },
		"another SIM":     func(p *MessageParams) { p.SIM = w2 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			sid, p := w.before(time.Minute, nil), w.message()
			change(&p)
			w.client.giveUp(hg(7), p.SIM, p, true)
			if got := w.find(w.message()); got != sid {
				t.Errorf("found %q, want %q", got, sid)
			}
		})
	}
	w := newWorld(t)
	w.client.giveUp(w.before(time.Minute, nil), w.card.SID, w.message(), true)
	// One that does not look leaves the note for one that does.
	if _, err := w.client.send(t.Context(), w.message(), time.Time{}); err != nil {
		t.Error(err)
	}
	if _, found, err := w.client.findSent(t.Context(), w.message(), 30*time.Minute, time.Time{}); found || err != nil {
		t.Errorf("%t, %v", found, err)
	}
	w.wantRequests(1, 0)
}

// TestGiveUp_R10_replacement gives up the newer of two equal messages, of which the
// older was forgotten: the next equal one is sent if what takes its place may be the
// same again, and looks. Otherwise it finds the older.
func TestGiveUp_R10_replacement(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given, by func(w *world, p *MessageParams)
		isBlind   bool
		isOwed    bool
	}{
		"the same":                     {isOwed: true},
		"the same, without a window":   {isBlind: true},
		"another callback":             {by: func(_ *world, p *MessageParams) { p.CallbackURL = "https://example.com" }, isOwed: true},
		"another payload":              {by: func(_ *world, p *MessageParams) { p.Payload = "CLOSE" }},
		"another type":                 {by: func(_ *world, p *MessageParams) { p.PayloadType = PayloadBinary }},
		"another port":                 {by: func(_ *world, p *MessageParams) { p.DevicePort++ }},
		"another SIM":                  {by: func(_ *world, p *MessageParams) { p.SIM = w2 }},
		"another SIM, by name before":  {given: func(w *world, p *MessageParams) { p.SIM = w.card.UniqueName }, by: func(_ *world, p *MessageParams) { p.SIM = w2 }},
		"another name":                 {given: func(w *world, p *MessageParams) { p.SIM = w.card.UniqueName }, by: func(_ *world, p *MessageParams) { p.SIM = "valve-2" }},
		"the same SIM, by name before": {given: func(w *world, p *MessageParams) { p.SIM = w.card.UniqueName }, isOwed: true},
		"the SIM by name now":          {by: func(w *world, p *MessageParams) { p.SIM = w.card.UniqueName }, isOwed: true},
		"write-only before":            {given: func(_ *world, p *MessageParams) { p.Payload = "" }, isOwed: true},
		"write-only now":               {by: func(_ *world, p *MessageParams) { p.Payload = "" }, isOwed: true},
		"write-only, and another port": {given: func(_ *world, p *MessageParams) { p.Payload = "" }, by: func(_ *world, p *MessageParams) { p.Payload, p.DevicePort = "", p.DevicePort+1 }},
		"write-only, without a window": {given: func(_ *world, p *MessageParams) { p.Payload = "" }, isBlind: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			want, newer := w.before(2*time.Minute, nil), w.before(time.Minute, nil)
			given, by := w.message(), w.message()
			if test.given != nil {
				test.given(w, &given)
			}
			if test.by != nil {
				test.by(w, &by)
			}
			cmd := IPCommand{SID: newer, SIMSID: &w.card.SID, DevicePort: &given.DevicePort}
			w.client.IPCommands.GiveUp(Recorded(given, cmd), &Replacement{by, !test.isBlind})
			if test.isOwed {
				want = ""
			}
			if got := w.find(w.message()); got != want {
				t.Errorf("found %q, want %q", got, want)
			}
		})
	}
}

// TestGiveUp_R10_name gives up a message to a SIM by its SID, for one to the same
// SIM by its unique name. An equal message from elsewhere is none of theirs.
func TestGiveUp_R10_name(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	given, named := w.message(), w.message()
	given.SIM, named.SIM = w.card.SID, w.card.UniqueName
	w.client.giveUp(w.before(2*time.Minute, nil), w.card.SID, given, true)
	sid := w.before(time.Minute, nil)
	if got := w.find(named); got != "" {
		t.Errorf("found %q", got)
	}
	if got := w.find(named); got != sid {
		t.Errorf("then found %q, want %q", got, sid)
	}
}

// TestGiveUp_R10_afterFound gives up what another message has found, as a rename
// does where the create comes first: a third equal message does not get it.
func TestGiveUp_R10_afterFound(t *testing.T) {
	t.Parallel()
	for _, isReplaced := range []bool{false, true} {
		w := newWorld(t)
		sid := w.before(time.Minute, nil)
		if got := w.find(w.message()); got != sid {
			t.Fatalf("found %q", got)
		}
		w.client.giveUp(sid, w.card.SID, w.message(), isReplaced)
		for range 2 {
			if got := w.find(w.message()); got != "" {
				t.Errorf("found %q twice", got)
			}
		}
	}
}

// TestTake_R10_landing has a message that waits for an equal one in flight: one
// whose SIM may be the same, since one names it by its SID and one by its unique
// name.
func TestTake_R10_landing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	byName := func(p MessageParams, name string) MessageParams { p.SIM = name; return p }
	bySID := w.message()
	inOtherCase := byName(bySID, strings.ToLower(bySID.SIM[:2])+bySID.SIM[2:])
	for _, test := range []struct {
		name         string
		inFlight, p  MessageParams
		wantsLanding bool
	}{
		{"by SID", bySID, bySID, true},
		{"by name", byName(bySID, "valve"), byName(bySID, "valve"), true},
		{"one by name", byName(bySID, "valve"), bySID, true},
		{"the other by name", bySID, byName(bySID, "valve"), true},
		{"in another case", bySID, inOtherCase, true},
		{"another SIM", byName(bySID, w2), bySID, false},
		{"another name", byName(bySID, "valve-2"), byName(bySID, "valve"), false},
	} {
		r := newRegistry()
		r.begin(r.opened(test.inFlight), wholeSecond)
		got, err := r.take(w.command("HG1", -time.Minute), unsent(test.p), clockWithin(0))
		if (got == landing) != test.wantsLanding || err != nil {
			t.Errorf("%s: %d, %v", test.name, got, err)
		}
	}
}

// TestSend_forms has an API that writes back what it got in another form: that is
// the message all the same.
func TestSend_forms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload, echo string
		isUpper       bool // the SIM's SID
		want          ending
	}{
		"trimmed":            {payload: "AT\n", echo: "AT", want: isSent},
		"decomposed":         {payload: "gr\u00fcn", echo: "gru\u0308n", want: isSent},
		"SID in upper case":  {payload: "AT", echo: "AT", isUpper: true, want: isSent},
		"another text":       {payload: "AT\n", echo: "ATZ", want: isUnknown},
		"with a line break":  {payload: "AT", echo: "AT\n", want: isUnknown},
		"trimmed and cut":    {payload: "AT 1\n", echo: "AT", want: isUnknown},
		"lower-case letters": {payload: "AT", echo: "at", want: isUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.message()
			p.Payload = test.payload
			if test.isUpper {
				p.SIM = "HS" + strings.ToUpper(p.SIM[2:])
			}
			w.onPost(twiliosim.Fault{Status: http.StatusCreated, Body: fmt.Appendf(nil,
				`{"sid":%q,"sim_sid":%q,"device_port":5683,"payload_type":"text","payload":%q,"direction":"to_sim","status":"queued"}`, hg(1), w.card.SID, test.echo)})
			sent, err := w.client.send(t.Context(), p, time.Time{})
			if got := endingOf(t, sent, err); got != test.want {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

// TestUpdatedBy_null keeps what is known where an answer leaves it out.
func TestUpdatedBy_null(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	known := must(w.client.IPCommands.Fetch(t.Context(), w.before(time.Minute, nil)))
	known.ErrorCode = "83400"
	if got := known.updatedBy(IPCommand{SID: known.SID}); got != known {
		t.Errorf("%+v became %+v", known, got)
	}
	newer := IPCommand{SID: known.SID, Status: ptr(StatusSent), DeviceIP: ptr("10.0.0.1")}
	got := known.updatedBy(newer)
	if *got.Status != StatusSent || *got.DeviceIP != "10.0.0.1" || got.SIMSID != known.SIMSID {
		t.Errorf("%+v", got)
	}
}
