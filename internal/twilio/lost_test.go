package twilio

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestLost_R2_older has an identical command that is older than the POST, which must
// not be taken for it, whatever the fractions of the seconds that the API's dates are
// cut to.
func TestLost_R2_older(t *testing.T) {
	t.Parallel()
	for _, fraction := range []time.Duration{0, 1, 250 * time.Millisecond, 999_999_999} {
		for _, age := range []time.Duration{time.Second, 3 * time.Second, 20 * 24 * time.Hour} {
			for _, created := range []bool{false, true} {
				w := newWorld(t)
				w.clock.Advance(fraction - 250*time.Millisecond + time.Second)
				w.before(age, nil)
				w.onPost(twiliosim.Fault{Drop: true, Accept: created})
				sent, err := w.send()
				if created {
					w.wantOwn(sent, w.message())
				} else {
					wantUnknown(t, err)
				}
			}
		}
	}
}

// TestLost_R2_serverClock has an API whose clock is not the client's: what
// is older is so by the API's own.
func TestLost_R2_serverClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-25 * time.Hour, -time.Hour, -3 * time.Second, 3 * time.Second, time.Hour, 25 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.serverAhead = ahead })
			older := w.twin(w.clock.Now().Add(ahead - 3*time.Second))
			w.onPost(twiliosim.LostResponse(1))
			w.onPost(twiliosim.LostRequest(1))
			sent, err := w.send()
			if err != nil || sent.SID == older.SID {
				t.Fatalf("adopted %s, %v", sent.SID, err)
			}
			w.wantOwn(sent, w.message())
			w.clock.Advance(3 * time.Second)
			unknown := unknownOf(t, errOf(w.send()))
			// Since is for a person to compare with the API's dates.
			if off := unknown.Since.Sub(w.clock.Now().Add(ahead - spaced)); off > 0 || off < -time.Second {
				t.Errorf("the POST began at %s by the API's clock, said to be %s off", unknown.Since, off)
			}
			w.wantRequests(2, 1+len(looks))
		})
	}
}

// TestLost_R2_noDate has responses without the API's time. Nobody knows
// which command is older then, since our own clock may be wrong.
func TestLost_R2_noDate(t *testing.T) {
	t.Parallel()
	for _, date := range [][]string{nil, {"noon"}} {
		for _, created := range []bool{false, true} {
			w := newWorld(t, func(c *worldConfig) { c.serverAhead = time.Hour })
			w.twin(w.clock.Now().Add(time.Hour - 2*time.Second))
			w.onPost(twiliosim.Fault{Drop: true, Accept: created})
			w.onGet(twiliosim.Fault{Header: http.Header{"Date": date}})
			unknown := unknownOf(t, errOf(w.send()))
			if !errors.Is(unknown.LookErr, errNoDate) {
				t.Errorf("LookErr is %v", unknown.LookErr)
			}
			w.wantRequests(1, 2*len(looks)) // Each is repeated once.
		}
	}
}

// TestLost_R2_undated has a command that fits but of which nobody knows
// when it was created: it may be years old, so it is told and not adopted.
func TestLost_R2_undated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, date := range []string{"null", `"yesterday"`} {
		w.sim.ClearFaults()
		w.onPost(twiliosim.LostRequest(1))
		w.onGet(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[{"sid":"HG00000000000000000000000000000001","device_port":5683,"payload":"` + textPayload +
			`","payload_type":"text","date_created":` + date + `}],"meta":{"next_page_url":null}}`)})
		wantUnknown(t, errOf(w.send()), "HG00000000000000000000000000000001")
	}
	w.wantRequests(2, 2)
}

// TestLost_R2_sameSecond has an equal command of the second in which the POST
// began, and none of our own. The API's dates do not tell the two apart, so it is
// adopted: that is the price of adopting the message of a fast API. The device has
// the message once.
func TestLost_R2_sameSecond(t *testing.T) {
	t.Parallel()
	for _, age := range []time.Duration{0, time.Millisecond, 250 * time.Millisecond} {
		w := newWorld(t)
		twin := w.twin(w.clock.Now().Add(-age))
		w.onPost(twiliosim.LostRequest(1))
		sent, err := w.send()
		if err != nil || sent.SID != twin.SID || sent.Lost == nil {
			t.Errorf("%s: %+v, %v", age, sent, err)
		}
		w.wantRequests(1, 1)
	}
}

// TestLost_R2_twoClocks has a command that is dated later than the list that
// shows it: its clock is not the one of Date, which then says nothing of when
// another command was created. No later look is believed either.
func TestLost_R2_twoClocks(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*twiliosim.IPCommand){
		"the message":     func(*twiliosim.IPCommand) {},
		"another message": func(c *twiliosim.IPCommand) { c.Payload = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onPost(twiliosim.Fault{Drop: true, Accept: name != "the message", Then: func() { w.before(-time.Second, change) }})
			unknown := unknownOf(t, errOf(w.send()))
			if !errors.Is(unknown.LookErr, errTwoClocks) || len(unknown.Candidates) != 1 {
				t.Errorf("%v, %d candidates", unknown.LookErr, len(unknown.Candidates))
			}
			w.wantRequests(1, 1)
		})
	}
}

// TestLost_R2_twoClocks_others has a look that can't be dated and that shows,
// beside what may be the message, one that was sent before and one that a resource
// has given up: the error does not name them.
func TestLost_R2_twoClocks_others(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.send(); err != nil {
		t.Fatal(err)
	}
	w.client.giveUp(w.before(0, nil), w.card.SID, w.message(), false)
	var sid string
	w.onPost(twiliosim.Fault{Drop: true, Then: func() { sid = w.before(-time.Second, nil) }})
	unknown := unknownOf(t, errOf(w.send()))
	if got := sids(unknown.Candidates); !errors.Is(unknown.LookErr, errTwoClocks) || !slices.Equal(got, []string{sid}) {
		t.Errorf("%v, candidates %v, want %s", unknown.LookErr, got, sid)
	}
}

// TestLost_R2_doubt has responses that take so long that nobody knows in which
// second the POST began. The next look may.
func TestLost_R2_doubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onPost(twiliosim.LostResponse(1))
	w.onGet(twiliosim.Fault{Times: 1, Delay: func() { w.clock.Advance(4 * time.Second) }})
	sent, err := w.send()
	if err != nil || sent.Lost == nil {
		t.Fatal(err)
	}
	w.wantRequests(1, 2)

	w = newWorld(t)
	w.onPost(twiliosim.LostResponse(1))
	w.onGet(twiliosim.Fault{Delay: func() { w.clock.Advance(4 * time.Second) }})
	wantUnknown(t, errOf(w.send()), w.sim.IPCommands()[0].SID)
	w.wantRequests(1, len(looks))
}
