package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const noAnswer = "No reply from the device yet"

// asks is valve, which waits for an answer that is an output.
func asks(arguments string) string {
	return valve("wait_for_reply = { timeout = \"10s\"\n "+arguments+" }") + `
output "reply" {
  value = twilio_ip_command.test.reply == null ? "none" : "${coalesce(twilio_ip_command.test.reply.text, "no text")} ${twilio_ip_command.test.reply.hex} ${twilio_ip_command.test.reply.payload} ${twilio_ip_command.test.reply.device_port}"
}
`
}

// newAskedWorld is a world whose valve answers with these.
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

// TestAccReply_R11 has devices answer, and keep silent.
func TestAccReply_R11(t *testing.T) {
	t.Parallel()
	answer := func(payload string, after time.Duration) twiliosim.Reply {
		return twiliosim.Reply{Payload: []byte(payload), After: after}
	}
	for name, row := range map[string]struct {
		replies   []twiliosim.Reply
		arguments string
		before    func(w *world)
		reply     string
	}{
		"text":                {replies: []twiliosim.Reply{answer("ok", time.Second)}, reply: "ok 6f6b b2s= 5683"},
		"bytes":               {replies: []twiliosim.Reply{answer("\x01\xc4", time.Second)}, reply: "no text 01c4 AcQ= 5683"},
		"silence":             {reply: "none"},
		"too late":            {replies: []twiliosim.Reply{answer("ok", time.Minute)}, reply: "none"},
		"from another port":   {replies: []twiliosim.Reply{{Payload: []byte("ok"), Port: 7}}, reply: "none"},
		"from the port named": {replies: []twiliosim.Reply{{Payload: []byte("ok"), Port: 7}}, arguments: "device_port = 7", reply: "ok 6f6b b2s= 7"},
		"with the pattern":    {replies: []twiliosim.Reply{answer("busy", 0), answer("done 7", time.Second)}, arguments: `pattern = "^done"`, reply: "done 7 646f6e652037 ZG9uZSA3 5683"},
		"without the pattern": {replies: []twiliosim.Reply{answer("busy", 0)}, arguments: `pattern = "^done"`, reply: "none"},
		"bytes by their hex":  {replies: []twiliosim.Reply{answer("\xff", 0), answer("\x01\xc4", time.Second)}, arguments: `pattern = "^01"`, reply: "no text 01c4 AcQ= 5683"},
		"an answer from before": {before: func(w *world) {
			w.AddIPCommand(twiliosim.IPCommand{Direction: "from_sim", Payload: "b2s=", DevicePort: 5683, DateCreated: w.clock.Now().Add(-2 * time.Second)})
		}, reply: "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, kore := range []bool{false, true} {
				w, provider := newAskedWorld(t, kore, row.replies...)
				if row.before != nil {
					row.before(w)
				}
				c := w.newCLI(t)
				c.write(provider + asks(row.arguments))
				want := expect{says: []string{created1}, silent: []string{noAnswer}, state: []string{"sent"}, posts: 1, commands: len(w.IPCommands()) + 1}
				got := c.apply()
				for _, r := range row.replies {
					if r.After <= 10*time.Second {
						want.commands++
					}
				}
				if row.reply == "none" {
					want.says, want.silent = []string{created1, noAnswer}, nil
				}
				want.check(c, got)
				if got := c.run("output", "-raw", "reply"); got.output != row.reply {
					t.Errorf("%q, want %q", got.output, row.reply)
				}
			}
		})
	}
}

