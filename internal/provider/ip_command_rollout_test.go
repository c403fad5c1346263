package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// rolloutTo is a rollout to some SIMs.
func rolloutTo(sims []string, arguments string) string {
	return fmt.Sprintf(`
action "twilio_ip_command_rollout" "test" {
  config {
    sims        = ["%s"]
    payload     = "open"
    device_port = 5683
    %s
  }
}
`, strings.Join(sims, `", "`), arguments)
}

// rollOut invokes the rollout by hand.
func (c *cli) rollOut() ran {
	c.t.Helper()
	return c.apply("-invoke=action.twilio_ip_command_rollout.test")
}

// fleet adds SIMs named sim-0, sim-1 and so on.
func (w *world) fleet(sims ...twiliosim.SIM) (names, sids []string) {
	for i, sim := range sims {
		sim.UniqueName = fmt.Sprintf("sim-%d", i)
		names, sids = append(names, sim.UniqueName), append(sids, w.AddSIM(sim).SID)
	}
	return names, sids
}

// arrived counts the messages with a payload that left for each SIM.
func (w *world) arrived(sids []string) []int {
	counts := make([]int, len(sids))
	for _, cmd := range w.IPCommands() {
		if i := slices.Index(sids, cmd.SIMSID); i >= 0 && cmd.Payload == "open" && cmd.Status != "failed" {
			counts[i]++
		}
	}
	return counts
}

