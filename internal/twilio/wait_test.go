package twilio

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// waitRow is a command's life, and what WaitUntilSent has to make of it.
type waitRow struct {
	name string
	// delay is how long the command stays queued.
	delay    time.Duration
	sim      twiliosim.SIM
	fault    twiliosim.Fault
	deadline time.Duration

	status string
	gets   int
	slept  time.Duration
	// timeout, notFound and text are of the error; none means success.
	timeout, notFound bool
	text              []string
}

// waitRows has polls, with random numbers of 0.5, after 1s, 2.5s, 4.75s,
// 8.125s, 13.1875s, 20.78125s, 30.78125s and so on.
func waitRows() []waitRow {
	never := twiliosim.SIM{NeverSends: true}
	gone := twiliosim.ServerError(404, 0)
	return []waitRow{
		{name: "sent at once", status: StatusSent, gets: 1, slept: time.Second, deadline: time.Minute},
		{name: "sent", delay: 3 * time.Second, status: StatusSent, gets: 3, slept: 4750 * time.Millisecond, deadline: time.Minute},
		{name: "sent late", delay: 13 * time.Second, status: StatusSent, gets: 5, slept: 13187500 * time.Microsecond, deadline: time.Minute},
		{name: "sent at the last moment", delay: 14 * time.Second, status: StatusSent, gets: 6, slept: 14 * time.Second, deadline: 14 * time.Second},
		{name: "failed", sim: twiliosim.SIM{Detached: true}, delay: time.Second, status: StatusFailed, gets: 1, slept: time.Second, deadline: time.Minute},
		{name: "timeout", sim: never, status: StatusQueued, gets: 8, slept: 31 * time.Second, deadline: 31 * time.Second, timeout: true},
		{name: "timeout before the first poll", sim: never, status: StatusQueued, gets: 1, slept: 100 * time.Millisecond, deadline: 100 * time.Millisecond, timeout: true},
		{name: "no time at all", sim: never, status: StatusQueued, timeout: true},
		{name: "time is over", sim: never, status: StatusQueued, deadline: -time.Second, timeout: true},
		{name: "404 at first", fault: twiliosim.ServerError(404, 3), status: StatusSent, gets: 4, slept: 8125 * time.Millisecond, deadline: time.Minute},
		{name: "404 to the end", fault: gone, status: StatusQueued, gets: 3, slept: 3 * time.Second, deadline: 3 * time.Second, timeout: true, notFound: true, text: []string{"did not know the command yet", "HTTP 404"}},
		{name: "404 at first, then queued to the end", sim: never, fault: twiliosim.ServerError(404, 1), status: StatusQueued, gets: 3, slept: 3 * time.Second, deadline: 3 * time.Second, timeout: true},
		{name: "500 once", fault: twiliosim.ServerError(500, 1), status: StatusSent, gets: 2, slept: 1250 * time.Millisecond, deadline: time.Minute},
		{name: "reset once", fault: twiliosim.LostResponse(1), status: StatusSent, gets: 2, slept: 1250 * time.Millisecond, deadline: time.Minute},
		{name: "500 for ever", fault: twiliosim.ServerError(500, 0), status: StatusQueued, gets: 6, slept: time.Second + backoffs, deadline: time.Minute, text: []string{"HTTP 500", "made 6 times"}},
		{name: "500 up to the deadline", fault: twiliosim.ServerError(500, 0), status: StatusQueued, gets: 3, slept: 1750 * time.Millisecond, deadline: 2 * time.Second, text: []string{"HTTP 500"}},
		{name: "401", fault: twiliosim.ServerError(401, 0), status: StatusQueued, gets: 1, slept: time.Second, deadline: time.Minute, text: []string{"HTTP 401", twiliosim.DefaultAccountSID}},
		{name: "429 once", fault: twiliosim.TooManyRequests("5", 1), status: StatusSent, gets: 2, slept: 6250 * time.Millisecond, deadline: time.Minute},
		{name: "429 beyond the deadline", fault: twiliosim.TooManyRequests("60", 0), status: StatusQueued, gets: 1, slept: time.Second, deadline: time.Minute, text: []string{"HTTP 429", "asks to wait for 1m0s"}},
		{name: "unreadable for ever", fault: twiliosim.Fault{Body: []byte{}}, status: StatusQueued, gets: 6, slept: time.Second + backoffs, deadline: time.Minute, text: []string{"it is empty"}},
		{name: "another command for ever", fault: twiliosim.Fault{Status: 200, Body: []byte(`{"sid":"HG00000000000000000000000000000001","status":"sent"}`)}, status: StatusQueued, gets: 6, slept: time.Second + backoffs, deadline: time.Minute, text: []string{"it is another object, HG00000000000000000000000000000001"}},
		{name: "a status that is new", fault: twiliosim.Fault{Status: 200, Body: []byte(`{"sid":"SID","status":"expired"}`)}, status: "expired", gets: 1, slept: time.Second, deadline: time.Minute},
		{name: "no status", fault: twiliosim.Fault{Status: 200, Body: []byte(`{"sid":"SID","status":null}`), Times: 2}, status: StatusSent, gets: 3, slept: 4750 * time.Millisecond, deadline: time.Minute},
	}
}

