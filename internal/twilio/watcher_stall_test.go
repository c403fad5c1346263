package twilio

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestWatcher_R4_queued has many requests wait for their turn, because the API takes
// few at a time: a list that waits among them for longer than it may take is not
// given up, and so nobody but who checks it asks by SID.
func TestWatcher_R4_queued(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		got := w.waitForFleet(100, 100)
		var refused int
		for _, r := range w.sim.Requests() {
			if r.Status == http.StatusTooManyRequests {
				refused++
			}
		}
		t.Logf("%d reads, %d of them lists, %d requests refused, seen after %s at most", got.reads, got.lists, refused, got.late[99])
		if refused == 0 || got.late[99] < 2*listTimeout {
			w.t.Error("no list has waited for longer than it may take")
		}
		if got.reads > 40 || strings.Contains(w.log.String(), "could not be read") {
			w.t.Errorf("%d reads", got.reads)
		}
	}, slowFleet, func(cfg *worldConfig) {
		cfg.sim.Latency, cfg.sim.Limit.InFlight = time.Second, 4
		cfg.Platform = Twilio
		cfg.Platform.MaxIPCommandsPage = 20 // So that the pages queue, too.
	})
}

// TestWatcher_R4_paced has a list, or its second page, wait for longer than it may
// take, because the API asked for that: it is read all the same.
func TestWatcher_R4_paced(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(*world){
		"it was refused": func(w *world) { w.onList(twiliosim.TooManyRequests("10", 1)) },
		"another request was, before the second page": func(w *world) {
			w.onList(twiliosim.Fault{Times: 1, Delay: func() { time.Sleep(2 * time.Second) }})
			w.sim.Inject(twiliosim.TooManyRequests("10", 1).On(http.MethodGet, ipCommandsPath+"/HG9"))
			time.AfterFunc(time.Second, func() { _, _ = w.client.IPCommands.Fetch(w.t.Context(), "HG9") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				for range 70 {
					w.twin(time.Now())
				}
				refuse(w)
				began := time.Now()
				_, unread, err := w.client.IPCommands.toSIM.read(w.t.Context(), []*wait{{key: "HG1"}, {key: "HG2"}}, nil)
				if err != nil || len(unread) > 0 || time.Since(began) < 2*listTimeout {
					w.t.Errorf("after %s: %v", time.Since(began), err)
				}
				time.Sleep(time.Minute) // The other request is to end, too.
			})
		})
	}
}

// TestWatcher_R4_stalls has lists stall, fail or show nothing, for a while or for ever,
// while messages are queued for long: those that wait lose little time, and are asked
// for by SID before they share a list again.
func TestWatcher_R4_stalls(t *testing.T) {
	t.Parallel()
	const delay = 50 * time.Second
	broken := twiliosim.Fault{Status: 200, Body: []byte(`<html>`)}
	empty := twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)}
	for name, test := range map[string]struct {
		fault twiliosim.Fault
		times int
		// lists and reads are how many there are at most, the lists among the reads.
		lists, reads int
	}{
		"one stalls":      {twiliosim.Stalled(false, 0), 1, 8, 200},
		"all stall":       {twiliosim.Stalled(false, 0), 0, 2, 200},
		"one is refused":  {twiliosim.TooManyRequests("1", 0), 2, 30, 80},
		"one is broken":   {broken, 2, 30, 80},
		"all are refused": {twiliosim.ServerError(403, 0), 0, 15, 250},
		"some are empty":  {empty, 3, 30, 250},
		"all are empty":   {empty, 0, 15, 250},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				test.fault.Times = test.times
				w.onList(test.fault)
				got := w.waitForFleet(20, 20)
				late := got.late[19] + fleetDelay - delay
				t.Logf("%d reads, %d of them lists, seen after %s at most", got.reads, got.lists, late)
				if late > lastPoll || got.lists < 2 || got.lists > test.lists || got.reads > test.reads {
					w.t.Errorf("%d reads, %d of them lists, seen after %s", got.reads, got.lists, late)
				}
			}, func(cfg *worldConfig) { cfg.sim.SendDelay = delay })
		})
	}
}

// TestWatcher_R4_stallsTooLong has the time of some be over while a list stalls: they
// do not wait for its end.
func TestWatcher_R4_stallsTooLong(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		stalled(w)
		began, ended := time.Now(), make(chan error, 3)
		for range cap(ended) {
			w.client.IPCommands.WatchUntilSent(w.t.Context(), must(w.send()), began.Add(2*time.Second), func(err error) { ended <- err })
		}
		for range cap(ended) {
			if err := <-ended; !errors.Is(err, ErrWaitTimeout) || time.Since(began) != 2*time.Second {
				w.t.Errorf("after %s: %v", time.Since(began), err)
			}
		}
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Minute })
}

// TestWatcher_R11_stalls has the list for all that wait for replies stall: each finds
// its reply in the list of its SIM.
func TestWatcher_R11_stalls(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		message := w.sendAndWait()
		w.sim.Inject(twiliosim.Fault{Stall: true, Match: func(_, path string, query, _ url.Values) bool {
			return path == ipCommandsPath && query.Get("Sim") == ""
		}})
		began := time.Now()
		time.AfterFunc(2*time.Second, func() {
			for range 3 {
				w.from(0, "ok", nil)
			}
		})
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				if _, err := w.client.waitForReply(w.t.Context(), message, port, began.Add(time.Minute)); err != nil {
					w.t.Error(err)
				}
				if took := time.Since(began); took > 2*time.Second+listTimeout {
					w.t.Errorf("seen after %s", took)
				}
			})
		}
		all.Wait()
	})
}
