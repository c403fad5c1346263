package twilio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
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

// TestReader_R4_judge has lists that never come, or that do not tell the truth,
// while some messages fail, and one stays queued: by SID the API tells the truth,
// and all learn it soon.
func TestReader_R4_judge(t *testing.T) {
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
							sent, err := w.client.Send(w.t.Context(), m, time.Time{})
							if err != nil {
								w.t.Error(err)
								return
							}
							taken := time.Now()
							cmd, err := w.client.WaitUntilSent(w.t.Context(), sent, taken.Add(time.Minute))
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

// TestReader_R4_stale has a fleet wait with lists that are stale: after a few,
// nobody reads another one for the rest of the process.
func TestReader_R4_stale(t *testing.T) {
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

// TestReader_R4_forged has lists say of all messages that they failed, which none
// has: nobody believes it without having asked by SID.
func TestReader_R4_forged(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.takesTime()
		got := w.waitForFleet(50, 25) // All were sent, or it says so.
		if got.lists == 0 || got.reads-got.lists > 4*50 {
			w.t.Errorf("%d reads, %d of them lists", got.reads, got.lists)
		}
	}, slowFleet, forgery)
}

// TestReader_R4_contradicted has a list show as queued what had left: only what had
// left a moment before the list was asked for contradicts it. What leaves while a
// list is on its way, or in the pacer's queue, speaks against no list.
func TestReader_R4_contradicted(t *testing.T) {
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
			r := w.client.toSIM
			one, two, three := waiterFor(hg(1)), waiterFor(hg(2)), waiterFor(hg(3))
			for _, waiter := range []*waiter{one, two, three} {
				r.join(waiter)
			}
			if test.left != -1 {
				r.left.Store(hg(9), w.clock.Now().Add(-test.left))
			}
			rows := fmt.Sprintf(`{"sid":%q,"status":%s}`, hg(9), asJSON(t, test.status))
			for i := 1; i <= 3; i++ {
				rows += fmt.Sprintf(`,{"sid":%q,"status":"queued"}`, hg(i))
			}
			w.onList(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[` + rows + `],"meta":{"next_page_url":null}}`)})
			_, _, _, mine := r.turn(one, w.clock.Now())
			shown, err := w.client.readNewest(t.Context(), r, mine, time.Time{})
			if isStale := err != nil; isStale != test.stale || isStale && len(shown.of) > 0 {
				t.Errorf("%v, %v", shown.of, err)
			}
			r.end(mine, shown)
			later := w.clock.Now().Add(24 * time.Hour)
			for _, waiter := range []*waiter{one, two, three} {
				r.turn(waiter, later) // Who asked for itself once would be served again.
			}
			if r.isShared(later) == test.stale {
				t.Errorf("a day later, lists are trusted: %t", !test.stale)
			}
		})
	}
}

// TestReader_R4_checks has each list checked by one of those that it shows as
// queued, in turn, and by none that has left or that waits for replies.
func TestReader_R4_checks(t *testing.T) {
	t.Parallel()
	r := newReader(DirectionToSIM)
	waiters := []*waiter{waiterFor("HG0"), waiterFor("HG1"), waiterFor("HG2"), waiterFor("HG3")}
	for _, w := range waiters {
		r.join(w)
	}
	status := map[bool]*string{true: ptr(StatusSent), false: ptr(StatusQueued)}
	for range 2 * 3 {
		_, _, _, mine := r.turn(waiters[0], epoch)
		shown := rows{of: map[*waiter][]IPCommand{}}
		for i, w := range waiters {
			shown.of[w] = []IPCommand{{Status: status[i == 0]}}
		}
		r.end(mine, shown)
		asking := 0
		for _, w := range waiters {
			if _, isShown, _, _ := r.turn(w, epoch); !isShown {
				asking++
			}
		}
		if asking != 1 {
			t.Errorf("%d ask by SID", asking)
		}
	}
	for i, w := range waiters {
		if want := map[bool]int{true: 0, false: 2}[i == 0]; w.checks != want {
			t.Errorf("%d has checked %d lists, want %d", i, w.checks, want)
		}
	}
}

// TestReader_R4_queued has many requests wait for their turn, because the API takes
// few at a time: a list that waits among them for longer than it may take is not
// given up, and so nobody but who checks it asks by SID.
func TestReader_R4_queued(t *testing.T) {
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
		if got.reads > 40 || strings.Contains(w.log.String(), errStalled.Error()) {
			w.t.Errorf("%d reads", got.reads)
		}
	}, slowFleet, func(cfg *worldConfig) {
		cfg.sim.Latency, cfg.sim.Limit.InFlight = time.Second, 4
		cfg.Platform = Twilio
		cfg.Platform.MaxIPCommandsPage = 20 // So that the pages queue, too.
	})
}

// TestReader_R4_paced has a list, or its second page, wait for longer than it may
// take, because the API asked for that: it is read all the same.
func TestReader_R4_paced(t *testing.T) {
	t.Parallel()
	for name, refuse := range map[string]func(*world){
		"it was refused": func(w *world) { w.onList(twiliosim.TooManyRequests("10", 1)) },
		"another request was, before the second page": func(w *world) {
			w.onList(twiliosim.Fault{Times: 1, Delay: func() { time.Sleep(2 * time.Second) }})
			w.sim.Inject(twiliosim.TooManyRequests("10", 1).On(http.MethodGet, ipCommandsPath+"/HG9"))
			time.AfterFunc(time.Second, func() { _, _ = w.client.FetchIPCommand(w.t.Context(), "HG9") })
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
				never := func(IPCommand) bool { return false }
				mine := &reading{waiters: []*waiter{{wants: never}, {wants: never}}}
				shown, err := w.client.readNewest(w.t.Context(), w.client.toSIM, mine, time.Time{})
				if err != nil || len(shown.unread) > 0 || time.Since(began) < 2*listTimeout {
					w.t.Errorf("after %s: %v", time.Since(began), err)
				}
				time.Sleep(time.Minute) // The other request is to end, too.
			})
		})
	}
}

// TestReader_R4_stalls has lists stall, once or for ever, while messages are queued
// for long: those that wait lose little time, and ask by SID for a while before
// they share a list again.
func TestReader_R4_stalls(t *testing.T) {
	t.Parallel()
	const delay = 50 * time.Second
	for times, most := range map[int]int{1: 8, 0: 2} {
		t.Run(fmt.Sprint(times, " times"), func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.onList(twiliosim.Stalled(false, times))
				got := w.waitForFleet(20, 20)
				late := got.late[19] + fleetDelay - delay
				t.Logf("%d reads, %d of them lists, seen after %s at most", got.reads, got.lists, late)
				if late > lastPoll || got.lists < 2 || got.lists > most {
					w.t.Errorf("%d lists, seen after %s", got.lists, late)
				}
			}, func(cfg *worldConfig) { cfg.sim.SendDelay = delay })
		})
	}
}

// TestReader_R4_neverSent has a fleet wait for messages that stay queued: nobody
// asks for each of them, also not at the end.
func TestReader_R4_neverSent(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		sent, err := w.send()
		if err != nil {
			w.t.Fatal(err)
		}
		ends := time.Now().Add(time.Minute)
		var all sync.WaitGroup
		for i := range 1000 {
			other := sent
			other.SID = w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Status: StatusQueued}).SID
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				if cmd, err := w.client.WaitUntilSent(w.t.Context(), other, ends); !errors.Is(err, ErrWaitTimeout) || !cmd.IsQueued() {
					w.t.Error(err)
				}
			})
		}
		all.Wait()
		t.Logf("%d reads", w.gets())
		if w.gets() > 100 {
			w.t.Errorf("%d reads for 1,000 messages", w.gets())
		}
	}, func(cfg *worldConfig) { cfg.sim.SendDelay = time.Hour })
}

// TestReader_R11_stalls has the list for all that wait for replies stall: each finds
// its reply in the list of its SIM.
func TestReader_R11_stalls(t *testing.T) {
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
				if _, err := w.client.WaitForReply(w.t.Context(), message, port, began.Add(time.Minute), nil); err != nil {
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
						cmd, err := w.client.WaitUntilSent(w.t.Context(), sent, time.Now().Add(time.Minute))
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