// TestAccReply_R11_late finds an answer that comes after apply, at one request
// for each look, and looks no more once it has it, or when 31 days have passed.
func TestAccReply_R11_late(t *testing.T) {
	t.Parallel()
	for _, kore := range []bool{false, true} {
		var w *world
		var c *cli
		begin := func(replies ...twiliosim.Reply) {
			t.Helper()
			var provider string
			w, provider = newAskedWorld(t, kore, replies...)
			c = w.newCLI(t)
			c.write(provider + asks(""))
			c.succeeds(c.apply())
		}
		gets := func(n int) {
			t.Helper()
			before := w.Count(http.MethodGet, "")
			c.succeeds(c.apply())
			if made := w.Count(http.MethodGet, "") - before; made != n {
				t.Errorf("%d GETs, want %d", made, n)
			}
		}
		begin(twiliosim.Reply{Payload: []byte("ok"), After: 20 * time.Minute})
		gets(1)
		w.clock.Advance(time.Hour)
		c.restart() // Another process.
		gets(1)
		if got := c.run("output", "-raw", "reply"); got.output != "ok 6f6b b2s= 5683" {
			t.Error(got.output)
		}
		gets(0)
		if n := w.posts(); n != 1 {
			t.Errorf("%d POSTs", n)
		}

		begin()
		w.clock.Advance(30 * 24 * time.Hour)
		gets(1)
		w.clock.Advance(25 * time.Hour)
		gets(0)
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
	expect{says: []string{"was not found", "more follow than are read", noChanges}, state: []string{"sent"}, posts: 1, commands: 2101}.check(c, c.apply())
	w.Inject(twiliosim.ServerError(403, 1).On(http.MethodGet, "/"))
	expect{exit: 1, says: []string{"The reply to an IP Command could not be read", "HTTP 403"}, state: []string{"sent"}, posts: 1, commands: 2101}.check(c, c.apply())
}

// TestAccReply_R11_untold has an API that does not tell what an answer is recognised
// by: that is a warning too.
func TestAccReply_R11_untold(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false)
	c := w.newCLI(t)
	w.Inject(twiliosim.Fault{Method: http.MethodPost, Accept: true, Status: http.StatusCreated, Body: []byte(
		`{"sid":"HG00000000000000000000000000000001","status":"sent","device_ip":"100.64.0.2","device_port":5683,"payload":"open","payload_type":"text"}`)})
	c.write(provider + asks(""))
	want := expect{says: []string{created1, noAnswer, "does not tell its SIM"}, state: []string{"sent"}, posts: 1, commands: 1}
	want.check(c, c.apply())
	want.says = []string{"was not found", "does not tell its SIM", "Remove wait_for_reply", noChanges}
	want.check(c, c.apply())
	c.write(provider + valve(""))
	want.says = []string{"0 added, 1 changed, 0 destroyed"}
	want.check(c, c.apply())
	want.says, want.silent = []string{noChanges}, []string{"was not found"}
	want.check(c, c.apply())
}

// TestAccReply_R11_ends has trouble while it waits: the message is recorded, and
// not tainted.
func TestAccReply_R11_ends(t *testing.T) {
	t.Parallel()
	reads := func(f twiliosim.Fault) twiliosim.Fault {
		f.Method, f.PathPrefix = http.MethodGet, "/v1/IpCommands"
		f.Skip = 1 // That the message has left.
		return f
	}
	for _, kore := range []bool{false, true} {
		w, provider := newAskedWorld(t, kore)
		c := w.newCLI(t)
		w.Inject(reads(twiliosim.ServerError(403, 0)))
		c.write(provider + asks(""))
		expect{says: []string{created1, noAnswer, "HTTP 403", "looks once more"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())

		w, provider = newAskedWorld(t, kore)
		c = w.newCLI(t)
		w.Inject(reads(twiliosim.Fault{Times: 1, Delay: c.interruptAfter("Creating...")}))
		c.write(provider + asks(""))
		got := c.apply()
		if state := c.instances(); len(state) != 1 || state[0].Tainted || state[0].Status != "sent" || !strings.Contains(oneLine(got.output), noAnswer) {
			t.Errorf("the state has %v\n%s", state, got.output)
		}
		if n := w.posts(); n != 1 {
			t.Errorf("%d POSTs", n)
		}
	}
}

// TestAccReply_R11_twoToOnePort asks twice on one port: each message has an answer
// of its own, also in the next process.
func TestAccReply_R11_twoToOnePort(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("ok"), After: time.Second})
	c := w.newCLI(t)
	c.write(provider + strings.Replace(valve(`wait_for_reply = { timeout = "10s" }`), "sim  ", "count = 2\n  sim  ", 1) + `
output "replies" {
  value = join(" ", twilio_ip_command.test[*].reply.sid)
}
`)
	for range 2 {
		c.succeeds(c.apply(oneByOne))
		if sids := strings.Fields(c.run("output", "-raw", "replies").output); len(sids) != 2 || sids[0] == sids[1] {
			t.Errorf("%v", sids)
		}
		c.restart()
	}
}

