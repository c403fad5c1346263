package twilio

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// send sends the world's message, without a deadline.
func (w *world) send() (*Message, error) {
	return w.client.send(w.t.Context(), w.message(), time.Time{})
}

// unknownOf returns err as an UnknownOutcomeError.
func unknownOf(t testing.TB, err error) *UnknownOutcomeError {
	t.Helper()
	var unknown *UnknownOutcomeError
	if !errors.As(err, &unknown) {
		t.Fatalf("%T: %v", err, err)
	}
	return unknown
}

// wantUnknown fails the test unless err is an UnknownOutcomeError with these
// candidates, in any order.
func wantUnknown(t testing.TB, err error, candidates ...string) {
	t.Helper()
	unknown := unknownOf(t, err)
	got := sids(unknown.Candidates)
	slices.Sort(got)
	slices.Sort(candidates)
	if !slices.Equal(got, candidates) {
		t.Errorf("candidates %v, want %v", got, candidates)
	}
}

// TestIsSID has what is a SID, and what nearly is.
func TestIsSID(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdefABCDEF0123456789"
	for s, want := range map[string]bool{
		"HG" + digits: true, "HG" + strings.ToUpper(digits): true,
		"": false, "HG": false, digits: false, "HS" + digits: false, "hg" + digits: false,
		"HG" + digits[1:]: false, "HG" + digits + "0": false, "HG" + digits + digits: false,
		"HGg" + digits[1:]: false, "HG" + digits[:16] + "g" + digits[17:]: false, "HG" + digits[1:] + "g": false,
		"HG" + digits + "\n": false, "HG" + digits[1:] + "\n": false, " HG" + digits: false, "HG" + digits + " ": false,
		"HG" + digits[2:] + "\u0660": false,
	} {
		if got := IsSID("HG", s); got != want {
			t.Errorf("%q: %t", s, got)
		}
	}
}

// TestResolve_R2_older has an identical command that is older than the POST,
// which must not be taken for it, whatever the fractions of the seconds that
// the API's dates are cut to.
func TestResolve_R2_older(t *testing.T) {
	t.Parallel()
	for _, fraction := range []time.Duration{0, 1, 250 * time.Millisecond, 999 * time.Millisecond, 999_999_999} {
		for _, age := range []time.Duration{time.Second, 3 * time.Second, time.Hour, 20 * 24 * time.Hour} {
			for _, created := range []bool{false, true} {
				t.Run(strings.Join([]string{fraction.String(), age.String(), map[bool]string{true: "created", false: "lost"}[created]}, " "), func(t *testing.T) {
					t.Parallel()
					w := newWorld(t)
					w.clock.Advance(fraction - 250*time.Millisecond + time.Second)
					older := w.twin(w.clock.Now().Add(-age))
					w.onPost(twiliosim.Fault{Drop: true, Accept: created})
					sent, err := w.send()
					w.wantRequests(1, map[bool]int{true: 1, false: len(looks)}[created])
					if !created {
						wantUnknown(t, err)
						return
					}
					if err != nil || sent.SID == older.SID {
						t.Fatalf("adopted %s, %v", sent.SID, err)
					}
					w.wantOwn(sent, w.message())
				})
			}
		}
	}
}

// TestResolve_R2_serverClock has an API whose clock is not the client's: what
// is older is so by the API's own.
func TestResolve_R2_serverClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-25 * time.Hour, -time.Hour, -3 * time.Second, 3 * time.Second, time.Hour, 25 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.serverAhead = ahead })
			older := w.twin(w.clock.Now().Add(ahead - 3*time.Second))
			w.onPost(twiliosim.LostAnswer(1))
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

func errOf(_ *Message, err error) error { return err }

// TestResolve_R2_noDate has answers without the API's time. Nobody knows
// which command is older then, since our own clock may be wrong.
func TestResolve_R2_noDate(t *testing.T) {
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

// TestResolve_R2_dateLater has a Date only from the third look on.
func TestResolve_R2_dateLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onPost(twiliosim.LostAnswer(1))
	w.onGet(twiliosim.Fault{Header: http.Header{"Date": nil}, Times: 4}) // Each look is repeated once.
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.wantOwn(sent, w.message())
	w.wantRequests(1, 5)
}

