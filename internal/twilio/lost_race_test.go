package twilio

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// result is what one of several sends came to.
type result struct {
	sent *Message
	err  error
}

// named marks a message so that a fault can be made for it: the API neither
// gives a callback back nor does rule R2 look at it.
func named(p MessageParams, name string) MessageParams {
	p.CallbackURL = "https://example.com/" + name
	return p
}

// of makes a fault one for the POST of a named message only.
func of(name string, f twiliosim.Fault) twiliosim.Fault {
	f.Match = func(method, _ string, _, form url.Values) bool {
		return method == http.MethodPost && form.Get("CallbackUrl") == "https://example.com/"+name
	}
	return f
}

// race sends messages at the same time, the i-th after i starts, and returns
// their results in order.
func (w *world) race(apart time.Duration, messages ...MessageParams) []result {
	results := make([]result, len(messages))
	done := make(chan int, len(messages))
	for i, p := range messages {
		go func() {
			time.Sleep(time.Duration(i) * apart)
			results[i].sent, results[i].err = w.client.send(w.t.Context(), p, time.Time{})
			done <- i
		}()
	}
	for range messages {
		<-done
	}
	return results
}

// owner returns the name of the message whose POST created a command.
func (w *world) owner(sid string) string {
	for _, c := range w.sim.IPCommands() {
		if c.SID == sid {
			return strings.TrimPrefix(c.CallbackURL, "https://example.com/")
		}
	}
	return "nobody"
}

// TestLost_R2_bothCreated: two equal messages, both responses lost, share out
// both commands.
func TestLost_R2_bothCreated(t *testing.T) {
	t.Parallel()
	for _, apart := range []time.Duration{0, 300 * time.Millisecond, 5 * time.Second} {
		t.Run(apart.String(), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.onPost(twiliosim.Fault{Drop: true, Accept: true, Delay: func() { time.Sleep(6 * time.Second) }})
				got := w.race(apart, named(w.message(), "a"), named(w.message(), "b"))
				for _, r := range got {
					if r.err != nil || r.sent.Lost == nil {
						w.t.Fatalf("%s, %v", r.sent.SID, r.err)
					}
				}
				if got[0].sent.SID == got[1].sent.SID {
					w.t.Errorf("both have %s", got[0].sent.SID)
				}
				if w.posts() != 2 {
					w.t.Errorf("%d POSTs", w.posts())
				}
				w.wantCommands(2)
			})
		})
	}
}

// TestLost_R2_oneCreated: two equal messages, both responses lost, but only one
// was accepted. One of them has it, and the other one is not made up.
func TestLost_R2_oneCreated(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.sim.Inject(of("a", twiliosim.LostRequest(0)))
		w.sim.Inject(of("b", twiliosim.LostResponse(0)))
		got := w.race(0, named(w.message(), "a"), named(w.message(), "b"))
		endings := map[ending]int{}
		for _, r := range got {
			endings[endingOf(w.t, r.sent, r.err)]++
		}
		if endings[isAdopted] != 1 || endings[isUnknown] != 1 || w.posts() != 2 {
			w.t.Errorf("%v after %d POSTs", endings, w.posts())
		}
	})
}

// TestLost_R2_inFlight: of two equal messages one is lost, and while it looks,
// the other one is accepted, and its response has yet to come. What the first finds
// is not its own. The other one may name the SIM differently.
func TestLost_R2_inFlight(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(w *world, a, b *MessageParams)
		fault  twiliosim.Fault
		looks  int
		want   ending
	}{
		{name: "accepted", want: isSent},
		{name: "SIM by name", want: isSent, change: func(w *world, a, _ *MessageParams) { a.SIM = w.card.UniqueName }},
		{name: "SIM by SID", want: isSent, change: func(w *world, _, b *MessageParams) { b.SIM = w.card.UniqueName }},
		{name: "type left out", want: isSent, change: func(_ *world, a, _ *MessageParams) { a.PayloadType = "" }},
		{name: "unreadable", want: isUnknown, looks: len(looks), fault: twiliosim.Fault{Status: 201, Body: []byte("<p>")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				a, b := named(w.message(), "a"), named(w.message(), "b")
				if test.change != nil {
					test.change(w, &a, &b)
				}
				w.sim.Inject(of("a", twiliosim.LostRequest(0)))
				held := test.fault
				held.Accept = true
				held.Delay, held.Then = func() { time.Sleep(time.Second) }, func() { time.Sleep(20 * time.Second) }
				w.sim.Inject(of("b", held))
				got := w.race(0, a, b)
				if test.want == isUnknown {
					// Both were lost: either may have what there is.
					if (got[0].err == nil) == (got[1].err == nil) {
						w.t.Errorf("%v, %v", got[0].err, got[1].err)
					}
				} else {
					wantUnknown(w.t, got[0].err)
					if got := endingOf(w.t, got[1].sent, got[1].err); got != isSent {
						w.t.Errorf("the one in flight: %s", got)
					}
				}
				if w.posts() != 2 {
					w.t.Errorf("%d POSTs", w.posts())
				}
				w.wantCommands(1)
			})
		})
	}
}

// TestLost_R2_notMine: a message that is lost shares out only what could be
// its or its equals' own. One that began after a command was created cannot
// have created it, so that of two older ones one is a stranger's.
func TestLost_R2_notMine(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		lost := twiliosim.LostResponse(0)
		lost.Then = func() {
			w.twin(time.Time{})
			time.Sleep(10 * time.Second)
		}
		w.sim.Inject(of("a", lost))
		w.sim.Inject(of("b", twiliosim.Fault{Drop: true, Delay: func() { time.Sleep(5 * time.Second) }}))
		got := w.race(6*time.Second, named(w.message(), "a"), named(w.message(), "b"))
		wantUnknown(w.t, got[0].err, sidsOf(w.sim.IPCommands())...)
		w.wantCommands(2)
		wantUnknown(w.t, got[1].err)
	})
}

// TestLost_R2_endsInTime has a look wait for an equal message in flight, whose
// request may take ten minutes.
func TestLost_R2_endsInTime(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.client.IPCommands.RequestTimeout = 10 * time.Minute
		w.sim.Inject(twiliosim.LostRequest(1).On(http.MethodPost, ipCommandsPath))
		began := time.Now()
		var all sync.WaitGroup
		all.Go(func() {
			_, err := w.client.send(w.t.Context(), w.message(), time.Now().Add(5*time.Second))
			if d := time.Since(began); d > 36*time.Second {
				w.t.Errorf("timeouts.create of 5s took %s: %v", d, err)
			}
		})
		time.Sleep(time.Second)
		all.Go(func() {
			w.sim.Inject(twiliosim.Fault{Stall: true}.On(http.MethodPost, ipCommandsPath))
			_, _ = w.client.send(w.t.Context(), w.message(), time.Now().Add(5*time.Second))
		})
		all.Wait()
	})
}
