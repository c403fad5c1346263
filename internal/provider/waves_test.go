package provider

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// waves is the documented fleet of three valves, of which the first is the
// canary.
type waves struct {
	*world
	*cli
	t    *testing.T
	sims map[string]twiliosim.SIM // by unique name
}

const canary = "valve-01"

func newWaves(t *testing.T, config twiliosim.Config) *waves {
	t.Helper()
	needs(t, "1.2", "1.6")
	w := &waves{world: newWorld(t, config), t: t, sims: map[string]twiliosim.SIM{}}
	for _, name := range []string{canary, "valve-02", "valve-03"} {
		w.sims[name] = w.AddSIM(twiliosim.SIM{UniqueName: name, Fleet: "valves"})
	}
	w.AddSIM(twiliosim.SIM{UniqueName: "meter-01", Fleet: "meters"})
	w.cli = w.newCLI(t)
	w.payload("update 1.4")
	return w
}

// payload is what the configuration sends from now on, with further texts
// replaced.
func (w *waves) payload(payload string, replaced ...string) {
	w.t.Helper()
	w.write(strings.NewReplacer(append(replaced, "update 1.4", payload)...).Replace(w.here(documentedExamples(w.t)["examples/waves/main.tf"])))
}

// here gives the provider block of an example credentials and address.
func (w *world) here(example string) string {
	block, _, _ := strings.Cut(w.providerWith("REST"), "REST")
	return strings.Replace(example, "provider \"twilio\" {", block, 1)
}

// want wants a run to have ended like this, and each SIM to have been sent so
// many messages of a payload since the test began.
func (w *waves) want(got ran, exit int, says string, sent map[string]int) {
	w.t.Helper()
	if got.exit != exit || !strings.Contains(oneLine(got.output), says) {
		w.t.Errorf("it ended with %d, want %d and %q:\n%s", got.exit, exit, says, got.output)
	}
	posts := map[string]int{}
	for _, r := range w.Requests() {
		for name, sim := range w.sims {
			if r.Method == "POST" && r.Form.Get("Sim") == sim.SID {
				posts[name+" "+r.Form.Get("Payload")]++
			}
		}
	}
	if !maps.Equal(posts, sent) {
		w.t.Errorf("the POSTs are %v, want %v", posts, sent)
	}
}

const waits = "the rest of the fleet has to wait"

// TestAccWaves_failed has the canary's message fail: nothing is sent to the
// rest before it has left.
func TestAccWaves_failed(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	w.SetDetached(canary, true)
	w.want(w.apply(), 1, "IP Command failed", map[string]int{"valve-01 update 1.4": 1})
	w.want(w.apply(), 1, "IP Command failed", map[string]int{"valve-01 update 1.4": 2})
	w.SetDetached(canary, false)
	all := map[string]int{"valve-01 update 1.4": 3, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1}
	w.want(w.apply(), 0, "3 added", all)
	w.want(w.apply(), 0, noChanges, all)
}

// TestAccWaves_notSent has the API refuse the canary's message, and then lose
// it, so that nobody can know: nothing is sent to the rest either.
func TestAccWaves_notSent(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	w.Inject(twiliosim.ServerError(400, 1).On("POST", "/"))
	w.want(w.apply(), 1, "IP Command was refused", map[string]int{"valve-01 update 1.4": 1})
	w.Inject(twiliosim.LostRequest(1).On("POST", "/"))
	w.want(w.apply(), 1, maybeSent, map[string]int{"valve-01 update 1.4": 2})
}

// TestAccWaves_byHand sends to the canaries alone, and to the rest with the
// next apply.
func TestAccWaves_byHand(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	w.want(w.apply("-target=twilio_ip_command.canary"), 0, created1, map[string]int{"valve-01 update 1.4": 1})
	w.want(w.apply(), 0, "2 added", map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1})
}

// TestAccWaves_answer has the rest wait for the canary's answer, by what the guide
// has for that.
func TestAccWaves_answer(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	w.payload("update 1.4", `self.status == "sent"`, `self.status == "sent" && self.reply != null`,
		"device_port = 5683\n\n  lifecycle {\n    create_before_destroy = true\n\n",
		"device_port = 5683\n  wait_for_reply = { timeout = \"30s\" }\n\n  lifecycle {\n    create_before_destroy = true\n\n")
	silent := map[string]int{"valve-01 update 1.4": 1}
	for range 2 {
		w.want(w.apply(), 1, waits, silent)
	}
	w.ReceiveFromSIM(w.sims[canary].SID, 5683, []byte("1.4"))
	w.want(w.apply(), 0, "2 added", map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1})
}

// TestAccWaves_otherCanaries makes another SIM a canary, and no canary again: each
// SIM gets each message once, within the window.
func TestAccWaves_otherCanaries(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	sent := map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1}
	w.want(w.apply(), 0, "3 added", sent)
	w.payload("update 1.5", `["valve-01"]`, `["valve-01", "valve-02"]`)
	sent["valve-01 update 1.5"], sent["valve-02 update 1.5"], sent["valve-03 update 1.5"] = 1, 1, 1
	w.want(w.apply(), 0, "3 added", sent)
	w.payload("update 1.5")
	w.want(w.apply(), 0, sentFirst, sent)
}