func TestWaitUntilSent_R4(t *testing.T) {
	t.Parallel()
	for _, row := range waitRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *worldConfig) { c.sim.SendDelay = row.delay })
			row.sim.SID = w.card.SID
			w.sim.AddSIM(row.sim)
			sent, err := w.send()
			if err != nil {
				t.Fatal(err)
			}
			// On one that was used before, which a busy machine does not always keep,
			// Go's transport would repeat a GET by itself.
			w.client.IPCommands.Transport.(*bodies).CloseIdleConnections()
			if len(row.fault.Body) > 0 { // Which an empty one is not to lose.
				row.fault.Body = bytes.ReplaceAll(row.fault.Body, []byte("SID"), []byte(sent.SID))
			}
			w.onGet(row.fault)
			got, err := w.client.waitUntilSent(t.Context(), sent, epoch.Add(row.deadline))
			if got.Status == nil || *got.Status != row.status {
				t.Errorf("status %s, want %s", asJSON(t, got.Status), row.status)
			}
			if row.status != "expired" && got.SID != sent.SID {
				t.Errorf("SID %q", got.SID)
			}
			if failed := row.timeout || row.text != nil; failed != (err != nil) || errors.Is(err, ErrWaitTimeout) != row.timeout || IsNotFound(err) != row.notFound {
				t.Errorf("error %v", err)
			}
			if row.text != nil {
				wantText(t, err, row.text...)
			}
			w.wantRequests(1, row.gets)
			if slept := w.clock.Now().Sub(epoch); slept != row.slept {
				t.Errorf("it took %s, want %s", slept, row.slept)
			}
			for _, r := range w.sim.Requests()[1:] {
				if r.Path != ipCommandsPath+"/"+sent.SID || len(r.Query) != 0 {
					t.Errorf("polled %s?%v", r.Path, r.Query)
				}
			}
		})
	}
}

// TestWaitUntilSent_R4_settled: what has left needs no request.
func TestWaitUntilSent_R4_settled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, status := range []string{StatusSent, StatusFailed, StatusReceived, "new"} {
		cmd := IPCommand{SID: "HG1", Status: &status}
		if got, err := w.client.waitUntilSent(t.Context(), &Message{IPCommand: cmd}, time.Time{}); err != nil || *got.Status != status {
			t.Errorf("%v, %v", got, err)
		}
	}
	w.wantRequests(0, 0)
	if w.clock.Now() != epoch {
		t.Error("waited")
	}
}

