package twilio

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// wholeSecond is when these sends begin: dates of creation are cut to one.
var wholeSecond = epoch.Truncate(time.Second)

// lostMessage is a message that was lost some time after that.
func (r *registry) lostMessage(p MessageParams, after time.Duration) *Message {
	m := r.opened(p)
	r.begin(m, wholeSecond.Add(after))
	r.lose(m)
	return m
}

// unsent is a message before it is sent.
func unsent(p MessageParams) *Message { return Recorded(p, IPCommand{}) }

// opened is a message that is about to be sent.
func (r *registry) opened(p MessageParams) *Message {
	m := unsent(p)
	r.open(m)
	return m
}

// isWaiting reports whether wait has to wait.
func (r *registry) isWaiting(m *Message, orLost bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.isLanding(m, orLost)
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
func (p MessageParams) command(sid string, after time.Duration) IPCommand {
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
	text := MessageParams{SIM: "HS1", Payload: "AQ==", PayloadType: PayloadText, DevicePort: 9}
	otherSIM, otherText := text, text
	otherSIM.SIM, otherText.Payload = "HS2", "Ag=="
	plain, spaced := text, text
	plain.Payload, spaced.Payload = "AT", "AT\n"
	undated := text.command("HG1", 0)
	undated.DateCreated = nil
	at := func(p MessageParams, after time.Duration) func(*registry) *Message {
		return func(r *registry) *Message { return r.lostMessage(p, after) }
	}
	over := func(p MessageParams) func(*registry) *Message {
		return func(r *registry) *Message {
			s := r.lostMessage(p, 0)
			r.close(s)
			return s
		}
	}
	settled := func(p MessageParams, sid string) func(*registry) *Message {
		return func(r *registry) *Message {
			s := r.lostMessage(p, 0)
			if choice, _ := r.adopt(s, []IPCommand{text.command(sid, 0)}, clockWithin(0)); choice == nil {
				t.Error("nothing to adopt")
			}
			return s
		}
	}
	waiting := func(p MessageParams) func(*registry) *Message {
		return func(r *registry) *Message {
			s := r.opened(p)
			r.begin(s, wholeSecond)
			r.end(s)
			return s
		}
	}
	for _, test := range []struct {
		name  string
		sends []func(*registry) *Message
		found []IPCommand
		// doubt is how far apart the bounds of the server's clock are.
		doubt time.Duration
		want  string
		// unclaimed are the candidates left.
		unclaimed []string
	}{
		{name: "none", sends: []func(*registry) *Message{at(text, 0)}},
		{name: "one", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "one, by a clock that is known well enough", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, doubt: 2 * time.Second, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "one, by a clock that is not", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, doubt: 2*time.Second + 1, unclaimed: []string{"HG1"}},
		{name: "one without a date", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{undated}, unclaimed: []string{"HG1"}},
		{name: "one that a resource gave up", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{text.command("HG9", 0)}},
		{name: "one of the second in which the POST began", sends: []func(*registry) *Message{at(text, 999*time.Millisecond)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "two, one of them without white space at its ends", sends: []func(*registry) *Message{at(spaced, 0), at(plain, 0)}, found: []IPCommand{plain.command("HG2", 0), plain.command("HG1", 0)}, want: "HG2", unclaimed: []string{"HG2", "HG1"}},
		{name: "two for one", sends: []func(*registry) *Message{at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, unclaimed: []string{"HG1", "HG2"}},
		{name: "two for two", sends: []func(*registry) *Message{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1", "HG2"}},
		{name: "three for two", sends: []func(*registry) *Message{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG3", 0), text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG3", "HG2", "HG1"}},
		{name: "one for two", sends: []func(*registry) *Message{at(text, 0), at(text, 0)}, found: []IPCommand{text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1"}},
		{name: "another SIM's", sends: []func(*registry) *Message{at(otherSIM, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "another message's", sends: []func(*registry) *Message{at(otherText, 0), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that has given up", sends: []func(*registry) *Message{over(text), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that is waiting to be sent again", sends: []func(*registry) *Message{waiting(text), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "one that has its own", sends: []func(*registry) *Message{settled(text, "HG0"), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0), text.command("HG0", 0)}, unclaimed: []string{"HG2", "HG1"}},
		{name: "what another has", sends: []func(*registry) *Message{settled(text, "HG1"), at(text, 0)}, found: []IPCommand{text.command("HG2", 0), text.command("HG1", 0)}, want: "HG2", unclaimed: []string{"HG2"}},
		{name: "one that began later", sends: []func(*registry) *Message{at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG2", time.Second), text.command("HG1", 0)}, unclaimed: []string{"HG1", "HG2"}},
		{name: "one that began in between", sends: []func(*registry) *Message{at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG2", 6*time.Second), text.command("HG1", 0)}, want: "HG1", unclaimed: []string{"HG1", "HG2"}},
		{name: "two of three before the others began", sends: []func(*registry) *Message{at(text, 5*time.Second), at(text, 5*time.Second), at(text, 0)}, found: []IPCommand{text.command("HG3", 6*time.Second), text.command("HG2", 0), text.command("HG1", 0)}, unclaimed: []string{"HG2", "HG1", "HG3"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry()
			r.giveUp(Recorded(MessageParams{}, IPCommand{SID: "HG9"}), nil)
			var s *Message
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
	text := MessageParams{SIM: "valve-1", Payload: "open", DevicePort: 9}
	elsewhere := text
	elsewhere.SIM = "valve-2"
	command := func(sid string, after time.Duration) IPCommand { return text.command(sid, after) }
	r := newRegistry()
	s := r.lostMessage(text, 2*time.Second)
	r.leave(s)
	r.close(s)
	for _, test := range []struct {
		IPCommand
		p    MessageParams
		want taking
	}{
		{command("HG1", 0), text, taken},
		{command("HG2", 2*time.Second), text, passedOver},
		{command("HG2", 2*time.Second), elsewhere, taken},
	} {
		if taking, err := r.take(test.IPCommand, unsent(test.p), clockWithin(0)); taking != test.want || err != nil {
			t.Errorf("%s, for %s: %d, %v", test.SID, test.p.SIM, taking, err)
		}
	}
}