// TestAccRollout has what becomes of a rollout to three SIMs, and of invoking it
// again.
func TestAccRollout(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	const (
		window   = `deduplication_window = "1h"`
		waves    = "\n wave_size = 1"
		goOn     = "To go on, invoke it again within the deduplication_window of 1h"
		notAgain = "Without a deduplication_window, invoking it again sends to all SIMs again"
	)
	ok := twiliosim.SIM{}
	type end struct {
		exit         int
		says, silent []string
		posts        int // in all
		arrived      []int
	}
	for name, row := range map[string]struct {
		sims            []twiliosim.SIM
		arguments       string
		before, between func(w *world, sids []string)
		first, again    end
	}{
		"all go well": {
			sims:  []twiliosim.SIM{ok, ok, ok},
			first: end{says: []string{"Sending to 3 of the SIMs; 0 come after them", "3 of 3 SIMs have the message, 0 are in flight, 0 did not go well"}, posts: 3, arrived: []int{1, 1, 1}},
			again: end{says: []string{"3 of 3 SIMs have the message"}, posts: 6, arrived: []int{2, 2, 2}},
		},
		"all have it": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window,
			first: end{posts: 3, arrived: []int{1, 1, 1}},
			again: end{says: []string{"3 of 3 SIMs have the message already"}, silent: []string{"Sending"}, posts: 3, arrived: []int{1, 1, 1}},
		},
		"the canary fails": {
			sims: []twiliosim.SIM{{Detached: true}, ok, ok}, arguments: window + waves,
			between: func(w *world, sids []string) { w.SetDetached(sids[0], false) },
			first:   end{exit: 1, says: []string{"Of 3 SIMs: 1 failed, 2 not begun", "more than 0 (max_failures)", "Failed: sim-0 HG", goOn}, posts: 1, arrived: []int{0, 0, 0}},
			again:   end{says: []string{"3 of 3 SIMs have the message"}, posts: 4, arrived: []int{1, 1, 1}},
		},
		"without a window": {
			sims: []twiliosim.SIM{{Detached: true}, ok, ok}, arguments: "max_failures = 1" + waves,
			first: end{exit: 1, says: []string{"Of 3 SIMs: 2 sent, 1 failed", notAgain}, silent: []string{"not begun"}, posts: 3, arrived: []int{0, 1, 1}},
			again: end{exit: 1, says: []string{"2 sent, 1 failed"}, posts: 6, arrived: []int{0, 2, 2}},
		},
		"one stays queued, and is found so": {
			sims: []twiliosim.SIM{{NeverSends: true}, ok, ok}, arguments: window + waves,
			first: end{exit: 1, says: []string{"1 still queued, 2 not begun", "Still queued: sim-0 HG"}, posts: 1, arrived: []int{1, 0, 0}},
			again: end{exit: 1, says: []string{"1 of 3 SIMs have the message already", "1 still queued, 2 not begun"}, silent: []string{"Sending"}, posts: 1, arrived: []int{1, 0, 0}},
		},
		"a response is lost": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window,
			before: func(w *world, _ []string) { w.Inject(twiliosim.LostResponse(1).On("POST", "/v1/IpCommands")) },
			first:  end{says: []string{"3 of 3 SIMs have the message"}, posts: 3, arrived: []int{1, 1, 1}},
			again:  end{says: []string{"3 of 3 SIMs have the message already"}, posts: 3, arrived: []int{1, 1, 1}},
		},
		"a request is lost": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window + waves,
			before: func(w *world, _ []string) { w.Inject(twiliosim.LostRequest(1).On("POST", "/v1/IpCommands")) },
			first:  end{exit: 1, says: []string{"1 may have been sent, 2 not begun", "May have been sent: sim-0"}, posts: 1, arrived: []int{0, 0, 0}},
			again:  end{says: []string{"3 of 3 SIMs have the message"}, posts: 4, arrived: []int{1, 1, 1}},
		},
		"a refusal": {
			sims: []twiliosim.SIM{{Status: "inactive"}, ok, ok}, arguments: window,
			first: end{exit: 1, says: []string{"2 sent, 1 refused", "Refused: sim-0 POST"}, posts: 3, arrived: []int{0, 1, 1}},
			again: end{exit: 1, says: []string{"2 of 3 SIMs have the message already", "2 found, 1 refused"}, posts: 4, arrived: []int{0, 1, 1}},
		},
		"a list that fails": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window,
			before:  func(w *world, _ []string) { w.Inject(twiliosim.ServerError(503, 0).On("GET", "/v1/IpCommands")) },
			between: func(w *world, _ []string) { w.ClearFaults() },
			first:   end{exit: 1, says: []string{"Of 3 SIMs: 3 not begun", "It ended early: Looking for the message among those that were sent before failed", "HTTP 503"}, posts: 0, arrived: []int{0, 0, 0}},
			again:   end{says: []string{"3 of 3 SIMs have the message"}, posts: 3, arrived: []int{1, 1, 1}},
		},
		"another message since": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window,
			between: func(w *world, sids []string) {
				w.AddIPCommand(twiliosim.IPCommand{SIMSID: sids[1], DevicePort: 5683, Payload: "close", DateCreated: w.clock.Now()})
				w.AddIPCommand(twiliosim.IPCommand{SIMSID: sids[2], DevicePort: 7, Payload: "close", DateCreated: w.clock.Now()})
			},
			first: end{posts: 3, arrived: []int{1, 1, 1}},
			again: end{says: []string{"2 of 3 SIMs have the message already", "Sending to 1 of the SIMs"}, posts: 4, arrived: []int{1, 2, 1}},
		},
		"older than the window": {
			sims: []twiliosim.SIM{ok, ok, ok}, arguments: window,
			between: func(w *world, _ []string) { w.clock.Advance(2 * time.Hour) },
			first:   end{posts: 3, arrived: []int{1, 1, 1}},
			again:   end{posts: 6, arrived: []int{2, 2, 2}},
		},
		"one is silent": {
			sims:      []twiliosim.SIM{{Replies: []twiliosim.Reply{{Payload: []byte("ok"), After: time.Second}}}, ok, ok},
			arguments: window + "\n max_failures = 1\n wave_size = 2\n wait_for_reply = { timeout = \"10s\" }",
			first:     end{exit: 1, says: []string{"1 sent, 2 silent", "Silent: sim-1 HG"}, posts: 3, arrived: []int{1, 1, 1}},
			again:     end{exit: 1, says: []string{"1 found, 2 silent"}, posts: 3, arrived: []int{1, 1, 1}},
		},
	} {
		for _, by := range []string{"name", "SID"} {
			t.Run(name+" by "+by, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, twiliosim.Config{})
				names, sids := w.fleet(row.sims...)
				sims := names
				if by == "SID" {
					sims = sids
				}
				c := w.newCLI(t)
				c.write(w.provider() + rolloutTo(sims, row.arguments))
				if row.before != nil {
					row.before(w, sids)
				}
				for i, want := range []end{row.first, row.again} {
					if i == 1 && row.between != nil {
						row.between(w, sids)
					}
					got := c.rollOut()
					if arrived := w.arrived(sids); got.exit != want.exit || w.posts() != want.posts || !slices.Equal(arrived, want.arrived) {
						t.Errorf("invocation %d: exit code %d, %d POSTs, arrived %v; want %d, %d, %v", i, got.exit, w.posts(), arrived, want.exit, want.posts, want.arrived)
					}
					text := oneLine(got.output)
					for i, sid := range sids {
						text = strings.ReplaceAll(text, sid, names[i])
					}
					for _, says := range want.says {
						if !strings.Contains(text, says) {
							t.Errorf("invocation %d does not say %q:\n%s", i, says, got.output)
						}
					}
					for _, silent := range want.silent {
						if strings.Contains(text, silent) {
							t.Errorf("invocation %d says %q:\n%s", i, silent, got.output)
						}
					}
				}
			})
		}
	}
}

