package provider

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccLifecycle_recorded does not wait for a message: a plan asks for its
// status and records nothing, and an apply without anything to do records it.
func TestAccLifecycle_recorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{SendDelay: time.Minute})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	c.write(w.provider() + valve("wait_for_sent = false"))
	expect{says: []string{created1}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
	w.clock.Advance(time.Hour)
	for gets := range 2 {
		if n := w.gets(); n != gets {
			t.Errorf("%d GETs after %d plans", n, gets)
		}
		expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.plan())
	}
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	before := w.gets()
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	if n := w.gets() - before; n != 0 {
		t.Errorf("%d GETs for a settled command", n)
	}
}

// TestAccLifecycle_renamed gives a resource another name: with a moved block
// nothing is sent, and without one the message is sent again.
func TestAccLifecycle_renamed(t *testing.T) {
	t.Parallel()
	needs(t, "1.1", "1.6")
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	expect{says: []string{created1}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	renamed := strings.Replace(valve(""), `"test"`, `"renamed"`, 1)
	c.write(w.provider() + renamed + "moved {\n  from = " + address + "\n  to   = twilio_ip_command.renamed\n}\n")
	expect{says: []string{"has moved to", "0 added, 0 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	c.write(w.provider() + valve(""))
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2}.check(c, c.apply())
}

// TestAccLifecycle_untaint keeps a message that failed from being sent again.
func TestAccLifecycle_untaint(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{Detached: true})
	c.write(w.provider() + valve(""))
	expect{exit: 1, says: []string{"IP Command failed"}, state: []string{"failed!"}, posts: 1, commands: 1}.check(c, c.apply())
	expect{state: []string{"failed"}, posts: 1, commands: 1}.check(c, c.run("untaint", address))
	expect{says: []string{noChanges}, state: []string{"failed"}, posts: 1, commands: 1}.check(c, c.apply())
}

// TestAccLifecycle_destroyWithoutAPI forgets a message that is still queued,
// while the API cannot be reached.
func TestAccLifecycle_destroyWithoutAPI(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.write(w.provider() + valve("wait_for_sent = false"))
	expect{says: []string{created1}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
	w.dial(func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("no network")}
	})
	c.restart()
	expect{exit: 1, says: []string{"no network"}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply("-destroy"))
	expect{says: []string{"1 destroyed"}, posts: 1, commands: 1}.check(c, c.apply("-destroy", "-refresh=false"))
}
