package twilio

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// fleetWait is what it took to wait for the messages of a fleet.
type fleetWait struct {
	reads, lists int
	// late is how long after each message had left this was seen, sorted.
	late []time.Duration
	errs []error
}

// waitForFleet sends messages, so many at a time, and waits for each to leave, to
// which late counts from fleetDelay after it was taken.
func (w *world) waitForFleet(messages, parallel int) fleetWait {
	w.t.Helper()
	var got fleetWait
	var mu sync.Mutex
	var next atomic.Int64
	var senders sync.WaitGroup
	for range parallel {
		senders.Go(func() {
			for i := next.Add(1); i <= int64(messages); i = next.Add(1) {
				m := w.message()
				m.Payload = fmt.Sprint("message ", i)
				sent, err := w.client.send(w.t.Context(), m, time.Now().Add(time.Minute))
				if err != nil {
					w.t.Error(err)
					return
				}
				taken := time.Now()
				cmd, err := w.client.waitUntilSent(w.t.Context(), sent, taken.Add(time.Minute))
				if err == nil && (cmd.SID != sent.SID || *cmd.Status != StatusSent) {
					err = fmt.Errorf("%s has the status %s, and %s was sent", cmd.SID, *cmd.Status, sent.SID)
				}
				mu.Lock()
				got.errs = append(got.errs, err)
				got.late = append(got.late, time.Since(taken)-fleetDelay)
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	slices.Sort(got.late)
	got.reads = w.gets()
	for _, r := range w.sim.Requests() {
		if r.Method == http.MethodGet && r.Path == ipCommandsPath {
			got.lists++
		}
	}
	if err := errors.Join(got.errs...); err != nil {
		w.t.Error(err)
	}
	return got
}

// fleetDelay is how long a message of a fleet is queued.
const fleetDelay = 2 * time.Second

// slowFleet has the API take 50 ms for each POST, and each message two seconds
// to leave.
func slowFleet(cfg *worldConfig) {
	cfg.sim.SendDelay = fleetDelay
}

func (w *world) takesTime() {
	w.onPost(twiliosim.Fault{Delay: func() { time.Sleep(50 * time.Millisecond) }})
}

// TestWatcher_R4 has all that wait share what they read: it costs next to no
// requests, and the end of a wait is seen soon.
func TestWatcher_R4(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*worldConfig)
		most   int // reads
	}{
		"Twilio":                   {func(*worldConfig) {}, 100},
		"KORE":                     {func(cfg *worldConfig) { atKORE(cfg); cfg.Rand = rand.Float64 }, 300},
		"the API's clock is ahead": {func(cfg *worldConfig) { cfg.serverAhead = time.Hour }, 100},
		"the API's clock is late":  {func(cfg *worldConfig) { cfg.serverAhead = -time.Hour }, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.takesTime()
				// What others send is between ours.
				for range 500 {
					w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: "another's", PayloadType: PayloadText, DevicePort: 1})
				}
				got := w.waitForFleet(1000, 100)
				t.Logf("%d reads, %d of them lists, seen after %s in the median and %s at most", got.reads, got.lists, got.late[500], got.late[999])
				if got.reads > test.most {
					w.t.Errorf("%d reads for 1,000 messages, want %d at most", got.reads, test.most)
				}
				if strings.Contains(w.log.String(), "could not be read") {
					w.t.Error("an honest list is not trusted")
				}
				if got.late[500] > 500*time.Millisecond || got.late[999] > 2*time.Second {
					w.t.Errorf("seen after %s in the median, and %s at most", got.late[500], got.late[999])
				}
			}, slowFleet, test.change)
		})
	}
}

// TestWatcher_R4_stopped has one be interrupted while a list is read for all: it ends at
// once, and the others go on.
func TestWatcher_R4_stopped(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onList(twiliosim.Stalled(false, 1))
		ctx, cancel := context.WithCancel(w.t.Context())
		defer cancel()
		contexts := []context.Context{ctx, w.t.Context(), w.t.Context()}
		time.AfterFunc(1500*time.Millisecond, cancel)
		var all sync.WaitGroup
		for i := range 3 {
			m := w.message()
			m.Payload = fmt.Sprint("message ", i)
			sent, err := w.client.send(w.t.Context(), m, time.Time{})
			if err != nil {
				w.t.Fatal(err)
			}
			all.Go(func() {
				// The list is read when the second is due, since the first began alone.
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				cmd, err := w.client.waitUntilSent(contexts[i], sent, time.Now().Add(time.Minute))
				if stopped := errors.Is(err, context.Canceled); stopped != (i == 0) || !stopped && (err != nil || *cmd.Status != StatusSent) {
					w.t.Errorf("%d: %v", i, err)
				}
			})
		}
		all.Wait()
		w.wantRequests(3, 3) // The list stalls, so the others are asked for by SID.
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Second })
}

// waitFor waits for the command with this SID.
func waitFor(sid string) *wait {
	return &wait{key: sid, wants: func(IPCommand) bool { return true }, since: epoch, deadline: epoch.Add(time.Hour), see: func([]IPCommand) bool { return false }}
}

// waiting has these wait, without a goroutine.
func (w *world) waiting(s *watcher, waits ...*wait) *watcher {
	s.waits = waits
	for _, one := range waits {
		one.began = w.clock.Now()
		s.plan(one, one.began)
	}
	return s
}