// TestAccRollout_cost wants one list for all who have the message, and one of the
// SIMs where these are given by name.
func TestAccRollout_cost(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	names, sids := w.fleet(make([]twiliosim.SIM, 60)...)
	for i, sid := range sids[:50] {
		w.AddIPCommand(twiliosim.IPCommand{SIMSID: sid, DevicePort: 5683, Payload: "open", DateCreated: start.Add(-time.Duration(i) * time.Second)})
	}
	for _, sims := range [][]string{sids, names} {
		before, posts := w.gets(), w.posts()
		c := w.newCLI(t)
		c.write(w.provider() + rolloutTo(sims, `deduplication_window = "1h"`))
		if got := c.rollOut(); got.exit != 0 {
			t.Fatal(got.output)
		}
		lists, sent := w.gets()-before, w.posts()-posts
		// A list of messages before those found and one before the wave, one of SIMs, and
		// a few while ten leave.
		if want := []int{10, 0}[min(posts, 1)]; sent != want || lists > 15 {
			t.Errorf("%d GETs, %d POSTs, want %d", lists, sent, want)
		}
	}
}

// TestAccRollout_badInput refuses what is no rollout before any request.
func TestAccRollout_badInput(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	names, sids := w.fleet(twiliosim.SIM{}, twiliosim.SIM{})
	for name, row := range map[string]struct {
		sims      []string
		arguments string
		says      string
		gets      int
	}{
		"a SIM twice":           {sims: []string{"a", "b", "a"}, says: `"a" is at 0 already`},
		"a SID in two cases":    {sims: []string{sids[0], "HS" + strings.ToUpper(sids[0][2:])}, says: "is at 0 already"},
		"no SIM":                {sims: []string{" "}, says: "The SIM is empty"},
		"no wave":               {sims: names, arguments: "wave_size = 0", says: "must be at least 1"},
		"negative failures":     {sims: names, arguments: "max_failures = -1", says: "must be at least 0"},
		"no time":               {sims: names, arguments: `timeout = "0s"`, says: "not a duration of more than zero"},
		"two payloads":          {sims: names, arguments: `payload_wo = "x"`, says: "Give payload, or payload_wo, and not both"},
		"a SIM by name and SID": {sims: []string{names[0], names[1], sids[0]}, arguments: `deduplication_window = "1h"`, says: "are the same SIM. Nothing was sent", gets: 1},
	} {
		before := w.gets()
		c := w.newCLI(t)
		c.write(w.provider() + rolloutTo(row.sims, row.arguments))
		if got := c.rollOut(); got.exit != 1 || !strings.Contains(oneLine(got.output), row.says) || w.posts() != 0 || w.gets()-before != row.gets {
			t.Errorf("%s: exit code %d, %d POSTs, %d GETs:\n%s", name, got.exit, w.posts(), w.gets()-before, got.output)
		}
	}
}