// TestWaitUntilSent_R4_spacing: polls are one second apart at first and ten at
// last, each with half as much jitter to either side.
func TestWaitUntilSent_R4_spacing(t *testing.T) {
	t.Parallel()
	for _, random := range []float64{0, 0.25, 0.5, 0.999999} {
		w := newWorld(t, func(c *worldConfig) { c.Rand = func() float64 { return random } })
		w.sim.AddSIM(twiliosim.SIM{SID: w.card.SID, NeverSends: true})
		sent, err := w.send()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.client.waitUntilSent(t.Context(), sent, epoch.Add(10*time.Minute)); !errors.Is(err, ErrWaitTimeout) {
			t.Error(err)
		}
		slept := w.clock.Slept()
		polls := slept[:len(slept)-1] // The last one is cut by the deadline.
		var age time.Duration
		for i, d := range polls {
			interval := min(time.Second+age/2, 10*time.Second)
			if d < interval/2 || d > interval*3/2 {
				t.Errorf("with %g, wait %d is %s, want %s and a half", random, i, d, interval)
			}
			age += d
		}
		if random == 0.5 && (polls[0] != time.Second || !slices.Contains(polls, 10*time.Second)) {
			t.Errorf("waited %v", polls)
		}
		if n := w.gets(); n < 40 || n > 130 || !w.clock.Now().Equal(epoch.Add(10*time.Minute)) {
			t.Errorf("with %g, %d polls up to %s", random, n, w.clock.Now().Sub(epoch))
		}
	}
}

func TestWaitUntilSent_R4_cancelled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		gets  int
	}{
		{"between two polls", twiliosim.Fault{}, 2},
		{"during a poll", twiliosim.Fault{Skip: 1, Stall: true}, 2},
		{"while the API does not answer", twiliosim.ServerError(http.StatusServiceUnavailable, 0), 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.sim.AddSIM(twiliosim.SIM{SID: w.card.SID, NeverSends: true})
				sent, err := w.send()
				if err != nil {
					w.t.Fatal(err)
				}
				w.onGet(test.fault)
				ctx, cancel := context.WithTimeout(w.t.Context(), 2600*time.Millisecond)
				defer cancel()
				began := time.Now()
				got, err := w.client.waitUntilSent(ctx, sent, began.Add(time.Minute))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 2600*time.Millisecond || !got.IsQueued() || got.SID != sent.SID {
					w.t.Errorf("after %s: %v", time.Since(began), err)
				}
				w.wantRequests(1, test.gets)
			})
		})
	}
}

// TestWaitUntilSent_R4_cutOff has a poll take for ever: it ends when the time is over,
// and the last one, which is made then, soon after.
func TestWaitUntilSent_R4_cutOff(t *testing.T) {
	t.Parallel()
	for deadline, want := range map[time.Duration]time.Duration{4 * time.Second: 4 * time.Second, 500 * time.Millisecond: 500*time.Millisecond + finalPoll} {
		bubble(t, func(w *world) {
			sent, err := w.send()
			if err != nil {
				w.t.Fatal(err)
			}
			w.onGet(twiliosim.Stalled(false, 0))
			began := time.Now()
			if _, err := w.client.waitUntilSent(w.t.Context(), sent, began.Add(deadline)); !errors.Is(err, ErrWaitTimeout) || time.Since(began) != want {
				w.t.Errorf("after %s, want %s: %v", time.Since(began), want, err)
			}
			w.wantRequests(1, 1)
		})
	}
}

// TestWaitUntilSent_R4_othersRefused: where another request's 429 asks all to
// wait past the deadline, a poll is not made late.
func TestWaitUntilSent_R4_othersRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	w.onGet(twiliosim.TooManyRequests("100", 1))
	w.client.IPCommands.MaxRetries = 0
	_, err = w.client.IPCommands.Fetch(t.Context(), sent.SID)
	wantText(t, err, "HTTP 429")
	got, err := w.client.waitUntilSent(t.Context(), sent, epoch.Add(time.Minute))
	wantText(t, err, "was not made", "429")
	if !got.IsQueued() || got.SID != sent.SID {
		t.Errorf("%+v", got)
	}
	w.wantRequests(1, 1)
	if slept := w.clock.Now().Sub(epoch); slept > time.Minute {
		t.Errorf("waited for %s", slept)
	}
}
