package provider

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const (
	noReply       = "No reply from the device yet"
	waitsForReply = `wait_for_reply = { timeout = "10s" }`
)

// asks is valve, which waits for a reply that is an output.
func asks(arguments string) string {
	return valve("wait_for_reply = { timeout = \"10s\"\n "+arguments+" }") + `
locals {
  reply = twilio_ip_command.test.reply
}
output "reply" {
  value = local.reply == null ? "none" : "${coalesce(local.reply.text, "no text")} ${local.reply.hex} ${local.reply.payload} ${local.reply.device_port}"
}
`
}

// wantReply wants the output of asks.
func (c *cli) wantReply(want string) {
	c.t.Helper()
	if got := c.run("output", "-raw", "reply"); got.output != want {
		c.t.Errorf("the reply is %q, want %q", got.output, want)
	}
}

// newAskedWorld is a world whose valve replies with these.
func newAskedWorld(t *testing.T, kore bool, replies ...twiliosim.Reply) (w *world, provider string) {
	t.Helper()
	if kore {
		w, provider = newKOREWorld(t), "provider \"twilio\" {\n  kore = {}\n}\n"
	} else {
		w = newWorld(t, twiliosim.Config{})
		provider = w.provider()
	}
	w.AddSIM(twiliosim.SIM{UniqueName: "valve", Replies: replies})
	return w, provider
}

// TestAccReply_R11 has devices reply, and keep silent. (Which reply belongs to which
// message, the tests of the client and the model have.)
func TestAccReply_R11(t *testing.T) {
	t.Parallel()
	ok := twiliosim.Reply{Payload: []byte("ok"), After: time.Second}
	for name, row := range map[string]struct {
		replies   []twiliosim.Reply
		arguments string
		reply     string
	}{
		"text":                {replies: []twiliosim.Reply{ok}, reply: "ok 6f6b b2s= 5683"},
		"bytes":               {replies: []twiliosim.Reply{{Payload: []byte("\x01\xc4")}}, reply: "no text 01c4 AcQ= 5683"},
		"silence":             {reply: "none"},
		"from the port named": {replies: []twiliosim.Reply{{Payload: []byte("ok"), Port: 7}}, arguments: "device_port = 7", reply: "ok 6f6b b2s= 7"},
		"with the pattern": {
			replies: []twiliosim.Reply{{Payload: []byte("busy")}, {Payload: []byte("done 7"), After: time.Second}}, arguments: `pattern = "^done"`,
			reply: "done 7 646f6e652037 ZG9uZSA3 5683",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kore := range []bool{false, true} {
				w, provider := newAskedWorld(t, kore, row.replies...)
				c := w.newCLI(t)
				c.write(provider + asks(row.arguments))
				want := sends(1, created1).not(noReply)
				if row.reply == "none" {
					want = sends(1, created1, noReply)
				}
				want.commands += len(row.replies)
				want.check(c, c.apply())
				c.wantReply(row.reply)
			}
		})
	}
}

// TestAccReply_R11_late finds a reply that comes after apply, at one request
// for each look, and looks no more once it has it, or when 31 days have passed.
func TestAccReply_R11_late(t *testing.T) {
	t.Parallel()
	for _, kore := range []bool{false, true} {
		for _, after := range []time.Duration{20 * time.Minute, 40 * day} {
			w, provider := newAskedWorld(t, kore, twiliosim.Reply{Payload: []byte("ok"), After: after})
			c := w.newCLI(t)
			c.write(provider + asks(""))
			gets := func(n int) {
				t.Helper()
				before := w.gets()
				c.succeeds(c.apply())
				if made := w.gets() - before; made != n {
					t.Errorf("%d GETs, want %d", made, n)
				}
			}
			c.succeeds(c.apply())
			gets(1)
			c.restart() // Another process.
			if after < day {
				w.clock.Advance(time.Hour)
				gets(1)
				c.wantReply("ok 6f6b b2s= 5683")
			} else {
				w.clock.Advance(30 * day)
				gets(1)
				w.clock.Advance(25 * time.Hour)
			}
			gets(0)
			if n := w.posts(); n != 1 {
				t.Errorf("%d POSTs", n)
			}
		}
	}
}

