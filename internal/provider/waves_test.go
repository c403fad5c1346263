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
	*cli
	example string
	sims    map[string]twiliosim.SIM // by unique name
}

// newWaves has a fleet of these valves, of which the last was created last.
func newWaves(t *testing.T, example string, delay time.Duration, valves ...string) *waves {
	t.Helper()
	w := &waves{newWorld(t, twiliosim.Config{SendDelay: delay}).newCLI(t), example, map[string]twiliosim.SIM{}}
	for _, name := range valves {
		w.sims[name] = w.AddSIM(twiliosim.SIM{UniqueName: name, Fleet: "valves"})
		w.clock.Advance(time.Second) // The order is that of their dates.
	}
	return w
}

// here gives the provider block of an example credentials and address.
func (w *world) here(example string) string {
	block, _, _ := strings.Cut(w.providerWith("REST"), "REST")
	return strings.Replace(example, "provider \"twilio\" {", block, 1)
}

const (
	canary = "valve-01"
	// What an apply may end with.
	waits    = "the rest of the fleet has to wait"
	isQueued = "The message to valve-01 is queued, not sent: " + waits
	isFailed = "The message to valve-01 is failed, not sent: " + waits
)

// wave is an apply, and how it ends.
type wave struct {
	do      func(w *waves) // before
	payload string         // that of the wave before, unless given
	replace []string       // further texts of the configuration that are replaced
	args    []string
	exit    int
	says    string
	sent    map[string]int // POSTs of this wave, for each SIM
}

// to is one message to each of so many valves.
func to(sims ...int) map[string]int {
	sent := map[string]int{}
	for _, i := range sims {
		sent[fmt.Sprintf("valve-%02d", i)]++
	}
	return sent
}

func (w *waves) play(all []wave) {
	w.t.Helper()
	payload := "update 1.4"
	for i, wave := range all {
		if wave.do != nil {
			wave.do(w)
		}
		if wave.payload != "" {
			payload = wave.payload
		}
		example := documentedExamples(w.t)["examples/"+w.example+"/main.tf"]
		w.write(strings.NewReplacer(append(wave.replace, "update 1.4", payload)...).Replace(w.here(example)))
		from := len(w.Requests())
		got := w.apply(wave.args...)
		if got.exit != wave.exit || !strings.Contains(oneLine(got.output), wave.says) {
			w.t.Errorf("wave %d ended with %d, want %d and %q:\n%s", i, got.exit, wave.exit, wave.says, got.output)
		}
		posts := map[string]int{}
		for _, r := range w.Requests()[from:] {
			for name, sim := range w.sims {
				if r.Method == "POST" && r.Form.Get("Sim") == sim.SID && r.Form.Get("Payload") == payload {
					posts[name]++
				}
			}
		}
		if !maps.Equal(posts, wave.sent) {
			w.t.Errorf("the POSTs of wave %d are %v, want %v", i, posts, wave.sent)
		}
	}
}

