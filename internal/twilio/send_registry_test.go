package twilio

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// wholeSecond is when these sends begin: dates of creation are cut to one.
var wholeSecond = epoch.Truncate(time.Second)

// lostSend is a send of a message that was lost some time after that.
func (r *sendRegistry) lostSend(p IPCommandParams, after time.Duration) *send {
	s := r.open(p)
	r.begin(s, wholeSecond.Add(after))
	r.lose(s)
	return s
}

// clockWithin is a server's clock that is ahead of ours by something between
// nothing and this.
type clockWithin time.Duration

// At implements serverClock.
func (c clockWithin) At(t time.Time) (rest.Moment, bool) {
	return rest.Moment{Earliest: t, Latest: t.Add(time.Duration(c))}, true
}

// found is a command that was created some time after that.
func found(sid string, after time.Duration) IPCommand {
	return IPCommand{SID: sid, DateCreated: ptr(Timestamp(wholeSecond.Add(after).Format(time.RFC3339)))}
}

// command is a command that the message has created, some time after that.
func (p IPCommandParams) command(sid string, after time.Duration) IPCommand {
	c := found(sid, after)
	c.SIMSID, c.Direction = ptr("HS0123456789abcdef0123456789abcdef"), ptr(DirectionToSIM)
	if IsSID("HS", p.SIM) {
		c.SIMSID = &p.SIM
	}
	c.DevicePort, c.Payload, c.PayloadType = &p.DevicePort, &p.Payload, ptr(p.payloadType())
	return c
}

// command is a command that the world's message has created.
func (w *world) command(sid string, after time.Duration) IPCommand {
	return w.message().command(sid, after)
}

// TestSendRegistry_R2_adopt has what lost sends may take of what was found.
// The last send adopts; the others are there.
func TestSendRegistry_R2_adopt(t *testing.T) {
	t.Parallel()
	text := IPCommandParams{SIM: "HS1", Payload: "AQ==", PayloadType: PayloadText, DevicePort: 9}
	otherSIM, otherText := text, text
	otherSIM.SIM, otherText.Payload = "HS2", "Ag=="
	plain, spaced := text, text
	plain.Payload, spaced.Payload = "AT", "AT\n"
	undated := text.command("HG1", 0)
	undated.DateCreated = nil
	at := func(p IPCommandParams, after time.Duration) func(*sendRegistry) *send {
		return func(r *sendRegistry) *send { return r.lostSend(p, after) }
	}
	over := func(p IPCommandParams) func(*sendRegistry) *send {
		return func(r *sendRegistry) *send {
			s := r.lostSend(p, 0)
			r.close(s)
			return s
		}
	}
	settled := func(p IPCommandParams, sid string) func(*sendRegistry) *send {
		return func(r *sendRegistry) *send {
			s := r.lostSend(p, 0)
			if choice, _ := r.adopt(s, []IPCommand{text.command(sid, 0)}, clockWithin(0)); choice == nil {
				t.Error("nothing to adopt")
			}
			return s
		}
	}
	waiting := func(p IPCommandParams) func(*sendRegistry) *send {
		return func(r *sendRegistry) *send {
			s := r.open(p)
			r.begin(s, wholeSecond)
			r.end(s)
			return s
		}
	}
	for _, test := range []struct {
		name  string
		sends []func(*sendRegistry) *send
		found []IPCommand
		// doubt is how far apart the bounds of the server's clock are.
		doubt time.Duration
		want  string
		// unclaimed are the candidates left.
		unclaimed []string
	}{
		{name: "none", sends: []func(*sendRegistry) *send{at(text, 0)}},
		{name: "one", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "one, by a clock that is known well enough", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, doubt: 2 * time.Second, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "one, by a clock that is not", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, doubt: 2*time.Second + 1, unclaimed: []string{"HG1"}},
		{name: "one without a date", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{undated}, unclaimed: []string{"HG1"}},
		{name: "one that a resource gave up", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{text.command("HG9", 0)}},
		{name: "one of the second in which the POST began", sends: []func(*sendRegistry) *send{at(text, 999*time.Millisecond)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "two, one of them without white space at its ends", sends: []func(*sendRegistry) *send{at(spaced, 0), at(plain, 0)}, found: []IPCommand{plain.command("HG2", 0), plain.command("HG1", 0)}, want: "HG2", unclaimed: []string{"HG2", "HG1"}},
		{name: "two for one", sends: []func(*sendRegistry) *send{at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, unclaimed: []string{"HG1", "HG2"}},
		{name: "two for two", sends: []func(*sendRegistry) *send{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1", "HG2"}},
		{name: "three for two", sends: []func(*sendRegistry) *send{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG3", 0), text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG3", "HG2", "HG1"}},
		{name: "one for two", sends: []func(*sendRegistry) *send{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "another SIM's", sends: []func(*sendRegistry) *send{at(otherSIM, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "another message's", sends: []func(*sendRegistry) *send{at(otherText, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that has given up", sends: []func(*sendRegistry) *send{over(text), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that is waiting to be sent again", sends: []func(*sendRegistry) *send{waiting(text), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that has its own", sends: []func(*sendRegistry) *send{settled(text, "HG0"), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0), text.command("HG0", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "what another has", sends: []func(*sendRegistry) *send{settled(text, "HG1"), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, want: "HG2", unclaimed: []string{"HG2"}},
		{name: "one that began later", sends: []func(*sendRegistry) *send{at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, unclaimed: []string{"HG1", "HG2"}},
		{name: "one that began in between", sends: []func(*sendRegistry) *send{at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG2", 6*time.Second), text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1", "HG2"}},
		{name: "two of three before the others began", sends: []func(*sendRegistry) *send{at(text, 5*time.Second), at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG3", 6*time.Second), text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1", "HG3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newSendRegistry()
			r.giveUp("HG9", givenUp{})
			var s *send
			for _, open := range test.sends {
				s = open(r)
			}
			choice, unclaimed := r.adopt(s, test.found, clockWithin(test.doubt))
			var got string
			if choice != nil {
				got = choice.SID
			}
			if gotAll := sids(unclaimed); got != test.want || !slices.Equal(gotAll, test.unclaimed) {
				t.Errorf("adopted %q of %v, want %q of %v", got, gotAll, test.want, test.unclaimed)
			}
		})
	}
}

// TestSendRegistry_R10_unresolved does not give away a command that came to be in
// doubt after somebody has seen it.
func TestSendRegistry_R10_unresolved(t *testing.T) {
	t.Parallel()
	text := IPCommandParams{SIM: "valve-1", Payload: "open", DevicePort: 9}
	elsewhere := text
	elsewhere.SIM = "valve-2"
	command := func(sid string, after time.Duration) IPCommand { return text.command(sid, after) }
	r := newSendRegistry()
	s := r.lostSend(text, 2*time.Second)
	r.leave(s)
	r.close(s)
	for _, test := range []struct {
		IPCommand
		p    IPCommandParams
		want taking
	}{
		{command("HG1", 0), text, taken},
		{command("HG2", 2*time.Second), text, passedOver},
		{command("HG2", 2*time.Second), elsewhere, taken},
	} {
		if taking, _, err := r.take(test.IPCommand, test.p, clockWithin(0)); taking != test.want || err != nil {
			t.Errorf("%s, for %s: %d, %v", test.SID, test.p.SIM, taking, err)
		}
	}
}
