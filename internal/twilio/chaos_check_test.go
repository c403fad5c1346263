package twilio

import (
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// chaosRun is a sequence that has been played.
type chaosRun struct {
	*chaos
	world   *world
	tally   *chaosTally
	params  []MessageParams
	results []result
	older   map[string]bool
}

// twin makes the API know a command like a message, but of somebody else, and
// returns its SID.
func (run *chaosRun) twin(t chaosTwin, sim twiliosim.SIM) string {
	p := run.params[t.message]
	return run.world.sim.AddIPCommand(twiliosim.IPCommand{
		SIMSID: sim.SID, Payload: p.Payload, PayloadType: p.PayloadType, DevicePort: int(p.DevicePort),
		DateCreated: time.Now().Add(run.serverAhead + t.at),
	}).SID
}

// check holds the outcome to the rules.
func (run *chaosRun) check() {
	t := run.world.t
	t.Helper()
	commands := map[string]twiliosim.IPCommand{}
	for _, c := range run.world.sim.IPCommands() {
		commands[c.SID] = c
	}
	accepted := run.checkPosts()
	endings := make([]ending, len(run.results))
	for i, r := range run.results {
		endings[i] = endingOf(t, r.sent, r.err)
	}
	run.tally.add(endings)
	owners := map[string]int{} // the messages that have a command for theirs
	for i, r := range run.results {
		switch endings[i] {
		case isSent, isAdopted:
			if other, taken := owners[r.sent.SID]; taken {
				t.Errorf("messages %d and %d have the same command %s", other, i, r.sent.SID)
			}
			owners[r.sent.SID] = i
			c, exists := commands[r.sent.SID]
			if !exists {
				t.Errorf("message %d was %s as %s, which does not exist", i, endings[i], r.sent.SID)
				continue
			}
			run.checkOwn(i, c, endings, accepted)
		case isNotSent, isRefused:
			if accepted[i] > 0 {
				t.Errorf("message %d was %s, and yet there is a command: %v", i, endings[i], r.err)
			}
		case isUnknown:
		}
	}
	run.checkFound(owners)
}

// checkFound checks that nothing is given up for lost that could be found:
// where the API can be asked, nobody interferes and nobody is interrupted,
// each command that was created is either a message's own or told to the user
// as one that may be.
func (run *chaosRun) checkFound(owners map[string]int) {
	t := run.world.t
	t.Helper()
	if len(run.gets) > 0 || len(run.foreign) > 0 {
		return
	}
	for _, m := range run.messages {
		if m.until > 0 || m.byName {
			return
		}
	}
	for _, f := range run.posts {
		if f.Delay != nil || f.Then != nil || f.Header.Get("Retry-After") == "300" { // Beyond anybody's time.
			return
		}
	}
	run.tally.found()
	told := map[string]bool{}
	for _, r := range run.results {
		var unknown *UnknownOutcomeError
		if errors.As(r.err, &unknown) {
			if errors.As(unknown.LookErr, new(*rest.NotMadeError)) {
				return // The API asked to wait for longer than looks may take.
			}
			for _, c := range unknown.Candidates {
				told[c.SID] = true
			}
		}
	}
	for _, r := range run.world.sim.Requests() {
		if _, owned := owners[r.SID]; r.Accepted && !owned && !told[r.SID] {
			t.Errorf("%s was created, and is neither a message's own nor told: %+v", r.SID, run.results)
		}
	}
}

// checkPosts returns how many POSTs of each message were accepted, and checks
// rule R1: at most one was, and after anything but a 429 there is no other. A
// 429 does not count while others get through.
func (run *chaosRun) checkPosts() []int {
	t := run.world.t
	t.Helper()
	accepted := make([]int, len(run.params))
	most := 1 + run.retries
	for _, r := range run.world.sim.Requests() {
		if r.Status != 0 && r.Status != http.StatusTooManyRequests && run.retries > 0 {
			most++
		}
	}
	for i, p := range run.params {
		var statuses []int
		for _, r := range run.world.sim.Requests() {
			if r.Method != http.MethodPost || r.Form.Get("CallbackUrl") != p.CallbackURL {
				continue
			}
			statuses = append(statuses, r.Status)
			if r.Accepted {
				accepted[i]++
			}
		}
		for n, status := range statuses {
			if status != http.StatusTooManyRequests && n < len(statuses)-1 {
				t.Errorf("message %d was sent again after %d: %v", i, status, statuses)
			}
		}
		if accepted[i] > 1 || len(statuses) > most {
			t.Errorf("message %d: %d POSTs, %d accepted", i, len(statuses), accepted[i])
		}
	}
	return accepted
}

// checkOwn checks that a command that a message has for its own is one: it
// carries the message, and if another message's POST created it, then that one
// was lost as well.
func (run *chaosRun) checkOwn(i int, c twiliosim.IPCommand, endings []ending, accepted []int) {
	t := run.world.t
	t.Helper()
	p := run.params[i]
	if c.SIMSID != p.SIM && !run.messages[i].byName || c.Payload != p.Payload || c.PayloadType != p.PayloadType || int64(c.DevicePort) != p.DevicePort {
		t.Errorf("message %d has %s, which carries something else: %+v", i, c.SID, c)
	}
	if run.older[c.SID] {
		t.Errorf("message %d has %s, which is older", i, c.SID)
	}
	if c.CallbackURL == p.CallbackURL {
		return
	}
	switch {
	case endings[i] == isSent:
		t.Errorf("message %d was answered, but has the command of %q", i, c.CallbackURL)
	case c.CallbackURL == "" && len(run.foreign) == 0:
		t.Errorf("message %d has %s, which no POST created", i, c.SID)
	}
	for other, q := range run.params {
		if q.CallbackURL == c.CallbackURL && (endings[other] != isAdopted && endings[other] != isUnknown || accepted[other] != 1) {
			t.Errorf("message %d has the command of message %d, which was %s", i, other, endings[other])
		}
	}
}

// chaosTally counts the endings, so that a test that only ever sees one of
// them is noticed.
type chaosTally struct {
	mu      sync.Mutex
	endings map[ending]int
	// allFound counts the sequences that checkFound could check.
	allFound int
}

func (c *chaosTally) found() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allFound++
}

func (c *chaosTally) add(endings []ending) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.endings == nil {
		c.endings = map[ending]int{}
	}
	for _, e := range endings {
		c.endings[e]++
	}
}

// check fails the test unless every ending was seen often enough.
func (c *chaosTally) check(t *testing.T, sequences uint64) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Logf("%d sequences: %v; %d undisturbed", sequences, c.endings, c.allFound)
	if t.Failed() || sequences < chaosSequences {
		return
	}
	if c.allFound < 20 {
		t.Errorf("only %d sequences were undisturbed", c.allFound)
	}
	for _, e := range []ending{isSent, isAdopted, isNotSent, isUnknown, isRefused} {
		if c.endings[e] < 20 {
			t.Errorf("only %d messages were %s", c.endings[e], e)
		}
	}
}
