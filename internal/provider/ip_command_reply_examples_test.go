package provider

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/simconfig"
)

// silentSIM is a world in which the device of valve-01 keeps silent until reply
// is called. Others say their state.
func silentSIM(t *testing.T) (w *world, reply func()) {
	t.Helper()
	w = newWorld(t, twiliosim.Config{})
	silent := w.AddSIM(twiliosim.SIM{UniqueName: "valve-01"})
	for _, name := range []string{"valve-02", "valve-03"} {
		w.AddSIM(twiliosim.SIM{UniqueName: name, Replies: []twiliosim.Reply{{To: []byte("state"), Payload: []byte("state=open")}}})
	}
	return w, func() { w.ReceiveFromSIM(silent.SID, 5683, []byte("state=closed")) }
}

// TestAccReplyExamples_postcondition has the documented postcondition stop an
// apply, and each later one, until the device has replied. Nothing is sent again.
func TestAccReplyExamples_postcondition(t *testing.T) {
	t.Parallel()
	needs(t, "1.2", "1.6")
	w, reply := silentSIM(t)
	c := w.newCLI(t)
	c.write(w.provider() + documentedExamples(t)["examples/resources/twilio_ip_command/reply-postcondition.tf"])
	silent := expect{exit: 1, says: []string{"valve-01 has not answered yet."}, state: []string{"sent"}, posts: 1, commands: 1}
	silent.check(c, c.apply())
	for range 2 { // The plan looks once, and fails.
		before := w.Count(http.MethodGet, "")
		silent.check(c, c.apply())
		if n := w.Count(http.MethodGet, "") - before; n != 1 {
			t.Errorf("%d GETs", n)
		}
	}
	silent.posts, silent.commands = 2, 2
	silent.check(c, c.apply("-replace=twilio_ip_command.state"))
	reply()
	expect{says: []string{"0 added, 0 changed, 0 destroyed"}, state: []string{"sent"}, posts: 2, commands: 3}.check(c, c.apply())
	if got := c.run("output", "-raw", "state"); got.output != "closed" {
		t.Error(got.output)
	}
}

// TestAccReplyExamples_check has the documented check name the device that keeps
// silent, in each plan until it replies. Nothing fails, and nothing is sent again.
func TestAccReplyExamples_check(t *testing.T) {
	t.Parallel()
	needs(t, "1.5", "1.6")
	w, reply := silentSIM(t)
	c := w.newCLI(t)
	c.write(w.provider() + documentedExamples(t)["examples/resources/twilio_ip_command/reply-check.tf"])
	sent := []string{"sent", "sent", "sent"}
	const says = "No answer from valve-01."
	expect{says: []string{"3 added", says}, state: sent, posts: 3, commands: 5}.check(c, c.apply())
	before := w.Count(http.MethodGet, "")
	expect{says: []string{says, noChanges}, state: sent, posts: 3, commands: 5}.check(c, c.apply())
	if n := w.Count(http.MethodGet, "") - before; n != 1 {
		t.Errorf("%d GETs for the one message that lacks a reply", n)
	}
	reply()
	expect{silent: []string{says}, state: sent, posts: 3, commands: 6}.check(c, c.apply())
	if got := c.run("output", "-json", "states"); strings.TrimSpace(got.output) != `{"valve-01":"closed","valve-02":"open","valve-03":"open"}` {
		t.Error(got.output)
	}
}

// TestAccGuides_ask asks the devices of the guide, has them keep silent, and
// loses the state.
func TestAccGuides_ask(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.7")
	read := func(name string) string { return repositoryFile(t, "examples/ask/"+name) }
	for name, tc := range map[string]struct {
		devices  [2]string // what is replaced, and by what
		exit     int
		says     string
		commands int
	}{
		"as documented":              {says: "litres = 120538", commands: 4},
		"the meter refuses":          {devices: [2]string{"01 03 04 00 01 d6 da 74 08", "01 83 02 c0 f1"}, exit: 1, says: "not with two registers: 018302c0f1.", commands: 4},
		"the meter keeps silent":     {devices: [2]string{"^0103", "^0104"}, exit: 1, says: "not with two registers: nothing.", commands: 3},
		"another order is confirmed": {devices: [2]string{`"{\"id\":\"2026-03-01\",\"opened\"`, `"{\"id\":\"2026-02-01\",\"opened\"`}, exit: 1, says: "carried out the order 2026-03-01: no answer.", commands: 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kore := range []bool{false, true} {
				w, provider := newAskedWorld(t, kore)
				var devices twiliosim.Config
				if err := simconfig.Parse("simulator.hcl", []byte(strings.Replace(read("simulator.hcl"), tc.devices[0], tc.devices[1], 1)), &devices); err != nil {
					t.Fatal(err)
				}
				for _, sim := range devices.SIMs {
					w.AddSIM(sim)
				}
				c := w.newCLI(t)
				c.write(provider + read("main.tf"))
				expect{exit: tc.exit, says: []string{tc.says}, state: []string{"sent", "sent"}, posts: 2, commands: tc.commands}.check(c, c.apply())
				if tc.exit != 0 {
					continue
				}
				expect{says: []string{noChanges}, state: []string{"sent", "sent"}, posts: 2, commands: 4}.check(c, c.apply())
				// The order is found again, with its reply. The question is asked again.
				c.restart()
				c.forgetState()
				w.clock.Advance(time.Hour)
				expect{says: []string{"2 added", sentFirst, "litres = 120538"}, state: []string{"sent", "sent"}, posts: 3, commands: 6}.check(c, c.apply())
			}
		})
	}
}