// TestAccWaves_queued has the canary's message stay queued, which is only a
// warning: no plan goes on before it has left, and nothing is sent again.
func TestAccWaves_queued(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{SendDelay: time.Hour})
	w.want(w.apply(), 1, "The message to valve-01 is queued, not sent: "+waits, map[string]int{"valve-01 update 1.4": 1})
	for range 2 {
		w.want(w.apply(), 1, "The message to valve-01 is queued, not sent: "+waits, map[string]int{"valve-01 update 1.4": 1})
	}
	w.clock.Advance(time.Hour)
	all := map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1}
	w.want(w.apply(oneByOne), 0, "2 added, 0 changed, 0 destroyed", all)
	w.clock.Advance(time.Hour)
	w.want(w.apply(), 0, noChanges, all)
}

// TestAccWaves_failedLater has the canary's message fail after apply has ended:
// every plan says so until it is sent again.
func TestAccWaves_failedLater(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{SendDelay: 90 * time.Second})
	w.SetDetached(canary, true)
	w.want(w.apply(), 1, "is queued, not sent", map[string]int{"valve-01 update 1.4": 1})
	w.clock.Advance(time.Hour)
	w.want(w.apply(), 1, "The message to valve-01 is failed, not sent: "+waits, map[string]int{"valve-01 update 1.4": 1})
	w.SetDetached(canary, false)
	w.want(w.apply(), 1, "The message to valve-01 is failed, not sent: "+waits, map[string]int{"valve-01 update 1.4": 1})
	again := fmt.Sprintf("-replace=twilio_ip_command.canary[%q]", w.sims[canary].SID)
	w.want(w.apply(again), 1, "is queued, not sent", map[string]int{"valve-01 update 1.4": 2})
	w.clock.Advance(time.Hour)
	w.want(w.apply(oneByOne), 0, "2 added", map[string]int{"valve-01 update 1.4": 2, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1})
}

// TestAccWaves_next sends the next message, whose canary fails. Going back to
// the one before sends nothing to the rest; going on sends to each once.
func TestAccWaves_next(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		payload, says string
		sent          map[string]int
	}{
		"back": {payload: "update 1.4", says: "1 added", sent: map[string]int{
			"valve-01 update 1.4": 2, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1, "valve-01 update 1.5": 1,
		}},
		"on": {payload: "update 1.5", says: "3 added", sent: map[string]int{
			"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1,
			"valve-01 update 1.5": 2, "valve-02 update 1.5": 1, "valve-03 update 1.5": 1,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWaves(t, twiliosim.Config{})
			sent := map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1}
			w.want(w.apply(), 0, "3 added", sent)
			w.SetDetached(canary, true)
			w.payload("update 1.5")
			sent["valve-01 update 1.5"] = 1
			w.want(w.apply(), 1, "IP Command failed", sent)
			w.SetDetached(canary, false)
			w.payload(row.payload)
			w.want(w.apply(), 0, row.says, row.sent)
			w.want(w.apply(), 0, noChanges, row.sent)
		})
	}
}

// TestAccWaves_empty wants a fleet that has lost all its SIMs, such as one that
// was renamed, to stop the plan: else all would be sent to again.
func TestAccWaves_empty(t *testing.T) {
	t.Parallel()
	w := newWaves(t, twiliosim.Config{})
	all := map[string]int{"valve-01 update 1.4": 1, "valve-02 update 1.4": 1, "valve-03 update 1.4": 1}
	w.want(w.apply(), 0, "3 added", all)
	for _, sim := range w.sims {
		w.AddSIM(twiliosim.SIM{SID: sim.SID, FleetSID: sim.FleetSID, Fleet: "renamed"})
	}
	w.want(w.apply(), 1, "The fleet has no SIMs", all)
	if n := len(w.instances()); n != 3 {
		t.Errorf("%d messages are in the state", n)
	}
}

// TestAccWaves_oneVariable sends to the documented fleet in waves of two: a wave
// that fails stops before the next, and a lower wave forgets what is found again.
func TestAccWaves_oneVariable(t *testing.T) {
	t.Parallel()
	w := &waves{world: newWorld(t, twiliosim.Config{}), t: t, sims: map[string]twiliosim.SIM{}}
	for _, name := range []string{"valve-05", "valve-04", "valve-03", "valve-02", "valve-01"} {
		w.sims[name] = w.AddSIM(twiliosim.SIM{UniqueName: name, Fleet: "valves"})
		w.clock.Advance(time.Second) // The order is that of their dates.
	}
	w.cli = w.newCLI(t)
	sent := map[string]int{}
	for _, step := range []struct {
		wave     string
		detached string
		exit     int
		says     string
		sends    []string
	}{
		{wave: "1", says: "2 added", sends: []string{"valve-05", "valve-04"}},
		{wave: "2", detached: "valve-03", exit: 1, says: "IP Command failed", sends: []string{"valve-03", "valve-02"}},
		{wave: "2", says: "1 added, 0 changed, 1 destroyed", sends: []string{"valve-03"}},
		{wave: "1", says: "0 added, 0 changed, 2 destroyed"},
		{wave: "3", says: "3 added", sends: []string{"valve-01"}},
		{wave: "9", says: noChanges},
	} {
		for name := range w.sims {
			w.SetDetached(name, name == step.detached)
		}
		w.write(strings.NewReplacer("default     = 1", "default     = "+step.wave, "* 20", "* 2").Replace(w.here(documentedExamples(t)["examples/fleet-waves/main.tf"])))
		for _, name := range step.sends {
			sent[name+" update 1.4"]++
		}
		w.want(w.apply(), step.exit, step.says, sent)
	}
}