// TestWatcher_R4_hidden has lists show a command and not show it: who was not shown is
// asked for alone, twice as often after each such list, until it is shown again.
func TestWatcher_R4_hidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two, late := waitFor("HG1"), waitFor("HG2"), waitFor("HG3")
	s := w.waiting(w.client.IPCommands.toSIM, one, two)
	shown := map[*wait][]IPCommand{one: {{SID: "HG1", Status: ptr(StatusSent)}}}
	for _, times := range []int{1, 2, 4} {
		waits, _ := s.forList(epoch)
		s.waits = []*wait{one, two, late} // It was not there when the list was asked for.
		if len(waits) != 2 && times == 1 {
			t.Errorf("a list is for %d", len(waits))
		}
		s.end(epoch, slices.DeleteFunc(waits, func(w *wait) bool { return w == late }), shown, nil, nil)
		if one.alone != 0 || two.alone != times || late.alone != 0 {
			t.Errorf("asked for alone %d, %d and %d times", one.alone, two.alone, late.alone)
		}
		if waits, _ := s.forList(epoch); slices.Contains(waits, two) {
			t.Error("the second is served although it is to ask")
		}
		two.alone = 0
	}
	shown[two] = []IPCommand{{SID: "HG2", Status: ptr(StatusSent)}}
	s.end(epoch, []*wait{one, two}, shown, nil, nil)
	if two.alone != 0 || two.misses != 0 {
		t.Error("the second, shown again, is to ask")
	}
}

// TestWatcher_R4_bounds has lists that would cost more than they gain.
func TestWatcher_R4_bounds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		age      time.Duration // of all else that there is
		fault    twiliosim.Fault
		requests int
		whole    bool
		text     string
	}{
		{name: "many that are newer", age: -time.Minute, requests: 2},
		{name: "many that are older", age: time.Minute, requests: 1, whole: true},
		{name: "down", fault: twiliosim.ServerError(503, 0), requests: 2, text: "HTTP 503"},
		{name: "refused for longer than there is time", fault: twiliosim.TooManyRequests("60", 0), requests: 1, text: "HTTP 429"},
		{name: "repeats a payload", fault: twiliosim.Fault{Status: 400, Body: []byte(`{"code":20001,"message":"you asked for ` + textPayload + `"}`)}, requests: 1, text: "HTTP 400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for range 500 {
				w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: "another's", PayloadType: PayloadText, DevicePort: 1, DateCreated: epoch.Add(-test.age)})
			}
			one, two := waitFor("HG1"), waitFor("HG2")
			one.hidden = w.message().hidden()
			w.onList(test.fault)
			s := w.waiting(w.client.IPCommands.toSIM, one, two)
			one.until = epoch.Add(30 * time.Second)
			two.until = one.until
			news, unread, err := s.read(t.Context(), s.waits, nil)
			if len(news) > 0 || (len(unread) == 0) != test.whole || (err != nil) != (test.text != "") {
				t.Errorf("%v, %v, %v", news, unread, err)
			}
			if err != nil {
				wantText(t, err, test.text)
				if strings.Contains(err.Error(), "OPEN-VALVE") {
					t.Error(err)
				}
			}
			w.wantRequests(0, test.requests)
		})
	}
}

// TestWatcher_R4_longAgo has one be waited for that was sent long ago, and is asked
// for rarely: one that is sent now is seen soon.
func TestWatcher_R4_longAgo(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		never := w.sim.AddSIM(twiliosim.SIM{NeverSends: true})
		m := w.message()
		m.SIM = never.SID
		old := must(w.client.send(w.t.Context(), m, time.Time{}))
		ended := make(chan error, 1)
		w.client.IPCommands.WatchUntilSent(w.t.Context(), old, time.Now().Add(time.Minute), func(err error) { ended <- err })
		time.Sleep(29 * time.Second)
		sent := must(w.send())
		began := time.Now()
		if _, err := w.client.waitUntilSent(w.t.Context(), sent, began.Add(time.Minute)); err != nil || time.Since(began) > time.Second {
			w.t.Errorf("after %s: %v", time.Since(began), err)
		}
		if err := <-ended; !errors.Is(err, ErrWaitTimeout) {
			w.t.Error(err)
		}
	})
}

// TestWatcher_R4_order has a list begin with what is too old: the API does not promise
// its order, and what is waited for follows.
func TestWatcher_R4_order(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.waiting(w.client.IPCommands.toSIM, waitFor(hg(1)), waitFor(hg(2)))
	row := `{"sid":%q,"status":"sent","date_created":"2026-03-01T%s:00:00Z"}`
	w.onList(twiliosim.Fault{Status: 200, Body: fmt.Appendf(nil, `{"ip_commands":[`+row+`,`+row+`],"meta":{"next_page_url":null}}`, hg(9), "11", hg(1), "13")})
	if news, _, err := s.read(t.Context(), s.waits, nil); err != nil || len(news[s.waits[0]]) != 1 {
		t.Errorf("%v, %v", news, err)
	}
}

// TestWatcher_R4_secrets has the list answer with what was sent: it is shown to
// nobody.
func TestWatcher_R4_secrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.onGet(twiliosim.Fault{Status: 400, Body: []byte(`{"message":"you asked for ` + textPayload + `"}`)})
	_, err = w.client.waitUntilSent(t.Context(), sent, w.clock.Now().Add(time.Minute))
	if err == nil || strings.Contains(err.Error(), "OPEN-VALVE") {
		t.Error(err)
	}
	err = w.client.IPCommands.Refresh(t.Context(), sent)
	if err == nil || strings.Contains(err.Error(), "OPEN-VALVE") {
		t.Error(err)
	}
	if IsNotFound(err) {
		t.Error(err)
	}
}

// onList injects a fault into lists of IP Commands.
func (w *world) onList(f twiliosim.Fault) {
	f.Match = func(method, path string, _, _ url.Values) bool {
		return method == http.MethodGet && path == ipCommandsPath
	}
	w.sim.Inject(f)
}
