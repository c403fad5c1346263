package twilio

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// manySIMs adds SIMs named sim-0, sim-1 and so on, and returns their names and SIDs.
func (w *world) manySIMs(n int) (names, sids []string) {
	for i := range n {
		name := "sim-" + string(rune('0'+i))
		names, sids = append(names, name), append(sids, w.sim.AddSIM(twiliosim.SIM{UniqueName: name}).SID)
	}
	return names, sids
}

// TestRecipients_R10 has the second of three SIMs have the message already: one list
// tells, and what else happens decides who is looked for alone.
func TestRecipients_R10(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		before  func(w *world, sids []string)
		later   func(w *world, sids []string) // before the list that the next wave reads
		found   int
		windows [3]time.Duration // zero is known not to have been sent
		lists   int
	}{
		"found": {found: 1, lists: 1},
		"half a minute later": {
			later: func(w *world, _ []string) { w.clock.Advance(settledFor) }, found: 1, windows: [3]time.Duration{time.Hour, 0, time.Hour}, lists: 1,
		},
		"a row without a SIM, to another port": {
			before: func(w *world, sids []string) {
				w.before(0, func(c *twiliosim.IPCommand) { c.SIMSID, c.DevicePort, c.Null = sids[0], 1, []string{"sim_sid"} })
			}, found: 1, lists: 1,
		},
		"a row without a SIM": {
			before: func(w *world, sids []string) {
				w.before(0, func(c *twiliosim.IPCommand) { c.SIMSID, c.Null = sids[0], []string{"sim_sid"} })
			}, windows: [3]time.Duration{time.Hour, time.Hour, time.Hour}, lists: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, sids := w.manySIMs(3)
			w.before(time.Minute, func(c *twiliosim.IPCommand) { c.SIMSID = sids[1] })
			if test.before != nil {
				test.before(w, sids)
			}
			r, err := w.client.IPCommands.NewRecipients(t.Context(), w.client.SIMs, w.message(), sids, time.Hour)
			if err != nil {
				t.Fatal(err)
			}
			found, err := r.FindSentBefore(t.Context(), time.Time{})
			if err != nil || len(found) != test.found || w.gets() != test.lists {
				t.Errorf("found %d, %d lists, %v", len(found), w.gets(), err)
			}
			if test.later != nil {
				test.later(w, sids)
			}
			for i, want := range test.windows {
				if i == 1 && test.found == 1 {
					continue
				}
				if got := r.Take(sids[i]); got != want {
					t.Errorf("the message to SIM %d is looked for within %s, want %s", i, got, want)
				}
			}
		})
	}
}

// TestRecipients_R10_newer reads, before another wave, only what is newer than the
// list, and finds what somebody else has sent meanwhile.
func TestRecipients_R10_newer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, sids := w.manySIMs(3)
	r := must(w.client.IPCommands.NewRecipients(t.Context(), w.client.SIMs, w.message(), sids, time.Hour))
	if found, err := r.FindSentBefore(t.Context(), time.Time{}); err != nil || len(found) != 0 {
		t.Fatal(found, err)
	}
	w.clock.Advance(time.Minute)
	w.before(time.Second, func(c *twiliosim.IPCommand) { c.SIMSID = sids[2] })
	found, err := r.FindSentBefore(t.Context(), time.Time{})
	if err != nil || len(found) != 1 || found[0].Params.SIM != sids[2] || r.Take(sids[0]) != 0 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestNewRecipients_R10 has the list of SIMs tell which names are which: it is not to
// be an old one, and no SIM is to be there twice.
func TestNewRecipients_R10(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names, sids := w.manySIMs(3)
	recipients := func(sims ...string) error {
		_, err := w.client.IPCommands.NewRecipients(t.Context(), w.client.SIMs, w.message(), sims, time.Hour)
		return err
	}
	if err := recipients(names...); err != nil || w.gets() != 1 {
		t.Errorf("%d lists, %v", w.gets(), err)
	}
	if err := recipients(names[0], sids[1], sids[0]); !errors.As(err, new(*SameSIMError)) {
		t.Errorf("a SIM by name and by SID: %v", err)
	}
	w.sim.Inject(twiliosim.Fault{Header: http.Header{"Age": {"60"}}, Match: func(_, path string, _, _ url.Values) bool { return path == simsPath }})
	if err := recipients(names...); !errors.Is(err, errOld) {
		t.Errorf("names from a cache: %v", err)
	}
	w.wantRequests(0, w.gets())
}
