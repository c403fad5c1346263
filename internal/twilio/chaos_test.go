package twilio

import (
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestChaos_R1_R2_R3 plays random faults against random messages, several at a
// time, and holds what comes of them to what the rules promise. A failure prints
// the seed; TWILIO_CHAOS_SEED plays it again.
func TestChaos_R1_R2_R3(t *testing.T) {
	t.Parallel()
	const sequences = 300
	seed := rand.Uint64()
	if v := os.Getenv("TWILIO_CHAOS_SEED"); v != "" {
		var err error
		if seed, err = strconv.ParseUint(v, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	endings := map[ending]int{}
	for i := range uint64(sequences) {
		r := rand.New(rand.NewPCG(seed, i))
		ahead := seconds(r, 7200) - time.Hour
		bubble(t, func(w *world) {
			older := w.twin(time.Now().Add(ahead - 4*time.Second)) // Than any of the messages.
			for _, e := range playChaos(w, r, older.SID) {
				endings[e]++
			}
			if w.t.Failed() {
				w.t.Logf("sequence %d; again with TWILIO_CHAOS_SEED=%d\n%s", i, seed, w.log)
			}
		}, func(cfg *worldConfig) { cfg.serverAhead = ahead })
	}
	for _, e := range []ending{isSent, isAdopted, isNotSent, isUnknown, isRefused} {
		if endings[e] < 10 {
			t.Errorf("only %d messages were %s, so that this test tells little", endings[e], e)
		}
	}
}

// pick returns one of several, and seconds a time of at most so many.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }
func seconds(r *rand.Rand, most float64) time.Duration {
	return time.Duration(r.Float64() * most * float64(time.Second))
}

// playChaos sends up to six messages, many of which are equal, through up to nine
// faults. It checks what came of them, and returns how each ended. The API has an
// older command like them.
func playChaos(w *world, r *rand.Rand, older string) []ending {
	w.client.IPCommands.MaxRetries = r.IntN(6)
	for range r.IntN(7) {
		w.onPost(randomPostFault(r))
	}
	for range r.IntN(4) {
		w.onGet(randomGetFault(r))
	}
	cards := []twiliosim.SIM{w.card, w.sim.AddSIM(twiliosim.SIM{})}
	params := make([]MessageParams, 1+r.IntN(6))
	results := make([]result, len(params))
	apart := pick(r, 0, 1, 8, 40.0)
	var all sync.WaitGroup
	for i := range params {
		card := pick(r, cards...)
		p := w.message()
		p.SIM = pick(r, card.SID, card.SID, card.UniqueName)
		if r.IntN(3) == 0 {
			p.Payload, p.PayloadType = "AQ==", pick(r, PayloadText, PayloadBinary)
		}
		params[i] = named(p, strconv.Itoa(i))
		at, patience, until := seconds(r, apart), pick(r, 0, seconds(r, 90)), pick(r, time.Hour, time.Hour, seconds(r, 50))
		all.Go(func() {
			ctx, cancel := context.WithTimeout(w.t.Context(), until)
			defer cancel()
			time.Sleep(at)
			var deadline time.Time
			if patience > 0 {
				deadline = time.Now().Add(patience)
			}
			results[i].sent, results[i].err = w.client.send(ctx, params[i], deadline)
		})
	}
	all.Wait()
	time.Sleep(5 * time.Minute) // What is held may still be processed.
	return checkChaos(w, params, results, older)
}

// checkChaos holds to the rules what came of messages. None has the older command.
func checkChaos(w *world, params []MessageParams, results []result, older string) []ending {
	endings := make([]ending, len(params))
	accepted := make([]int, len(params))
	for i, r := range results {
		endings[i] = endingOf(w.t, r.sent, r.err)
		accepted[i] = w.checkPosts(params[i])
	}
	owners := map[string]int{} // the messages that have a command for theirs
	for i, e := range endings {
		if (e == isNotSent || e == isRefused) && accepted[i] > 0 {
			w.t.Errorf("message %d was %s, and yet there is a command: %v", i, e, results[i].err)
		}
		if e != isSent && e != isAdopted {
			continue
		}
		sid := results[i].sent.SID
		if other, isTaken := owners[sid]; isTaken || sid == older {
			w.t.Errorf("message %d has %s, which is older, or that of message %d", i, sid, other)
		}
		owners[sid] = i
		creator := w.owner(sid)
		if creator == strconv.Itoa(i) {
			continue
		}
		// Only messages that were lost share out what they have created.
		other, err := strconv.Atoi(creator)
		if err != nil || e == isSent || endings[other] != isAdopted && endings[other] != isUnknown || !params[i].isEqual(params[other]) || !params[i].mayShareSIM(params[other]) {
			w.t.Errorf("message %d was %s, and has the command of message %s", i, e, creator)
		}
	}
	return endings
}

// checkPosts checks rule R1 for a message, and returns how many of its POSTs were
// accepted: at most one, and after anything but a 429 there is no other.
func (w *world) checkPosts(p MessageParams) (accepted int) {
	var statuses []int
	for _, r := range w.sim.Requests() {
		if r.Method != http.MethodPost || r.Form.Get("CallbackUrl") != p.CallbackURL {
			continue
		}
		if n := len(statuses); n > 0 && statuses[n-1] != http.StatusTooManyRequests {
			w.t.Errorf("%s was sent again after %v", p.CallbackURL, statuses)
		}
		statuses = append(statuses, r.Status)
		if r.Accepted {
			accepted++
		}
	}
	if accepted > 1 {
		w.t.Errorf("%s was accepted %d times", p.CallbackURL, accepted)
	}
	return accepted
}

// randomPostFault is a fault that a POST may meet: refused, lost before or after it
// was accepted, responded to unreadably, or slowed down, also for longer than the
// client waits, so that the command is created when nobody waits any more.
func randomPostFault(r *rand.Rand) twiliosim.Fault {
	f := pick(r,
		twiliosim.TooManyRequests(pick(r, "", "1", "20", "300"), 0),
		twiliosim.ServerError(400, 0),
		maybe(r, twiliosim.ServerError(408, 0)),
		maybe(r, twiliosim.ServerError(500, 0)),
		maybe(r, twiliosim.HTMLBadGateway(0)),
		maybe(r, twiliosim.Fault{Status: 302, Header: http.Header{"Location": {"/v1/IpCommands"}}}),
		maybe(r, twiliosim.Fault{Drop: true}),
		maybe(r, twiliosim.Fault{Stall: true}),
		twiliosim.Fault{TruncateBody: 1 + r.IntN(300), Stall: r.IntN(2) == 0},
		twiliosim.Fault{Accept: true, Status: 201, Body: []byte("<p>OPEN-VALVE")},
		twiliosim.Fault{},
	)
	late := seconds(r, 45)
	switch r.IntN(4) {
	case 0:
		f.Delay = func() { time.Sleep(late) }
	case 1:
		f.Then = func() { time.Sleep(late) }
	}
	f.Skip, f.Times = r.IntN(3), 1+r.IntN(3)
	return f
}

// maybe accepts what the fault spoils, or not.
func maybe(r *rand.Rand, f twiliosim.Fault) twiliosim.Fault {
	f.Accept = r.IntN(2) == 0
	return f
}

// randomGetFault is a fault that a look may meet, a list that does not show what
// there is among them.
func randomGetFault(r *rand.Rand) twiliosim.Fault {
	f := pick(r,
		twiliosim.TooManyRequests(pick(r, "", "5", "100"), 0),
		twiliosim.ServerError(pick(r, 404, 500), 0),
		twiliosim.LostRequest(0),
		twiliosim.Stalled(false, 0),
		twiliosim.Fault{TruncateBody: 1 + r.IntN(100)},
		twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)},
		twiliosim.Fault{Header: http.Header{"Date": {"never"}}},
		twiliosim.Fault{Then: func() { time.Sleep(12 * time.Second) }},
	)
	f.Skip, f.Times = r.IntN(2), 1+r.IntN(4)
	return f
}
