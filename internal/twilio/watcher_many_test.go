package twilio

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// rolled is one of many messages that one goroutine waits for, and how that ended.
type rolled struct {
	*Message
	began, ended time.Time
	err          error
}

// watchMany has so many messages be sent to a SIM, one each pause, and be waited for,
// each for so long. It returns them in the order in which the waits ended.
func (w *world) watchMany(ctx context.Context, n int, pause time.Duration, sim twiliosim.SIM, timeout time.Duration) (all []rolled) {
	w.t.Helper()
	before, most := runtime.NumGoroutine(), 0
	ended, counted := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(counted)
		for {
			select {
			case <-ended:
				return
			case <-time.After(10 * time.Millisecond):
				most = max(most, runtime.NumGoroutine()-before)
			}
		}
	}()
	c := make(chan rolled, n)
	for range n {
		cmd := w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: sim.SID, Status: StatusQueued})
		r := rolled{began: time.Now(), Message: Recorded(MessageParams{Payload: textPayload}, IPCommand{
			SID: cmd.SID, Status: ptr(StatusQueued), DateCreated: ptr(Timestamp(cmd.DateCreated.UTC().Format(time.RFC3339))),
		})}
		w.client.IPCommands.WatchUntilSent(ctx, r.Message, r.began.Add(timeout), func(err error) {
			r.ended, r.err = time.Now(), err
			c <- r
		})
		time.Sleep(pause)
	}
	for range n {
		all = append(all, <-c)
	}
	close(ended)
	<-counted
	w.t.Logf("%d reads for %d messages, %d goroutines more", w.gets(), n, most)
	if most > 6*64 { // Of those that ask, their connections, and the simulator.
		w.t.Errorf("%d goroutines wait", most)
	}
	return all
}

// TestWatcher_R4_many has one goroutine wait for ten thousand messages, which leave
// after half a minute, at next to no cost for each.
func TestWatcher_R4_many(t *testing.T) { //nolint:paralleltest // It counts the goroutines of the process.
	bubble(t, func(w *world) {
		const n = 10_000
		for _, r := range w.watchMany(w.t.Context(), n, 200*time.Microsecond, w.card, time.Minute) {
			if took := r.ended.Sub(r.began); r.err != nil || *r.Status != StatusSent || took < 29*time.Second || took > 30*time.Second+lastPoll/2 {
				w.t.Fatalf("after %s: %s, %v", took, *r.Status, r.err)
			}
		}
		if w.gets() > n/10 {
			w.t.Errorf("%d reads", w.gets())
		}
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = 30 * time.Second })
}

// TestWatcher_R4_manyDeadlines has thousands of messages stay queued: the wait for
// each ends soon after its own deadline, and not before, with one last poll for all
// that end at about the same time.
func TestWatcher_R4_manyDeadlines(t *testing.T) { //nolint:paralleltest // It counts the goroutines of the process.
	bubble(t, func(w *world) {
		const n = 3000
		w.sim.AddSIM(twiliosim.SIM{SID: w.card.SID, NeverSends: true})
		for _, r := range w.watchMany(w.t.Context(), n, 2*time.Millisecond, w.card, 15*time.Second) {
			if took := r.ended.Sub(r.began); !errors.Is(r.err, ErrWaitTimeout) || !r.IsQueued() || took < 15*time.Second || took > 15*time.Second+listPause {
				w.t.Fatalf("after %s: %v", took, r.err)
			}
		}
		if w.gets() > n/10 {
			w.t.Errorf("%d reads", w.gets())
		}
	})
}

// TestWatcher_R4_manyFail has hundreds of messages fail, which the API is asked about
// one by one, few at a time.
func TestWatcher_R4_manyFail(t *testing.T) { //nolint:paralleltest // It counts the goroutines of the process.
	bubble(t, func(w *world) {
		const n = 1000
		w.onGet(twiliosim.Fault{Delay: func() { time.Sleep(100 * time.Millisecond) }})
		lost := w.sim.AddSIM(twiliosim.SIM{Detached: true})
		for _, r := range w.watchMany(w.t.Context(), n, 2*time.Millisecond, lost, time.Minute) {
			if took := r.ended.Sub(r.began); r.err != nil || !r.IsFailed() || took > fleetDelay+2*time.Second {
				w.t.Fatalf("after %s: %s, %v", took, *r.Status, r.err)
			}
		}
		if w.gets() > n+n/10 {
			w.t.Errorf("%d reads", w.gets())
		}
		synctest.Wait()
		if s := w.client.IPCommands.toSIM; len(s.left) > 0 || len(s.waits) > 0 || s.isRunning || s.polls > 0 {
			w.t.Errorf("what was waited for is remembered: %+v", s)
		}
	}, slowFleet)
}

// TestWatcher_R4_manyStopped has the apply be interrupted: all waits end at once, and
// nothing is read any more.
func TestWatcher_R4_manyStopped(t *testing.T) { //nolint:paralleltest // It counts the goroutines of the process.
	bubble(t, func(w *world) {
		ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
		defer cancel()
		interrupted := time.Now().Add(20 * time.Second)
		for _, r := range w.watchMany(ctx, 1000, time.Millisecond, w.card, time.Minute) {
			if !errors.Is(r.err, context.DeadlineExceeded) || !r.ended.Equal(interrupted) {
				w.t.Fatalf("after %s: %v", r.ended.Sub(r.began), r.err)
			}
		}
		before := w.gets()
		time.Sleep(time.Minute)
		if w.gets() > before {
			w.t.Error("there are more reads")
		}
		if err := w.client.IPCommands.WaitUntilSent(ctx, Recorded(MessageParams{}, IPCommand{SID: hg(1)}), time.Now().Add(time.Minute)); !errors.Is(err, context.DeadlineExceeded) {
			w.t.Error(err)
		}
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Hour })
}