// TestResolve_R2_foreign has identical commands that somebody else sends while
// our POST is under way: nobody can tell which is ours, if any.
func TestResolve_R2_foreign(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		created bool
		foreign int
	}{{"lost and two foreign", false, 2}, {"created and one foreign", true, 1}, {"created and two foreign", true, 2}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onPost(twiliosim.Fault{Drop: true, Accept: test.created, Then: func() {
				for range test.foreign {
					w.twin(time.Time{})
				}
			}})
			_, err := w.send()
			var all []string
			for _, c := range w.sim.IPCommands() {
				all = append(all, c.SID)
			}
			wantUnknown(t, err, all...)
			if lookErr := unknownOf(t, err).LookErr; lookErr != nil {
				t.Error(lookErr)
			}
			wantText(t, err, "outcome is not known", "POST ")
			w.wantRequests(1, 1)
		})
	}
}

// TestResolve_R2_undated has a command that fits but of which nobody knows
// when it was created: it may be years old, so it is told and not adopted.
func TestResolve_R2_undated(t *testing.T) {
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

// TestResolve_R2_sameSecond has an equal command of the second in which the POST
// began, and none of our own. The API's dates do not tell the two apart, so it is
// adopted: that is the price of adopting the message of a fast API. The device has
// the message once.
func TestResolve_R2_sameSecond(t *testing.T) {
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

// TestResolve_R2_twoClocks has a command that is dated later than the list that
// shows it: its clock is not the one of Date, which then says nothing of when
// another command was created. No later look is believed either.
func TestResolve_R2_twoClocks(t *testing.T) {
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

// TestResolve_R2_twoClocks_others has a look that can't be dated and that shows,
// beside what may be the message, one that was sent before and one that a resource
// has given up: the error does not name them.
func TestResolve_R2_twoClocks_others(t *testing.T) {
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

// TestResolve_R2_doubt has answers that take so long that nobody knows in which
// second the POST began. The next look may.
func TestResolve_R2_doubt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onPost(twiliosim.LostAnswer(1))
	w.onGet(twiliosim.Fault{Times: 1, Delay: func() { w.clock.Advance(4 * time.Second) }})
	sent, err := w.send()
	if err != nil || sent.Lost == nil {
		t.Fatal(err)
	}
	w.wantRequests(1, 2)

	w = newWorld(t)
	w.onPost(twiliosim.LostAnswer(1))
	w.onGet(twiliosim.Fault{Delay: func() { w.clock.Advance(4 * time.Second) }})
	wantUnknown(t, errOf(w.send()), w.sim.IPCommands()[0].SID)
	w.wantRequests(1, len(looks))
}

// TestResolve_R2_ends has looks that the API refuses, or is slow to answer: they
// end soon after the deadline of the message.
func TestResolve_R2_ends(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliosim.Fault{
		"429":              twiliosim.TooManyRequests("", 0),
		"429, in a minute": twiliosim.TooManyRequests("60", 0),
		"503":              twiliosim.ServerError(503, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onPost(twiliosim.LostAnswer(1))
			w.onGet(fault)
			_, err := w.client.send(t.Context(), w.message(), w.clock.Now().Add(5*time.Second))
			if unknown := unknownOf(t, err); unknown.LookErr == nil {
				t.Error("no LookErr")
			}
			if took := w.clock.Now().Sub(epoch); took > 5*time.Second+lookAllowance {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestResolve_R2_forms has the message written back in another form.
func TestResolve_R2_forms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent, created []string
		want          int // the index of what is adopted; -1 is nothing
	}{
		"decomposed":              {[]string{"gr\u00fcn"}, []string{"gru\u0308n"}, 0},
		"trimmed":                 {[]string{" AT\r\n"}, []string{"AT"}, 0},
		"trimmed at one end":      {[]string{" AT\r\n"}, []string{" AT"}, 0},
		"not trimmed, beside one": {[]string{"AT\n"}, []string{"AT", "AT\n"}, 1},
		"more white space":        {[]string{"AT"}, []string{"AT\n"}, -1},
		"less white space inside": {[]string{"A T\n"}, []string{"AT"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var sids []string
			w.onPost(twiliosim.Fault{Drop: true, Times: 1, Then: func() {
				for _, payload := range test.created {
					sids = append(sids, w.before(0, func(c *twiliosim.IPCommand) { c.Payload = payload }))
				}
			}})
			p := w.message()
			p.Payload = test.sent[0]
			sent, err := w.client.send(t.Context(), p, time.Time{})
			if test.want < 0 {
				wantUnknown(t, err)
			} else if err != nil || sent.SID != sids[test.want] {
				t.Errorf("%q, %v", sent.SID, err)
			}
		})
	}
}

// TestResolve_R2_slowLook has a list that answers slowly: how long it takes
// says nothing about when the POST began, so that what is older is still not
// adopted.
func TestResolve_R2_slowLook(t *testing.T) {
	t.Parallel()
	for _, age := range []time.Duration{time.Second, 1750 * time.Millisecond, 5 * time.Second, 12 * time.Second} {
		// The list is read before, or after, it takes its time, or all of the
		// answer is made before it does, its Date too.
		for _, phase := range []string{"before", "after", "dated before"} {
			t.Run(age.String()+" "+phase, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.twin(w.clock.Now().Add(-age))
				w.onPost(twiliosim.LostRequest(1))
				slow := func() { w.clock.Advance(12 * time.Second) }
				switch phase {
				case "before":
					w.onGet(twiliosim.Fault{Then: slow})
				case "after":
					w.onGet(twiliosim.Fault{Delay: slow})
				default:
					w.onGet(twiliosim.Fault{Then: slow, Header: http.Header{"Date": {w.clock.Now().Format(http.TimeFormat)}}})
				}
				if sent, err := w.send(); err == nil {
					t.Errorf("adopted %s", sent.SID)
				}
				if w.posts() != 1 {
					t.Errorf("%d POSTs", w.posts())
				}
			})
		}
	}
}

// TestResolve_R2_narrowed has answers before the POST narrow the bounds of the
// server's clock, so that what a look finds can be told apart.
func TestResolve_R2_narrowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *worldConfig) { c.serverAhead = 7 * time.Hour })
	for range 10 { // At all phases of a second.
		w.clock.Advance(100 * time.Millisecond)
		if _, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{})); err != nil {
			t.Fatal(err)
		}
	}
	now := w.clock.Now()
	began, ok := w.client.IPCommands.serverClock.At(now)
	if truth := now.Add(7 * time.Hour); !ok || truth.Before(began.Earliest) || !truth.Before(began.Latest) || began.Latest.Sub(began.Earliest) > 100*time.Millisecond {
		t.Errorf("%s is taken for %v", truth, began)
	}
	// The POST begins at .25, and the API creates the command a little after
	// the next whole second.
	lost := twiliosim.LostAnswer(1)
	lost.Delay = func() { w.clock.Advance(800 * time.Millisecond) }
	w.onPost(lost)
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.wantOwn(sent, w.message())
}