// TestAccWaves has the canary's message sent, and not: what is sent to the rest, and
// what the next applies do.
func TestAccWaves(t *testing.T) {
	t.Parallel()
	needs(t, "1.2", "1.6")
	detach := func(w *waves) { w.SetDetached(canary, true) }
	attach := func(w *waves) { w.SetDetached(canary, false) }
	inject := func(f twiliosim.Fault) func(*waves) {
		return func(w *waves) { w.Inject(f.On("POST", "/")) }
	}
	anHour := func(w *waves) { w.clock.Advance(time.Hour) }
	first := wave{says: "3 added", sent: to(1, 2, 3)}
	same := wave{says: noChanges, sent: to()}
	const port = "device_port = 5683\n"
	const createFirst = "\n  lifecycle {\n    create_before_destroy = true\n\n"
	forReply := []string{
		`self.status == "sent"`, `self.status == "sent" && self.reply != null`,
		port + createFirst, port + "  wait_for_reply = { timeout = \"30s\" }\n" + createFirst,
	}
	for name, row := range map[string]struct {
		delay time.Duration // until messages leave
		waves []wave
	}{
		"the canary fails": {waves: []wave{
			{do: detach, exit: 1, says: "IP Command failed", sent: to(1)},
			{exit: 1, says: "IP Command failed", sent: to(1)},
			{do: attach, says: "3 added", sent: to(1, 2, 3)},
			same,
		}},
		"the canary is refused, and then lost": {waves: []wave{
			{do: inject(twiliosim.ServerError(400, 1)), exit: 1, says: "IP Command was refused", sent: to(1)},
			{do: inject(twiliosim.LostRequest(1)), exit: 1, says: maybeSent, sent: to(1)},
		}},
		"by hand": {waves: []wave{
			{args: []string{"-target=twilio_ip_command.canary"}, says: created1, sent: to(1)},
			{says: "2 added", sent: to(2, 3)},
		}},
		"the rest waits for the canary's reply": {waves: []wave{
			{replace: forReply, exit: 1, says: waits, sent: to(1)},
			{replace: forReply, exit: 1, says: waits, sent: to()},
			{
				do:      func(w *waves) { w.ReceiveFromSIM(w.sims[canary].SID, 5683, []byte("1.4")) },
				replace: forReply, says: "2 added", sent: to(2, 3),
			},
		}},
		// Within the window, each SIM gets each message once.
		"another canary, and none": {waves: []wave{
			first,
			{payload: "update 1.5", replace: []string{`["valve-01"]`, `["valve-01", "valve-02"]`}, says: "3 added", sent: to(1, 2, 3)},
			{says: sentFirst, sent: to()},
		}},
		"the canary stays queued": {delay: time.Hour, waves: []wave{
			{exit: 1, says: isQueued, sent: to(1)},
			{exit: 1, says: isQueued, sent: to()},
			{do: anHour, args: []string{oneByOne}, says: "2 added, 0 changed, 0 destroyed", sent: to(2, 3)},
			{do: anHour, says: noChanges, sent: to()},
		}},
		"the canary fails after apply": {delay: 90 * time.Second, waves: []wave{
			{do: detach, exit: 1, says: "is queued, not sent", sent: to(1)},
			{do: anHour, exit: 1, says: isFailed, sent: to()},
			{do: attach, exit: 1, says: isFailed, sent: to()},
			{args: []string{"-replace=CANARY"}, exit: 1, says: "is queued, not sent", sent: to(1)},
			{do: anHour, args: []string{oneByOne}, says: "2 added", sent: to(2, 3)},
		}},
		"the next canary fails, back": {waves: []wave{
			first,
			{do: detach, payload: "update 1.5", exit: 1, says: "IP Command failed", sent: to(1)},
			{do: attach, payload: "update 1.4", says: "1 added", sent: to(1)},
			same,
		}},
		"the next canary fails, on": {waves: []wave{
			first,
			{do: detach, payload: "update 1.5", exit: 1, says: "IP Command failed", sent: to(1)},
			{do: attach, says: "3 added", sent: to(1, 2, 3)},
			same,
		}},
		// Else all would be sent to again.
		"a fleet that was renamed": {waves: []wave{first, {
			do: func(w *waves) {
				for _, sim := range w.sims {
					w.AddSIM(twiliosim.SIM{SID: sim.SID, FleetSID: sim.FleetSID, Fleet: "renamed"})
				}
			},
			exit: 1, says: "The fleet has no SIMs", sent: to(),
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWaves(t, "waves", row.delay, canary, "valve-02", "valve-03")
			w.AddSIM(twiliosim.SIM{UniqueName: "meter-01", Fleet: "meters"})
			for i := range row.waves {
				for j, arg := range row.waves[i].args {
					row.waves[i].args[j] = strings.Replace(arg, "CANARY", fmt.Sprintf("twilio_ip_command.canary[%q]", w.sims[canary].SID), 1)
				}
			}
			w.play(row.waves)
		})
	}
}

// TestAccWaves_oneVariable sends to the documented fleet in waves of two: a wave
// that fails stops before the next, and a lower wave forgets what is found again.
func TestAccWaves_oneVariable(t *testing.T) {
	t.Parallel()
	w := newWaves(t, "fleet-waves", 0, "valve-05", "valve-04", "valve-03", "valve-02", canary)
	detached := func(is bool) func(*waves) {
		return func(w *waves) { w.SetDetached("valve-03", is) }
	}
	upTo := func(n string) []string { return []string{"default     = 1", "default     = " + n, "* 20", "* 2"} }
	w.play([]wave{
		{replace: upTo("1"), says: "2 added", sent: to(5, 4)},
		{do: detached(true), replace: upTo("2"), exit: 1, says: "IP Command failed", sent: to(3, 2)},
		{do: detached(false), replace: upTo("2"), says: replaced1, sent: to(3)},
		{replace: upTo("1"), says: "0 added, 0 changed, 2 destroyed", sent: to()},
		{replace: upTo("3"), says: "3 added", sent: to(1)},
		{replace: upTo("9"), says: noChanges, sent: to()},
	})
}
