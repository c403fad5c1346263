package twilio

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestReader_R11_whole gives the answers only of a list that was read back to the
// message: the oldest may be behind.
func TestReader_R11_whole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var waiters []*waiter
	for range 2 {
		message := w.sendAndWait()
		waiter := must(w.client.IPCommands.replyWaiter(Recorded(MessageParams{}, message), port))
		w.client.IPCommands.fromSIM.join(waiter)
		waiters = append(waiters, waiter)
	}
	w.from(time.Second, "the oldest", nil)
	for range 300 {
		w.from(2*time.Second, "a newer one", nil)
	}
	w.clock.Advance(time.Minute)
	_, _, _, mine := w.client.IPCommands.fromSIM.turn(waiters[0], epoch)
	shown, err := w.client.IPCommands.readNewest(t.Context(), w.client.IPCommands.fromSIM, mine, time.Time{})
	if err != nil || len(shown.unread) != 2 {
		t.Errorf("read far enough for all but %d, %v", len(shown.unread), err)
	}
	w.client.IPCommands.fromSIM.end(mine, shown)
	if _, isShown, other, again := w.client.IPCommands.fromSIM.turn(waiters[0], epoch); isShown || other != nil || again != nil {
		t.Error("it does not ask for itself")
	}
	if n := w.sim.Count(http.MethodGet, ipCommandsPath); n > 6 {
		t.Errorf("%d reads", n)
	}
}

// TestReader_R11_alone has one ask for itself: a list that was read back to the
// messages of others only does not serve it, since its oldest answer may be behind.
func TestReader_R11_alone(t *testing.T) {
	t.Parallel()
	r := newReader(DirectionFromSIM)
	waiters := []*waiter{{all: true, alone: 1}, {all: true}, {all: true}}
	for _, w := range waiters {
		r.join(w)
	}
	_, _, _, mine := r.turn(waiters[1], epoch)
	shown := rows{of: map[*waiter][]IPCommand{waiters[0]: {{SID: "HG2"}}}}
	r.end(mine, shown)
	for i, w := range waiters {
		if w.isShown != (i > 0) {
			t.Errorf("%d is served: %t", i, w.isShown)
		}
	}
}

// TestReader_R11_old has one wait for the answer to an old message, beside many to
// new ones, while other devices send much: only the one needs what is old, and asks
// for itself.
func TestReader_R11_old(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		message := w.sendAndWait()
		old := message
		old.DateCreated = ptr(Timestamp(time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)))
		for i := range 3600 {
			w.from(-time.Duration(3600-i)*time.Second, "ok", func(c *twiliosim.IPCommand) { c.SIMSID = w2 })
		}
		var all sync.WaitGroup
		wait := func(message IPCommand) {
			all.Go(func() {
				if _, err := w.client.waitForReply(w.t.Context(), message, port, time.Now().Add(30*time.Second)); !errors.Is(err, ErrWaitTimeout) {
					w.t.Error(err)
				}
			})
		}
		for range 20 {
			wait(message)
		}
		wait(old)
		before := w.gets()
		all.Wait()
		if n := w.gets() - before; n > 50 { // Either costs some 19.
			w.t.Errorf("%d reads", n)
		}
	})
}
