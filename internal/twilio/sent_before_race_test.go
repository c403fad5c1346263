package twilio

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestFindSent_R10_equal has equal messages look: each finds another command,
// the newest first, and those for which there is none are to be sent.
func TestFindSent_R10_equal(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		older, newer := w.before(2*time.Minute, nil), w.before(time.Minute, nil)
		got := make(map[string]int)
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				sent, _, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, time.Time{})
				if err != nil {
					w.t.Error(err)
				}
				mu.Lock()
				got[sent.SID]++
				mu.Unlock()
			})
		}
		all.Wait()
		if got[older] != 1 || got[newer] != 1 || got[""] != 3 {
			w.t.Errorf("found %v", got)
		}
	})
}

// TestFindSent_R10_owned passes over equal messages that others of the process have
// found, but no other message, whether they have sent it to the port or found it
// there: the device has had this last.
func TestFindSent_R10_owned(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	older := w.before(2*time.Minute, nil)
	newer := w.before(time.Minute, nil)
	for _, want := range []string{newer, older, ""} {
		if sent, _, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{}); err != nil || sent.SID != want {
			t.Errorf("found %q, want %q, %v", sent.SID, want, err)
		}
	}
	other := w.message()
	other.Payload = "CLOSE"
	for _, takes := range []func() bool{
		func() bool {
			w.before(0, func(c *twiliosim.IPCommand) { c.Payload = other.Payload })
			_, found, err := w.client.findSent(t.Context(), other, time.Hour, time.Time{})
			return found && err == nil
		},
		func() bool {
			_, err := w.client.send(t.Context(), other, time.Time{})
			return err == nil
		},
	} {
		w.before(0, nil)
		if !takes() {
			t.Fatal("the other message is not taken")
		}
		if sent, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{}); err != nil || found {
			t.Errorf("found %q, %v", sent.SID, err)
		}
	}
	// Two that see it at once.
	r := newRegistry()
	seen := w.command("HG1", 0)
	first, _ := r.take(seen, unsent(w.message()), clockWithin(0))
	if second, _ := r.take(seen, unsent(w.message()), clockWithin(0)); first != taken || second != passedOver {
		t.Errorf("%d, %d", first, second)
	}
}

// TestFindSent_R10_inFlight has an equal message whose POST is in flight: its
// command is its own, even if the list shows it before the answer comes.
func TestFindSent_R10_inFlight(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onPost(twiliosim.Fault{Then: func() { time.Sleep(10 * time.Second) }})
		first := make(chan *Message, 1)
		send := func() {
			sent, err := w.send()
			if err != nil {
				w.t.Error(err)
			}
			first <- sent
		}
		go send()
		time.Sleep(time.Second)
		began := time.Now()
		sent, found, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, time.Time{})
		if found || err != nil || time.Since(began) != 9*time.Second {
			w.t.Errorf("after %s: found %q, %v", time.Since(began), sent.SID, err)
		}
		<-first
		// To another SIM, there is nothing to wait for.
		go send()
		time.Sleep(time.Second)
		m := w.message()
		m.SIM = w.sim.AddSIM(twiliosim.SIM{}).SID
		old := w.before(time.Minute, func(c *twiliosim.IPCommand) { c.SIMSID = m.SIM })
		began = time.Now()
		if sent, found, err := w.client.findSent(w.t.Context(), m, time.Hour, time.Time{}); !found || err != nil || sent.SID != old || time.Since(began) > 0 {
			w.t.Errorf("after %s: found %q, %v", time.Since(began), sent.SID, err)
		}
		<-first
		// Nobody waits beyond the deadline.
		go send()
		time.Sleep(time.Second)
		began = time.Now()
		if _, found, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, began.Add(2*time.Second)); found || !errors.As(err, new(*NotSentError)) || time.Since(began) != 2*time.Second {
			w.t.Errorf("after %s: %t, %v", time.Since(began), found, err)
		}
		<-first
		// Whoever is interrupted does not wait.
		go send()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		if _, found, err := w.client.findSent(ctx, w.message(), time.Hour, time.Time{}); found || !errors.As(err, new(*NotSentError)) || !errors.Is(err, context.DeadlineExceeded) {
			w.t.Errorf("%t, %v", found, err)
		}
		<-first
	})
}

// TestFindSent_R10_lost has an equal message whose answer is lost: as long as it
// is looked for, and once nobody knows, what may be its command is its own.
func TestFindSent_R10_lost(t *testing.T) {
	t.Parallel()
	for _, looks := range []time.Duration{0, 3 * time.Second} { // for the first look
		bubble(t, func(w *world) {
			w.onPost(twiliosim.LostResponse(1))
			w.onGet(twiliosim.Fault{Times: 1, Then: func() { time.Sleep(looks) }})
			first := make(chan error, 1)
			go func() { first <- errOf(w.send()) }()
			time.Sleep(time.Second)
			if sent, found, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, time.Time{}); found || err != nil {
				w.t.Errorf("found %q, %v", sent.SID, err)
			}
			if err := <-first; err != nil {
				w.t.Error(err)
			}
			w.wantCommands(1)
		})
	}
}

// TestFindSent_R10_unseen has an equal message whose answer is lost, and of which
// its own looks show nothing: what may be its command is its own all the same, but
// what is older is not, nor what is another message's by what the caller knows.
func TestFindSent_R10_unseen(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		before := w.before(time.Minute, nil)
		w.onPost(twiliosim.LostResponse(1))
		w.onGet(twiliosim.ServerError(503, 2*len(looks)))
		var unknown *UnknownOutcomeError
		if _, err := w.send(); !errors.As(err, &unknown) || unknown.LookErr == nil {
			w.t.Fatal(err)
		}
		lost := w.sim.IPCommands()[1].SID
		for _, want := range []string{before, ""} {
			if sent, _, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, time.Time{}); err != nil || sent.SID != want {
				w.t.Errorf("found %q, want %q, %v", sent.SID, want, err)
			}
		}
		w.client.giveUp(lost, w.card.SID, w.message(), false)
		if sent, _, err := w.client.findSent(w.t.Context(), w.message(), time.Hour, time.Time{}); err != nil || sent.SID != lost {
			w.t.Errorf("found %q, want %q, %v", sent.SID, lost, err)
		}
		w.wantCommands(2)
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestFindSent_R10_unresolvedElsewhere has a message lost for good to a SIM that is
// named: what an equal one to another SIM, given by its SID, finds is not in doubt.
func TestFindSent_R10_unresolvedElsewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.sim.AddSIM(twiliosim.SIM{UniqueName: "other"})
	sid := w.before(0, nil)
	lost := w.message()
	lost.SIM = other.UniqueName
	w.onPost(twiliosim.Fault{Drop: true, Times: 1, Then: func() {
		for range 2 {
			w.before(0, func(c *twiliosim.IPCommand) { c.SIMSID = other.SID })
		}
	}})
	if err := errOf(w.client.send(t.Context(), lost, time.Time{})); !errors.As(err, new(*UnknownOutcomeError)) {
		t.Fatal(err)
	}
	if got := w.find(w.message()); got != sid {
		t.Errorf("found %q, want %q", got, sid)
	}
}
