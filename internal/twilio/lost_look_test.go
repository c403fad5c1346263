package twilio

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestLost_R2_foreign has identical commands that somebody else sends while our POST
// is under way: nobody can tell which is ours, if any.
func TestLost_R2_foreign(t *testing.T) {
	t.Parallel()
	for _, created := range []bool{false, true} {
		w := newWorld(t)
		w.onPost(twiliosim.Fault{Drop: true, Accept: created, Then: func() {
			w.twin(time.Time{})
			w.twin(time.Time{})
		}})
		_, err := w.send()
		wantUnknown(t, err, sidsOf(w.sim.IPCommands())...)
		if lookErr := unknownOf(t, err).LookErr; lookErr != nil {
			t.Error(lookErr)
		}
		wantText(t, err, "outcome is not known", "POST ")
		w.wantRequests(1, 1)
	}
}

// TestLost_R2_trimmed has commands appear while a text with white space at its end is
// lost. One that lacks it may be an API's that trims; beside one that has it, it is
// not.
func TestLost_R2_trimmed(t *testing.T) {
	t.Parallel()
	for _, created := range [][]string{{"AT\n"}, {"AT"}, {"AT", "AT\n"}} {
		w := newWorld(t)
		var last string
		w.onPost(twiliosim.Fault{Drop: true, Times: 1, Then: func() {
			for _, payload := range created {
				last = w.before(0, func(c *twiliosim.IPCommand) { c.Payload = payload })
			}
		}})
		p := w.message()
		p.Payload = "AT\n"
		if sent, err := w.client.send(t.Context(), p, time.Time{}); err != nil || sent.SID != last {
			t.Errorf("%q: %q, %v", created, sent.SID, err)
		}
	}
}

// TestLost_R2_claimed has an equal message that was sent a moment ago: its
// command is taken.
func TestLost_R2_claimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.onPost(twiliosim.LostResponse(1))
	w.onPost(twiliosim.LostRequest(0))
	second, err := w.send()
	if err != nil || second.Lost == nil || second.SID == first.SID {
		t.Fatalf("adopted %s, %v", second.SID, err)
	}
	wantUnknown(t, errOf(w.send()))
	w.wantRequests(3, 1+len(looks))
	w.wantCommands(2)
}

// TestLost_R2_claimedBefore has an earlier message of the same second, which
// is being replaced: it is not taken for the new one.
func TestLost_R2_claimedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.twin(time.Time{})
	w.client.giveUp(old.SID, w.card.SID, w.message(), true)
	w.onPost(twiliosim.LostRequest(1))
	if sent, err := w.client.send(t.Context(), w.message(), time.Time{}); !errors.As(err, new(*UnknownOutcomeError)) {
		t.Errorf("%+v, %v", sent, err)
	}
}

// TestLost_R2_ends has looks that the API refuses, or is slow with: they
// end soon after the deadline of the message.
func TestLost_R2_ends(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliosim.Fault{
		"429":              twiliosim.TooManyRequests("", 0),
		"429, in a minute": twiliosim.TooManyRequests("60", 0),
		"503":              twiliosim.ServerError(503, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onPost(twiliosim.LostResponse(1))
			w.onGet(fault)
			_, err := w.client.send(t.Context(), w.message(), w.clock.Now().Add(5*time.Second))
			wantText(t, unknownOf(t, err), "looking for it failed", "HTTP "+name[:3])
			if took := w.clock.Now().Sub(epoch); took > 5*time.Second+lookAllowance {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestLost_R2_appearsLate has a command that the list shows only at the third look,
// and one whose looks fail at first.
func TestLost_R2_appearsLate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault twiliosim.Fault
		slept time.Duration
	}{
		{twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`), Times: 2}, 7 * time.Second},
		{twiliosim.HTMLBadGateway(2), 2250 * time.Millisecond}, // Each look is repeated once.
	} {
		w := newWorld(t)
		w.onPost(twiliosim.LostResponse(1))
		w.onGet(test.fault)
		sent, err := w.send()
		if err != nil || sent.Lost == nil {
			t.Fatal(err)
		}
		w.wantOwn(sent, w.message())
		w.wantRequests(1, 3)
		if slept := w.clock.Now().Sub(epoch); slept != test.slept {
			t.Errorf("it took %s, want %s", slept, test.slept)
		}
	}
}

// TestLost_R2_asksForLittle: a look reads only as far back as the POST.
func TestLost_R2_asksForLittle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 3 * lookPageSize {
		w.twin(w.clock.Now().Add(-time.Minute))
	}
	w.onPost(twiliosim.Fault{Drop: true, Accept: true, Then: func() {
		for range lookPageSize + 10 { // Other messages to the same SIM.
			w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, DevicePort: 7})
		}
	}})
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.wantOwn(sent, w.message())
	w.wantRequests(1, 2)
	for _, q := range w.queries()[1:] {
		if q.Get("Sim") != w.card.SID || q.Get("Direction") != DirectionToSIM {
			t.Errorf("looked with %v", q)
		}
	}
}

// TestLost_R2_bounded has a SIM to which others send without end: a look
// reads a bounded number of commands.
func TestLost_R2_bounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost := twiliosim.LostRequest(1)
	lost.Then = func() {
		for range lookPages*lookPageSize + 1 {
			w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: "another's", PayloadType: PayloadText, DevicePort: 1})
		}
	}
	w.onPost(lost)
	_, err := w.send()
	if unknown := unknownOf(t, err); unknown.LookErr == nil || !strings.Contains(unknown.LookErr.Error(), "many commands since then") {
		t.Errorf("%v", err)
	}
	w.wantRequests(1, len(looks)*lookPages)
}

func sidsOf(cmds []twiliosim.IPCommand) (sids []string) {
	for _, c := range cmds {
		sids = append(sids, c.SID)
	}
	return sids
}
