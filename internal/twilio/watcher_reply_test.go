package twilio

import (
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestWatcher_R11_whole gives the answers only of a list that was read back to the
// message: the oldest may be behind.
func TestWatcher_R11_whole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		w.waitingForReply(w.sendAndWait(), nil)
	}
	w.from(time.Second, "the oldest", nil)
	for range 300 {
		w.from(2*time.Second, "a newer one", nil)
	}
	w.clock.Advance(time.Minute)
	s := w.client.IPCommands.fromSIM
	waits := s.waits
	news, unread, err := s.read(t.Context(), waits, nil)
	if err != nil || len(unread) != 2 {
		t.Errorf("read far enough for all but %d, %v", len(unread), err)
	}
	s.end(epoch, waits, news, unread, nil)
	for _, wait := range waits {
		if wait.isOver || wait.alone != 1 {
			t.Error("it does not ask for itself")
		}
	}
	if n := w.sim.Count(http.MethodGet, ipCommandsPath); n > 6 {
		t.Errorf("%d reads", n)
	}
}

// waitingForReply has the message wait for a reply, without a goroutine.
func (w *world) waitingForReply(message IPCommand, done func(IPCommand, error)) {
	s := w.client.IPCommands.fromSIM
	s.isRunning = true
	w.client.IPCommands.WatchForReply(w.t.Context(), Recorded(MessageParams{}, message), port, w.clock.Now().Add(time.Hour), done)
}

// TestWatcher_R11_alone has one ask for itself: a list that was read back to the
// messages of others only does not serve it, since its oldest reply may be behind.
func TestWatcher_R11_alone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.client.IPCommands.fromSIM
	message := w.sendAndWait()
	for range 3 {
		w.waitingForReply(message, nil)
	}
	alone := s.waits[0]
	alone.alone = 1
	waits, _ := s.forList(epoch)
	if len(waits) != 2 || slices.Contains(waits, alone) {
		t.Fatalf("a list is for %d", len(waits))
	}
	s.end(epoch, waits, map[*wait][]IPCommand{waits[0]: {found("HG2", time.Second)}}, nil, nil)
	if !waits[0].isOver || waits[0].err != nil || waits[1].isOver || waits[1].alone > 0 || alone.isOver || alone.alone != 1 {
		t.Error("not only those are served that the list is for")
	}
}

// TestWatcher_R11_old has one wait for the answer to an old message, beside many to
// new ones, while other devices send much: only the one needs what is old, and asks
// for itself.
func TestWatcher_R11_old(t *testing.T) {
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