// TestResolve_R2_claimed has an equal message that was sent a moment ago: its
// command is taken.
func TestResolve_R2_claimed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.onPost(twiliosim.LostAnswer(1))
	w.onPost(twiliosim.LostRequest(0))
	second, err := w.send()
	if err != nil || second.Lost == nil || second.SID == first.SID {
		t.Fatalf("adopted %s, %v", second.SID, err)
	}
	wantUnknown(t, errOf(w.send()))
	w.wantRequests(3, 1+len(looks))
	w.wantCommands(2)
}

// TestResolve_R2_lookFails has looks that are refused: the reason is told.
func TestResolve_R2_lookFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.onPost(twiliosim.LostAnswer(0))
	w.onGet(twiliosim.ServerError(500, 0))
	unknown := unknownOf(t, errOf(w.send()))
	if !statusIs(unknown.LookErr, 500) {
		t.Errorf("LookErr is %v", unknown.LookErr)
	}
	wantText(t, unknown, "looking for it failed", "HTTP 500")
	w.wantRequests(1, 2*len(looks))
	w.wantCommands(1)
}

// TestResolve_R2_appearsLate has a command that the list shows only at the
// third look, and one whose looks fail at first.
func TestResolve_R2_appearsLate(t *testing.T) {
	t.Parallel()
	empty := twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`), Times: 2}
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		gets  int
		slept time.Duration
	}{
		{"not listed", empty, 3, 7 * time.Second},
		// Each look is repeated once.
		{"not answered", twiliosim.HTMLBadGateway(2), 3, 2250 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.onPost(twiliosim.LostAnswer(1))
			w.onGet(test.fault)
			sent, err := w.send()
			if err != nil || sent.Lost == nil {
				t.Fatal(err)
			}
			w.wantOwn(sent, w.message())
			w.wantRequests(1, test.gets)
			if slept := w.clock.Now().Sub(epoch); slept != test.slept {
				t.Errorf("it took %s, want %s", slept, test.slept)
			}
		})
	}
}

// TestResolve_R2_asksForLittle: a look reads only as far back as the POST.
func TestResolve_R2_asksForLittle(t *testing.T) {
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
