package twilio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// liar changes the status in lists, as they come from the API.
type liar struct {
	next http.RoundTripper
	from *regexp.Regexp
	to   string
}

// RoundTrip implements http.RoundTripper.
func (l *liar) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || r.URL.Path != ipCommandsPath {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	body = l.from.ReplaceAll(body, []byte(l.to))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, nil
}

var anyStatus = regexp.MustCompile(`"status": ?"\w+"`)

// stale has every list say "queued" for ever, forgery has it say "failed".
func stale(cfg *worldConfig)   { lie(cfg, `"status":"queued"`) }
func forgery(cfg *worldConfig) { lie(cfg, `"status":"failed"`) }
func silent(cfg *worldConfig)  { lie(cfg, `"status":null`) }

func lie(cfg *worldConfig, status string) {
	cfg.wrap = func(next http.RoundTripper) http.RoundTripper { return &liar{next, anyStatus, status} }
}

func stalled(w *world) { w.onList(twiliosim.Stalled(false, 0)) }

// TestWatcher_R4_judge has lists that never come, or that do not tell the truth,
// while some messages fail, and one stays queued: by SID the API tells the truth,
// and all learn it soon.
func TestWatcher_R4_judge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*worldConfig)
		fault  func(*world)
		// late is how late the truth may come, and reads is how many more reads
		// than one for each message it may cost.
		late  time.Duration
		reads int
	}{
		"lists stall":     {func(*worldConfig) {}, stalled, listTimeout, 10},
		"the body stalls": {func(*worldConfig) {}, func(w *world) { w.onList(twiliosim.Fault{Stall: true, TruncateBody: 20}) }, listTimeout, 10},
		"lists are stale": {stale, func(*world) {}, 5 * time.Second, 10},
		"lists have none": {silent, func(*world) {}, 2 * time.Second, 10},
	} {
		for _, messages := range []int{2, 3, 20} {
			t.Run(fmt.Sprint(name, ", ", messages), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(w *world) {
					test.fault(w)
					lost := w.sim.AddSIM(twiliosim.SIM{Detached: true})
					var all sync.WaitGroup
					for i := range messages {
						all.Go(func() {
							m := w.message()
							m.SIM, m.Payload = lost.SID, fmt.Sprint("message ", i)
							sent, err := w.client.send(w.t.Context(), m, time.Time{})
							if err != nil {
								w.t.Error(err)
								return
							}
							taken := time.Now()
							cmd, err := w.client.waitUntilSent(w.t.Context(), sent, taken.Add(time.Minute))
							if err != nil || !cmd.IsFailed() {
								w.t.Errorf("%s, %v", *cmd.Status, err)
							}
							if late := time.Since(taken) - fleetDelay; late > test.late {
								w.t.Errorf("seen %s late", late)
							}
						})
					}
					all.Wait()
					t.Logf("%d reads for %d messages", w.gets(), messages)
					if most := 3*messages + test.reads; w.gets() > most {
						w.t.Errorf("%d reads for %d messages, want %d at most", w.gets(), messages, most)
					}
				}, slowFleet, test.change)
			})
		}
	}
}

// TestWatcher_R4_stale has a fleet wait with lists that are stale: after a few,
// nobody reads another one for the rest of the process.
func TestWatcher_R4_stale(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.takesTime()
		got := w.waitForFleet(1000, 100)
		t.Logf("%d reads, %d of them lists, seen after %s in the median and %s at most", got.reads, got.lists, got.late[500], got.late[999])
		if got.lists > 10 || got.reads > 3500 {
			w.t.Errorf("%d reads, %d of them lists", got.reads, got.lists)
		}
		if got.late[999] > 3*time.Second {
			w.t.Errorf("seen after %s", got.late[999])
		}
		if n := strings.Count(w.log.String(), errStale.Error()); n != 1 {
			w.t.Errorf("a list was found to be stale %d times", n)
		}
	}, slowFleet, stale)
}

// TestWatcher_R4_forged has lists say of all messages that they failed, which none
// has: nobody believes it without having asked by SID.
func TestWatcher_R4_forged(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.takesTime()
		got := w.waitForFleet(50, 25) // All were sent, or it says so.
		if got.lists == 0 || got.reads-got.lists > 4*50 {
			w.t.Errorf("%d reads, %d of them lists", got.reads, got.lists)
		}
	}, slowFleet, forgery)
}