// TestAccReply_R11_talkative has a device send more than is looked at: that is a
// warning, since no plan would succeed any more.
func TestAccReply_R11_talkative(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false)
	c := w.newCLI(t)
	c.write(provider + asks(`pattern = "^done"`))
	c.succeeds(c.apply())
	for range 2100 {
		w.AddIPCommand(twiliosim.IPCommand{Direction: "from_sim", Payload: "b2s=", DevicePort: 5683})
	}
	want := sends(1, "was not found", "more follow than are read", noChanges)
	want.commands = 2101
	want.check(c, c.apply())
	w.Inject(twiliosim.ServerError(403, 1).On(http.MethodGet, "/"))
	want.exit, want.says = 1, []string{"The reply to an IP Command could not be read", "HTTP 403"}
	want.check(c, c.apply())
}

// TestAccReply_R11_untold has an API that does not tell what a reply is recognised
// by: that is a warning too.
func TestAccReply_R11_untold(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	w.Inject(twiliosim.Fault{Method: http.MethodPost, Accept: true, Status: http.StatusCreated, Body: []byte(
		`{"sid":"HG00000000000000000000000000000001","status":"sent","device_ip":"100.64.0.2","device_port":5683,"payload":"open","payload_type":"text"}`)})
	c.write(w.provider() + asks(""))
	sends(1, created1, noReply, "does not tell its SIM").check(c, c.apply())
	sends(1, "was not found", "does not tell its SIM", "Remove wait_for_reply", noChanges).check(c, c.apply())
	c.write(w.provider() + valve(""))
	sends(1, updated1).check(c, c.apply())
	sends(1, noChanges).not("was not found").check(c, c.apply())
}

// TestAccReply_R11_ends has trouble while it waits: the message is recorded, and
// not tainted.
func TestAccReply_R11_ends(t *testing.T) {
	t.Parallel()
	for _, kore := range []bool{false, true} {
		for _, interrupts := range []bool{false, true} {
			w, provider := newAskedWorld(t, kore)
			c := w.newCLI(t)
			fault, want := twiliosim.ServerError(403, 0), sends(1, created1, noReply, "HTTP 403", "looks once more")
			if interrupts {
				fault, want = twiliosim.Fault{Times: 1, Delay: c.interruptAfter("Creating...")}, sends(1, noReply)
			}
			fault.Method, fault.PathPrefix, fault.Skip = http.MethodGet, "/v1/IpCommands", 1 // That the message has left.
			w.Inject(fault)
			c.write(provider + asks(""))
			got := c.apply()
			if interrupts {
				got.exit = 0 // An interrupted apply may end either way.
			}
			want.check(c, got)
		}
	}
}

// TestAccReply_R11_action ends with an error where the device keeps silent.
func TestAccReply_R11_action(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("secret-reply"), After: time.Second})
	w.AddSIM(twiliosim.SIM{UniqueName: "silent"})
	w.AddSIM(twiliosim.SIM{UniqueName: "off", NeverSends: true}) // The message does not even leave.
	c := w.newCLI(t)
	for _, row := range []struct {
		sim  string
		want expect
	}{
		{"valve", expect{says: []string{"The device has replied: HG", "12 bytes from port 5683"}, silent: []string{"secret-reply"}, posts: 1, commands: 2}},
		{"silent", expect{exit: 1, says: []string{"No reply from the device", "will not be sent again", "from_sim"}, posts: 2, commands: 3}},
		{"off", expect{exit: 1, says: []string{"still queued", "will not be sent again", "no reply from the device"}, posts: 3, commands: 4}},
	} {
		c.write(provider + strings.Replace(invocation(waitsForReply), `"valve"`, quoted(row.sim), 1))
		row.want.check(c, c.invoke())
	}
}

// TestAccReply_R11_secret keeps a reply out of logs and out of what is printed;
// it is in the state.
func TestAccReply_R11_secret(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("secret-reply")})
	c := w.newCLI(t)
	log := c.logs("TRACE")
	c.write(provider + valve(waitsForReply))
	got := c.succeeds(c.apply())
	// The CLI's own log has the state.
	provided := regexp.MustCompile(`(?m)^.*provider\.terraform-provider-twilio.*$`).FindAllString(log(), -1)
	if leak := regexp.MustCompile(`secret-reply|c2VjcmV0LXJlcGx5|7365637265742d`).FindString(got.output + strings.Join(provided, "\n")); leak != "" || len(provided) == 0 {
		t.Errorf("%q is shown: %s", leak, got.output)
	}
	if state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate")); err != nil || !strings.Contains(string(state), "secret-reply") {
		t.Errorf("the reply is not in the state: %v", err)
	}
}