// TestAccReply_R11_taken has a refresh look for an answer among those of which the
// state says that another message has them.
func TestAccReply_R11_taken(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false, twiliosim.Reply{To: []byte("open"), Payload: []byte("ok"), After: time.Second})
	c := w.newCLI(t)
	const waits = `wait_for_reply = { timeout = "10s" }`
	unanswered := func(arguments string) string {
		return strings.NewReplacer(`"test"`, `"other"`, `"open"`, `"close"`).Replace(valve(waits + "\n" + arguments))
	}
	c.write(provider + unanswered(""))
	expect{says: []string{created1, noAnswer}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	c.restart()
	c.write(provider + asks("") + unanswered("depends_on = [twilio_ip_command.test]") + `
output "other" {
  value = twilio_ip_command.other.reply == null ? "none" : "taken"
}
`)
	expect{says: []string{created1}, silent: []string{noAnswer}, state: []string{"sent", "sent"}, posts: 2, commands: 3}.check(c, c.apply())
	c.restart()
	c.succeeds(c.apply())
	if got := c.run("output", "-raw", "other"); got.output != "none" {
		t.Error(got.output)
	}
}

// TestAccReply_R11_inPlace adds, changes and removes the argument without a
// request for the message.
func TestAccReply_R11_inPlace(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("ok"), After: 30 * time.Second})
	c := w.newCLI(t)
	changed := expect{says: []string{"0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 2}
	for _, step := range []struct {
		config string
		want   expect
	}{
		{valve(""), expect{says: []string{created1}, state: []string{"sent"}, posts: 1, commands: 1}},
		{valve(`wait_for_reply = { timeout = "10s" }`), changed},
		// The refresh of the next plan finds the answer.
		{valve(`wait_for_reply = { timeout = "20s" }`), changed},
		{valve(""), changed},
	} {
		w.clock.Advance(time.Minute)
		c.write(provider + step.config)
		step.want.check(c, c.apply())
	}
}

// TestAccReply_R11_action ends with an error where the device keeps silent.
func TestAccReply_R11_action(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("secret-answer"), After: time.Second})
	c := w.newCLI(t)
	c.write(provider + invocation(`wait_for_reply = { timeout = "10s" }`))
	expect{says: []string{"The device has replied: HG", "13 bytes from port 5683"}, silent: []string{"secret-answer"}, posts: 1, commands: 2}.check(c, c.invoke())
	w.AddSIM(twiliosim.SIM{UniqueName: "silent"})
	c.write(provider + strings.Replace(invocation(`wait_for_reply = { timeout = "10s" }`), `"valve"`, `"silent"`, 1))
	expect{exit: 1, says: []string{"No reply from the device", "will not be sent again", "from_sim"}, posts: 2, commands: 3}.check(c, c.invoke())
	// It has not even left.
	w.AddSIM(twiliosim.SIM{UniqueName: "off", NeverSends: true})
	c.write(provider + strings.Replace(invocation(`wait_for_reply = { timeout = "10s" }`), `"valve"`, `"off"`, 1))
	expect{exit: 1, says: []string{"still queued", "will not be sent again", "no reply from the device"}, posts: 3, commands: 4}.check(c, c.invoke())
}

// TestAccReply_R11_secret keeps an answer out of logs and out of what is printed;
// it is in the state.
func TestAccReply_R11_secret(t *testing.T) {
	t.Parallel()
	w, provider := newAskedWorld(t, false, twiliosim.Reply{Payload: []byte("secret-answer")})
	c := w.newCLI(t)
	c.useBinary(t)
	log := filepath.Join(t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH="+log)
	c.write(provider + valve(`wait_for_reply = { timeout = "10s" }`))
	got := c.apply()
	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if leak := regexp.MustCompile(`secret-answer|c2VjcmV0LWFuc3dlcg|7365637265742d`).FindString(got.output + string(logged)); leak != "" || got.exit != 0 {
		t.Errorf("%q is shown: %s", leak, got.output)
	}
	if state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate")); err != nil || !strings.Contains(string(state), "secret-answer") {
		t.Error(fmt.Sprint("the response is not in the state: ", err))
	}
}