// TestWatcher_R4_contradicted has a list show as queued what had left: only what had
// left a moment before the list was asked for contradicts it. What leaves while a
// list is on its way, or in the pacer's queue, speaks against no list.
func TestWatcher_R4_contradicted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		// left is how long before the list is asked for the API told of it by SID.
		left   time.Duration
		status *string
		stale  bool
	}{
		"long before":          {time.Minute, ptr(StatusQueued), true},
		"a moment before":      {listLag, ptr(StatusQueued), true},
		"less than that":       {listLag - 1, ptr(StatusQueued), false},
		"while it is read":     {-time.Second, ptr(StatusQueued), false},
		"it shows the truth":   {time.Minute, ptr(StatusSent), false},
		"it shows no status":   {time.Minute, nil, false},
		"it is about another":  {-1, ptr(StatusQueued), false},
		"it shows a new state": {time.Minute, ptr("expired"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := w.waiting(w.client.IPCommands.toSIM, waitFor(hg(1)), waitFor(hg(2)), waitFor(hg(3)))
			if test.left != -1 {
				s.left[hg(9)] = w.clock.Now().Add(-test.left)
			}
			rows := fmt.Sprintf(`{"sid":%q,"status":%s}`, hg(9), asJSON(t, test.status))
			for i := 1; i <= 3; i++ {
				rows += fmt.Sprintf(`,{"sid":%q,"status":"queued"}`, hg(i))
			}
			w.onList(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[` + rows + `],"meta":{"next_page_url":null}}`)})
			waits, left := s.forList(w.clock.Now())
			if len(left)+len(s.left) > 1 {
				t.Error("what one list is held against, the next one is, too")
			}
			news, unread, err := s.read(t.Context(), waits, left)
			if isStale := err != nil; isStale != test.stale || isStale && len(news) > 0 {
				t.Errorf("%v, %v", news, err)
			}
			s.end(epoch, waits, news, unread, err)
			for _, wait := range s.waits {
				wait.alone = 0 // Who asked once would be served again.
			}
			if later := w.clock.Now().Add(24 * time.Hour); s.isShared(later) == test.stale {
				t.Errorf("a day later, lists are trusted: %t", !test.stale)
			}
		})
	}
}

// TestWatcher_R4_checks has each list checked by one of those that it shows as
// queued, in turn, and by none that has left. Who has checked one is served by the
// next again.
func TestWatcher_R4_checks(t *testing.T) {
	t.Parallel()
	for _, queued := range []int{1, 3} {
		t.Run(fmt.Sprint(queued, " queued"), func(t *testing.T) {
			t.Parallel()
			const rounds = 6
			w := newWorld(t)
			left := waitFor("HG9")
			waits := []*wait{left}
			shown := map[*wait][]IPCommand{left: {{Status: ptr(StatusSent)}}}
			for range queued {
				waits = append(waits, waitFor("HG1"))
				shown[waits[len(waits)-1]] = []IPCommand{{Status: ptr(StatusQueued)}}
			}
			s := w.waiting(w.client.IPCommands.toSIM, slices.Clone(waits)...)
			for range rounds {
				s.end(epoch, slices.Clone(waits), shown, nil, nil)
				asking := 0
				for _, wait := range waits {
					asking += wait.alone
					wait.alone = 0
				}
				if asking != 1 {
					t.Errorf("%d ask by SID", asking)
				}
			}
			for _, wait := range waits[1:] {
				if wait.checks != rounds/queued {
					t.Errorf("one has checked %d lists of %d", wait.checks, rounds)
				}
			}
			if left.checks != 0 {
				t.Error("one that had left has checked a list")
			}
		})
	}
}

// TestWatcher_R4_neverSent has a fleet wait for messages that stay queued: nobody
// asks for each of them, also not at the end.
func TestWatcher_R4_neverSent(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		sent, err := w.send()
		if err != nil {
			w.t.Fatal(err)
		}
		ends := time.Now().Add(time.Minute)
		var all sync.WaitGroup
		for i := range 300 {
			other := Recorded(sent.Params, sent.IPCommand)
			other.SID = w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Status: StatusQueued}).SID
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if cmd, err := w.client.waitUntilSent(w.t.Context(), other, ends); !errors.Is(err, ErrWaitTimeout) || !cmd.IsQueued() {
					w.t.Error(err)
				}
			})
		}
		all.Wait()
		t.Logf("%d reads", w.gets())
		if w.gets() > 60 { // Some 25 lists, and as many checks.
			w.t.Errorf("%d reads for 300 messages", w.gets())
		}
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Hour })
}

// TestWaitUntilSent_R4_null has the API leave out what it told before, by SID and in
// a list: what is known stays.
func TestWaitUntilSent_R4_null(t *testing.T) {
	t.Parallel()
	for name, many := range map[string]int{"by SID": 1, "in a list": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				var all sync.WaitGroup
				for range many {
					sent, err := w.send()
					if err != nil {
						w.t.Fatal(err)
					}
					all.Go(func() {
						cmd, err := w.client.waitUntilSent(w.t.Context(), sent, time.Now().Add(time.Minute))
						if err != nil || *cmd.Status != StatusSent || *cmd.DeviceIP != "10.0.0.1" {
							w.t.Errorf("%s, %v", asJSON(t, cmd), err)
						}
						cmd.Status, cmd.DeviceIP = sent.Status, sent.DeviceIP
						if got, want := asJSON(t, cmd), asJSON(t, sent.IPCommand); got != want {
							w.t.Errorf("%s, want %s", got, want)
						}
					})
				}
				var rows []string
				for _, cmd := range w.sim.IPCommands() {
					row := fmt.Sprintf(`{"sid":%q,"status":"sent","device_ip":"10.0.0.1","sim_sid":null,"date_created":null}`, cmd.SID)
					rows = append(rows, row)
					w.sim.Inject(twiliosim.Fault{Status: 200, Body: []byte(row)}.On(http.MethodGet, ipCommandsPath+"/"+cmd.SID))
				}
				w.onList(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[` + strings.Join(rows, ",") + `],"meta":{"next_page_url":null}}`)})
				all.Wait()
			})
		})
	}
}
