package twilio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// from is a message from the world's device, which arrives some time after the
// clock's present.
func (w *world) from(after time.Duration, payload string, change func(*twiliosim.IPCommand)) string {
	cmd := twiliosim.IPCommand{
		SIMSID: w.card.SID, Direction: DirectionFromSIM, PayloadType: PayloadBinary, Payload: base64.StdEncoding.EncodeToString([]byte(payload)),
		DevicePort: 5683, DateCreated: w.client.IPCommands.Clock.Now().Add(after),
	}
	if change != nil {
		change(&cmd)
	}
	return w.sim.AddIPCommand(cmd).SID
}

// sendAndWait sends the world's message, and waits until it has left.
func (w *world) sendAndWait() IPCommand {
	w.t.Helper()
	sent, err := w.send()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd, err := w.client.waitUntilSent(w.t.Context(), sent, w.client.IPCommands.Clock.Now().Add(time.Minute))
	if err != nil {
		w.t.Fatal(err)
	}
	return cmd
}

// port is that of the world's message.
var port = ReplyFilter{DevicePort: 5683}

// TestFindReply_R11 has messages from devices, of which one or none is the answer.
func TestFindReply_R11(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from    func(w *world) []string
		pattern string
		// want is the index of the answer; -1 is none.
		want int
	}{
		"none":  {func(*world) []string { return nil }, "", -1},
		"text":  {func(w *world) []string { return []string{w.from(time.Second, "ok", nil)} }, "", 0},
		"bytes": {func(w *world) []string { return []string{w.from(time.Second, "\x01\xff", nil)} }, "", 0},
		"the oldest of two": {func(w *world) []string {
			return []string{w.from(2*time.Second, "b", nil), w.from(time.Second, "a", nil)}
		}, "", 1},
		"the oldest of one second": {func(w *world) []string { return []string{w.from(time.Second, "a", nil), w.from(time.Second, "b", nil)} }, "", 0},
		"older than it":            {func(w *world) []string { return []string{w.from(-2*time.Second, "ok", nil)} }, "", -1},
		"of the same second":       {func(w *world) []string { return []string{w.from(0, "ok", nil)} }, "", 0},
		"older, and one since": {func(w *world) []string {
			return []string{w.from(-2*time.Second, "ok", nil), w.from(time.Second, "ok", nil)}
		}, "", 1},
		"another port": {func(w *world) []string {
			return []string{w.from(time.Second, "ok", func(c *twiliosim.IPCommand) { c.DevicePort = 1 })}
		}, "", -1},
		"another SIM": {func(w *world) []string {
			return []string{w.from(time.Second, "ok", func(c *twiliosim.IPCommand) { c.SIMSID = w2 })}
		}, "", -1},
		"to the SIM": {func(w *world) []string { return []string{w.before(-time.Second, nil)} }, "", -1},
		"with the pattern": {func(w *world) []string {
			return []string{w.from(time.Second, "id=8 ok", nil), w.from(2*time.Second, "id=7 ok", nil)}
		}, "^id=7 ", 1},
		"without the pattern": {func(w *world) []string { return []string{w.from(time.Second, "id=8 ok", nil)} }, "^id=7 ", -1},
		"bytes in hex":        {func(w *world) []string { return []string{w.from(time.Second, "\x01\x03\xff", nil)} }, "^0103ff$", 0},
		"text is not in hex":  {func(w *world) []string { return []string{w.from(time.Second, "\x01\x03", nil)} }, "^0103$", -1},
		"behind many": {func(w *world) []string {
			sids := []string{w.from(time.Second, "ok", nil)}
			for range 60 {
				w.from(2*time.Second, "x", func(c *twiliosim.IPCommand) { c.DevicePort = 1 })
			}
			return sids
		}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sim.AddSIM(twiliosim.SIM{SID: w2})
			message := w.sendAndWait()
			w.clock.Advance(-w.clock.Now().Sub(epoch)) // To the time of the POST.
			sids := test.from(w)
			w.clock.Advance(time.Minute)
			f := port
			if test.pattern != "" {
				f.Pattern = regexp.MustCompile(test.pattern)
			}
			want := ""
			if test.want >= 0 {
				want = sids[test.want]
			}
			got, found, err := w.client.findReply(t.Context(), message, f)
			if err != nil || found != (want != "") || got.SID != want {
				t.Errorf("found %q, %v; want %q", got.SID, err, want)
			}
		})
	}
}

