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

// TestReader_R4 has all that wait share what they read: it costs next to no
// requests, and the end of a wait is seen soon.
func TestReader_R4(t *testing.T) {
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

// TestReader_R4_stopped has the one that reads for all be interrupted, or out of
// time: the others go on.
func TestReader_R4_stopped(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onList(twiliosim.Stalled(false, 1))
		ctx, cancel := context.WithCancel(w.t.Context())
		defer cancel()
		contexts := []context.Context{w.t.Context(), ctx, w.t.Context()}
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
				// The second is the one that reads, since the first began alone.
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				cmd, err := w.client.waitUntilSent(contexts[i], sent, time.Now().Add(time.Minute))
				if stopped := errors.Is(err, context.Canceled); stopped != (i == 1) || !stopped && (err != nil || *cmd.Status != StatusSent) {
					w.t.Errorf("%d: %v", i, err)
				}
			})
		}
		all.Wait()
		w.wantRequests(3, 2) // One list for each reader.
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Second })
}

// waiterFor waits for the command with this SID.
func waiterFor(sid string) *waiter {
	return &waiter{wants: func(cmd IPCommand) bool { return cmd.SID == sid }, since: epoch}
}

// TestReader_R4_hidden has lists show a command and not show it: who was not
// shown, though it waited when the list was asked for, asks for itself, twice as
// often after each such list, until it is shown again.
func TestReader_R4_hidden(t *testing.T) {
	t.Parallel()
	r := newReader(DirectionToSIM)
	one, two, three := waiterFor("HG1"), waiterFor("HG2"), waiterFor("HG3")
	r.join(one)
	r.join(two)
	_, _, _, mine := r.turn(two, epoch)
	r.join(three)
	if mine == nil {
		t.Fatal("nobody reads")
	}
	if _, _, other, _ := r.turn(three, epoch); other != mine {
		t.Error("the third does not wait for the second")
	}
	shown := func(w *waiter, sid string) rows {
		return rows{of: map[*waiter][]IPCommand{w: {{SID: sid, Status: ptr(StatusSent)}}}}
	}
	for _, times := range []int{1, 2, 4} {
		r.end(mine, shown(one, "HG1"))
		for i := range times {
			if _, isShown, other, again := r.turn(two, epoch); isShown || other != nil || again != nil {
				t.Errorf("the second does not ask for itself the %d. time of %d", i+1, times)
			}
		}
		_, _, _, mine = r.turn(two, epoch)
	}
	r.end(mine, shown(two, "HG2"))
	if news, isShown, _, _ := r.turn(two, epoch); !isShown || news[0].SID != "HG2" {
		t.Error(news)
	}
	if news, isShown, _, _ := r.turn(two, epoch); isShown {
		t.Errorf("%v twice", news)
	}
}

// TestReader_R4_bounds has lists that would cost more than they gain.
func TestReader_R4_bounds(t *testing.T) {
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
		{name: "repeats a payload", fault: twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":"https://x/` + textPayload + `"}}`)}, requests: 2, text: "next page"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for range 500 {
				w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: "another's", PayloadType: PayloadText, DevicePort: 1, DateCreated: epoch.Add(-test.age)})
			}
			var waiters []*waiter
			for _, sid := range []string{"HG1", "HG2"} {
				waiter := waiterFor(sid)
				waiter.hidden = w.message().hidden()
				waiters = append(waiters, waiter)
			}
			w.onList(test.fault)
			rows, err := w.client.IPCommands.readNewest(t.Context(), w.client.IPCommands.toSIM, &reading{waiters: waiters}, epoch.Add(30*time.Second))
			if len(rows.of) > 0 || (len(rows.unread) == 0) != test.whole || (err != nil) != (test.text != "") {
				t.Errorf("%v, %v", rows, err)
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

// TestReader_R4_secrets has the list answer with what was sent: it is shown to
// nobody.
func TestReader_R4_secrets(t *testing.T) {
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