// TestFindReply_R11_nextMessage has two messages that nobody waits for any more,
// and answers before and after the second: none is that of both, in whatever order
// the two are read, and however often.
func TestFindReply_R11_nextMessage(t *testing.T) {
	t.Parallel()
	isFailed := func(c *twiliosim.IPCommand) { c.Status = StatusFailed }
	toPort1 := func(c *twiliosim.IPCommand) { c.DevicePort = 1 }
	for name, test := range map[string]struct {
		before, after bool // the second message: whether there is an answer
		second        func(*twiliosim.IPCommand)
		port          int64 // that answers come from
		want          [2]string
	}{
		"before":                           {before: true, port: 5683, want: [2]string{"before", ""}},
		"after":                            {after: true, port: 5683, want: [2]string{"", "after"}},
		"before and after":                 {before: true, after: true, port: 5683, want: [2]string{"before", "after"}},
		"after one that failed":            {after: true, port: 5683, second: isFailed, want: [2]string{"after", "after"}},
		"after one to another port":        {after: true, port: 5683, second: toPort1, want: [2]string{"after", "after"}},
		"from elsewhere, after another's":  {after: true, port: 7, second: toPort1, want: [2]string{"", "after"}},
		"from elsewhere, before another's": {before: true, port: 7, second: toPort1, want: [2]string{"before", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first := w.sendAndWait()
			w.clock.Advance(-w.clock.Now().Sub(epoch))
			sids := map[string]string{"": ""}
			add := func(is bool, name string, after time.Duration) {
				if is {
					sids[name] = w.from(after, name, func(c *twiliosim.IPCommand) { c.DevicePort = int(test.port) })
				}
			}
			add(test.before, "before", 2*time.Second)
			sid := w.before(-4*time.Second, test.second)
			add(test.after, "after", 6*time.Second)
			w.clock.Advance(time.Minute)
			second := must(w.client.IPCommands.Fetch(t.Context(), sid))
			f := ReplyFilter{DevicePort: test.port}
			for range 2 {
				for i, message := range []IPCommand{first, second} {
					if got, _, err := w.client.findReply(t.Context(), message, f); err != nil || got.SID != sids[test.want[i]] {
						t.Errorf("message %d has %q, %v; want %q", i+1, got.SID, err, test.want[i])
					}
				}
			}
		})
	}
}

// TestFindReply_R11_sameSecond has an answer and the next message in one second:
// the order of the list tells which came first.
func TestFindReply_R11_sameSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := w.sendAndWait()
	reply := w.from(time.Second, "ok", nil)
	w.before(-time.Second, nil)
	w.from(time.Second, "ok", nil) // That of the second message.
	w.clock.Advance(time.Minute)
	if got, _, err := w.client.findReply(t.Context(), message, port); err != nil || got.SID != reply {
		t.Errorf("%q, %v; want %q", got.SID, err, reply)
	}
}

// TestReply_R11_forms has a device that writes in another Unicode normalisation
// than Terraform, and an API that writes SIDs in another case.
func TestReply_R11_forms(t *testing.T) {
	t.Parallel()
	f := ReplyFilter{DevicePort: 5683, Pattern: regexp.MustCompile("^gr\u00fcn$")}
	message := IPCommand{SIMSID: ptr("HSAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")}
	cmd := IPCommand{
		SIMSID: ptr("HSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), Direction: ptr(DirectionFromSIM), DevicePort: ptr(int64(5683)),
		Payload: ptr(base64.StdEncoding.EncodeToString([]byte("gru\u0308n"))),
	}
	if !f.mayReply(message)(cmd) {
		t.Error("it is not taken for the answer")
	}
	if key := newWatcher(nil, DirectionFromSIM).key(cmd); key != strings.ToLower(*message.SIMSID) {
		t.Errorf("a list shows it to those that wait for %s", key)
	}
	message.DateCreated, cmd.DateCreated = ptr(Timestamp("2026-03-01T12:00:01Z")), ptr(Timestamp("2026-03-01T12:00:00Z"))
	if f.mayReply(message)(cmd) {
		t.Error("an answer from before the message is taken")
	}
}

// TestFindReply_R11_fails has lists that tell nothing.
func TestFindReply_R11_fails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	message := w.sendAndWait()
	w.onGet(twiliosim.ServerError(403, 1))
	_, _, err := w.client.findReply(t.Context(), message, port)
	wantText(t, err, "HTTP 403")
	undated := message
	undated.DateCreated = nil
	_, _, err = w.client.findReply(t.Context(), undated, port)
	wantText(t, err, "does not tell its SIM")
	// A device that sends a lot costs two requests.
	for range lateReplyPages * Twilio.MaxIPCommandsPage {
		w.from(time.Second, "x", func(c *twiliosim.IPCommand) { c.DevicePort = 1 })
	}
	w.clock.Advance(time.Minute)
	before := w.gets()
	if _, _, err = w.client.findReply(t.Context(), message, port); !errors.Is(err, rest.ErrTooMany) || w.gets() != before+2 {
		t.Errorf("%v after %d reads", err, w.gets()-before)
	}

	// What is older than the message is not read.
	w = newWorld(t)
	for range 200 {
		w.from(-time.Hour, "x", nil)
	}
	message = w.sendAndWait()
	before = w.gets()
	if _, found, err := w.client.findReply(t.Context(), message, port); found || err != nil || w.gets() != before+1 {
		t.Errorf("%t, %v after %d reads", found, err, w.gets()-before)
	}
}

// TestWaitForReply_R11 waits for the answers of a fleet, which costs what waiting
// for one does.
func TestWaitForReply_R11(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*worldConfig)
		most   int
	}{"Twilio": {func(*worldConfig) {}, 20}, "KORE": {atKORE, 40}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				const devices = 200
				var mu sync.Mutex
				var late []time.Duration
				var all sync.WaitGroup
				for i := range devices {
					card := w.sim.AddSIM(twiliosim.SIM{Replies: []twiliosim.Reply{{Payload: fmt.Appendf(nil, "I am %d", i), After: 3 * time.Second}}})
					all.Go(func() {
						m := w.message()
						m.SIM = card.SID
						sent, err := w.client.send(w.t.Context(), m, time.Time{})
						if err != nil {
							w.t.Error(err)
							return
						}
						left := time.Now()
						reply, err := w.client.waitForReply(w.t.Context(), sent.IPCommand, port, time.Now().Add(time.Minute))
						if bytes, _ := reply.Bytes(); err != nil || string(bytes) != fmt.Sprintf("I am %d", i) {
							w.t.Errorf("%d: %q, %v", i, bytes, err)
						}
						mu.Lock()
						late = append(late, time.Since(left)-3*time.Second)
						mu.Unlock()
					})
				}
				all.Wait()
				slices.Sort(late)
				w.t.Logf("%d reads, seen after %s in the median and %s at most", w.gets(), late[devices/2], late[devices-1])
				if w.gets() > test.most || late[devices/2] > 700*time.Millisecond {
					w.t.Errorf("%d reads, seen after %s", w.gets(), late[devices/2])
				}
			}, test.change)
		})
	}
}

// TestWaitForReply_R11_alone asks for the device's messages alone, and takes an
// answer that comes late.
func TestWaitForReply_R11_alone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.AddSIM(twiliosim.SIM{SID: w.card.SID, Replies: []twiliosim.Reply{{Payload: []byte("ok"), After: 20 * time.Second}}})
	message := w.sendAndWait()
	reply, err := w.client.waitForReply(t.Context(), message, port, w.clock.Now().Add(time.Minute))
	if bytes, _ := reply.Bytes(); err != nil || string(bytes) != "ok" {
		t.Errorf("%q, %v", bytes, err)
	}
	for _, r := range w.sim.Requests()[2:] {
		if r.Query.Get("Sim") != w.card.SID || r.Query.Get("Direction") != DirectionFromSIM {
			t.Errorf("asked for %v", r.Query)
		}
	}
	if n := w.gets(); n > 8 {
		t.Errorf("%d reads", n)
	}
}

// TestWaitForReply_R11_ends has no answer in time, an interruption, and an API
// that fails.
func TestWaitForReply_R11_ends(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		message := w.sendAndWait()
		wait := func(ctx context.Context) error {
			_, err := w.client.waitForReply(ctx, message, port, time.Now().Add(10*time.Second))
			return err
		}
		began := time.Now()
		if err := wait(w.t.Context()); !errors.Is(err, ErrWaitTimeout) || time.Since(began) != 10*time.Second {
			w.t.Errorf("after %s: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(w.t.Context(), 3*time.Second)
		defer cancel()
		if err := wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			w.t.Error(err)
		}
		w.onGet(twiliosim.Fault{Status: 400, Body: []byte(`{"message":"for ` + textPayload + `"}`)})
		err := wait(w.t.Context())
		wantText(w.t, err, "HTTP 400")
		if strings.Contains(err.Error(), "OPEN-VALVE") {
			w.t.Error(err)
		}
	})
}

// TestWaitForReply_R11_twoToOnePort has two messages to one port wait together:
// each gets an answer of its own.
func TestWaitForReply_R11_twoToOnePort(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.sim.AddSIM(twiliosim.SIM{SID: w.card.SID, Replies: []twiliosim.Reply{{Payload: []byte("ok"), After: 2 * time.Second}}})
		var mu sync.Mutex
		got := map[string]bool{}
		var all sync.WaitGroup
		for range 3 {
			message := w.sendAndWait()
			all.Go(func() {
				reply, err := w.client.waitForReply(w.t.Context(), message, port, time.Now().Add(time.Minute))
				if err != nil {
					w.t.Error(err)
				}
				mu.Lock()
				got[reply.SID] = true
				mu.Unlock()
			})
		}
		all.Wait()
		if len(got) != 3 {
			w.t.Errorf("%d answers for 3 messages", len(got))
		}
	})
}

// TestReplies_R11_oldest goes by the dates, whatever the order of the list.
func TestReplies_R11_oldest(t *testing.T) {
	t.Parallel()
	r := replies{taken: make(map[string]bool)}
	for _, want := range []string{"HG1", "HG2", "HG3"} {
		if reply, _ := r.take([]IPCommand{found("HG2", time.Second), found("HG1", 0), found("HG3", time.Minute)}); reply.SID != want {
			t.Errorf("%s, want %s", reply.SID, want)
		}
	}
}
