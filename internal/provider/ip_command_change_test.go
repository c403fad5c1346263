package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const (
	updated1  = "0 added, 1 changed, 0 destroyed"
	replaced1 = "1 added, 0 changed, 1 destroyed"
)

// later is a value that a plan knows only if its release is the one of the state.
func later(release, value string) string {
	return fmt.Sprintf(`
resource "terraform_data" "release" {
  input            = %s
  triggers_replace = %q
}
`, value, release)
}

// deferred is valve with an argument that comes from the release.
func deferred(release, argument, value, more string) string {
	arguments := map[string]string{"sim": `"valve"`, "payload": `"open"`, "device_port": "5683", "callback_url": `"https://example.com/a"`}
	arguments[argument] = "terraform_data.release.output"
	var b strings.Builder
	for _, name := range keys(arguments) {
		fmt.Fprintf(&b, "  %s = %s\n", name, arguments[name])
	}
	return later(release, value) + "resource \"twilio_ip_command\" \"test\" {\n" + b.String() + "  " + more + "\n}\n"
}

// TestAccUnknown_R13 has an argument that no plan knows: it is not changed until
// the apply knows that it is. Then the new message is sent, once.
func TestAccUnknown_R13(t *testing.T) {
	t.Parallel()
	for argument, values := range map[string][2]string{
		"sim":             {`"valve"`, `"other"`},
		"payload":         {`"open"`, `"close"`},
		"payload_type":    {`"text"`, `"binary"`},
		"device_port":     {"5683", "5684"},
		"callback_url":    {`"https://example.com/a"`, `"https://example.com/b"`},
		"callback_method": {`"POST"`, `"GET"`},
	} {
		for _, window := range []string{"", windowed} {
			t.Run(argument+" "+window, func(t *testing.T) {
				t.Parallel()
				w := newFaultWorld(t, twiliosim.SIM{}, func(_ *testing.T, w *world) { w.AddSIM(twiliosim.SIM{UniqueName: "other"}) })
				c := w.newCLI(t)
				write := func(release, value, more string) {
					c.restart()
					config := deferred(release, argument, value, window+"\n  "+more)
					c.write(w.provider() + strings.Replace(config, `"open"`, `"QUJD"`, 1))
					if argument == "payload" {
						c.write(w.provider() + config)
					}
				}
				apply := func(want expect, args ...string) {
					t.Helper()
					want.check(c, c.apply(args...))
				}
				// The release is one more resource.
				write("1", values[0], "")
				apply(expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1})
				w.clock.Advance(time.Minute)
				sid := c.instances()[0].SID
				gets := w.Count(http.MethodGet, "")

				write("2", values[0], "")
				apply(expect{says: []string{"will be updated in-place", "1 added, 0 changed, 1 destroyed"}, silent: []string{"forces replacement", sentFirst}, state: []string{"sent"}, posts: 1, commands: 1})
				if got := c.instances()[0].SID; got != sid || w.Count(http.MethodGet, "") != gets {
					t.Errorf("%s became %s, after %d GETs", sid, got, w.Count(http.MethodGet, "")-gets)
				}
				write("3", values[1], "")
				apply(expect{says: []string{"will be updated in-place", "1 added, 1 changed, 1 destroyed"}, silent: []string{"forces replacement", sentFirst}, state: []string{"sent"}, posts: 2, commands: 2})
				if got := c.instances()[0].SID; got == sid {
					t.Errorf("the state still has %s", got)
				}
				apply(expect{says: []string{noChanges}, state: []string{"sent"}, posts: 2, commands: 2})
				w.clock.Advance(2 * time.Hour) // Beyond the window.

				// A change that is known replaces, as ever.
				write("3", values[0], "")
				c.run("apply", "-auto-approve", "-no-color", "-target=terraform_data.release")
				apply(expect{says: []string{"forces replacement", replaced1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 3, commands: 3})
			})
		}
	}
}

// TestAccUnknown_R13_beside has something else happen to a message of which an
// argument is not known.
func TestAccUnknown_R13_beside(t *testing.T) {
	t.Parallel()
	type test struct {
		// first and then are the payload, and what is beside it.
		first, then [2]string
		release     string // the second one's; "2" unless given
		do          func(c *cli, w *world)
		args        []string
		want        expect
	}
	same := func(says ...string) expect {
		return expect{says: says, silent: []string{sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}
	}
	again := func(says ...string) expect {
		return expect{says: says, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}
	}
	open, closed := [2]string{`"open"`, ""}, [2]string{`"close"`, ""}
	with := func(payload [2]string, more string) [2]string { return [2]string{payload[0], more} }
	cbd := "lifecycle {\n    create_before_destroy = true\n  }"
	for name, test := range map[string]test{
		"-replace":                    {first: open, then: open, args: []string{"-replace=" + address}, want: again("2 added, 0 changed, 2 destroyed")},
		"-replace, and different":     {first: open, then: closed, args: []string{"-replace=" + address}, want: again("2 added, 0 changed, 2 destroyed")},
		"a taint":                     {first: open, then: open, do: func(c *cli, _ *world) { c.run("taint", address) }, want: again("2 added, 0 changed, 2 destroyed")},
		"a trigger":                   {first: with(open, "lifecycle {\n    replace_triggered_by = [terraform_data.release]\n  }"), then: with(open, "lifecycle {\n    replace_triggered_by = [terraform_data.release]\n  }"), want: again("2 added, 0 changed, 2 destroyed")},
		"created first":               {first: with(open, cbd), then: with(open, cbd), want: same("1 added, 0 changed, 1 destroyed")},
		"created first, different":    {first: with(open, cbd), then: with(closed, cbd), want: again("1 added, 1 changed, 1 destroyed")},
		"a change in place":           {first: open, then: with(open, "wait_for_sent = false"), want: same("1 added, 1 changed, 1 destroyed")},
		"a change that is known":      {first: open, then: with(open, `callback_url = "https://example.com/b"`), want: again("forces replacement", "2 added, 0 changed, 2 destroyed")},
		"31 days later":               {first: open, then: open, do: func(_ *cli, w *world) { w.clock.Advance(31 * day) }, want: expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 1}},
		"no refresh":                  {first: open, then: open, args: []string{"-refresh=false"}, want: same("1 added, 0 changed, 1 destroyed")},
		"no refresh, different":       {first: open, then: closed, args: []string{"-refresh=false"}, want: again("1 added, 1 changed, 1 destroyed")},
		"no refresh, a known change":  {first: open, then: with(open, `callback_url = "https://example.com/b"`), release: "1", args: []string{"-refresh=false"}, want: again("will be updated in-place", updated1)},
		"a target":                    {first: open, then: closed, args: []string{"-target=" + address}, want: again("1 added, 1 changed, 1 destroyed")},
		"one by one":                  {first: open, then: open, args: []string{oneByOne}, want: same("1 added, 0 changed, 1 destroyed")},
		"refused":                     {first: open, then: closed, do: func(_ *cli, w *world) { w.Inject(twiliosim.ServerError(400, 1).On(http.MethodPost, "/")) }, want: expect{exit: 1, says: []string{"IP Command was refused"}, state: []string{"sent"}, posts: 2, commands: 1}},
		"lost, and found":             {first: open, then: closed, do: func(_ *cli, w *world) { w.Inject(twiliosim.LostAnswer(1).On(http.MethodPost, "/")) }, want: again("1 added, 1 changed, 1 destroyed", wasAdopted)},
		"lost, and not found":         {first: open, then: closed, do: func(_ *cli, w *world) { w.Inject(twiliosim.LostRequest(1).On(http.MethodPost, "/")) }, want: expect{exit: 1, says: []string{maybeSent, `Set deduplication_window = "1h" and apply again`}, state: []string{"sent"}, posts: 2, commands: 1}},
		"failed":                      {first: open, then: closed, do: func(_ *cli, w *world) { w.SetDetached("valve", true) }, want: expect{exit: 1, says: []string{"IP Command failed", "The state keeps the message before it"}, silent: []string{"tainted"}, state: []string{"sent"}, posts: 2, commands: 2}},
		"still queued":                {first: open, then: with(closed, "wait_for_sent = false"), want: expect{says: []string{"1 added, 1 changed, 1 destroyed"}, state: []string{"queued"}, posts: 2, commands: 2}},
		"a payload that is too large": {first: open, then: [2]string{`format("%01301d", 7)`, ""}, want: expect{exit: 1, says: []string{"1301 bytes"}, state: []string{"sent"}, posts: 1, commands: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			write := func(release string, what [2]string) {
				c.restart()
				config := deferred(release, "payload", what[0], what[1])
				if strings.Contains(what[1], "callback_url") {
					config = strings.Replace(config, "  callback_url = \"https://example.com/a\"\n", "", 1)
				}
				c.write(w.provider() + config)
			}
			write("1", test.first)
			expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
			w.clock.Advance(time.Minute)
			if test.do != nil {
				test.do(c, w)
			}
			release := test.release
			if release == "" {
				release = "2"
			}
			write(release, test.then)
			test.want.check(c, c.apply(test.args...))
			// The next plan has no change, or replaces what could not be updated.
			w.ClearFaults()
			w.SetDetached("valve", false)
			next := test.want
			next.exit, next.silent, next.says = 0, nil, []string{noChanges}
			switch {
			case test.want.exit == 0 && name != "still queued":
			case name == "a payload that is too large":
				return
			default:
				next.state = []string{"sent"}
				if name != "still queued" {
					next.says, next.posts, next.commands = []string{replaced1}, next.posts+1, next.commands+1
				}
			}
			c.restart()
			next.check(c, c.apply())
		})
	}
}

// TestAccUnknown_R13_saved applies a plan that was saved, and one that a refresh
// fails in between.
func TestAccUnknown_R13_saved(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]expect{
		`"open"`:  {says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1},
		`"close"`: {says: []string{"1 added, 1 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2},
	} {
		w, c := newValve(t, twiliosim.SIM{})
		c.write(w.provider() + deferred("1", "payload", `"open"`, ""))
		c.apply()
		w.clock.Advance(time.Minute)
		c.write(w.provider() + deferred("2", "payload", payload, ""))
		c.succeeds(c.plan("-out=tfplan"))
		c.restart()
		want.check(c, c.run("apply", "-no-color", "tfplan"))
	}
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.write(w.provider() + deferred("1", "payload", `"open"`, "wait_for_sent = false"))
	c.apply()
	c.write(w.provider() + deferred("2", "payload", `"open"`, "wait_for_sent = false"))
	w.Inject(twiliosim.ServerError(403, 0).On(http.MethodGet, "/"))
	expect{exit: 1, says: []string{"IP Command could not be read"}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
	w.ClearFaults()
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())
}

// TestAccUnknown_R13_fleet has the SIMs of a fleet come from a data source that
// depends on a release, as a module's depends_on has it.
func TestAccUnknown_R13_fleet(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{Fleet: "valves"})
	config := func(release string) string {
		return w.provider() + later(release, `"x"`) + `
data "twilio_super_sims" "s" {
  fleet      = "valves"
  depends_on = [terraform_data.release]
}
resource "twilio_ip_command" "test" {
  sim         = data.twilio_super_sims.s.sims[0].sid
  payload     = "open"
  device_port = 5683
}
`
	}
	c.write(config("1"))
	expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	for _, release := range []string{"2", "3"} {
		c.restart()
		w.clock.Advance(time.Minute)
		c.write(config(release))
		expect{says: []string{"1 added, 0 changed, 1 destroyed"}, silent: []string{"forces replacement"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	}
}

// TestAccUnknown_R13_writeOnly has the version of a write-only payload that no plan
// knows.
func TestAccUnknown_R13_writeOnly(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	config := func(release, version string) string {
		return w.provider() + later(release, version) + `
resource "twilio_ip_command" "test" {
  sim                = "valve"
  payload_wo         = "open"
  payload_wo_version = terraform_data.release.output
  device_port        = 5683
  ` + windowed + `
}
`
	}
	c.write(config("1", "1"))
	expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	w.clock.Advance(time.Minute)
	c.restart()
	c.write(config("2", "1"))
	expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	c.restart()
	c.write(config("3", "2"))
	expect{says: []string{"1 added, 1 changed, 1 destroyed"}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}.check(c, c.apply())
}

// TestAccUnknown_R8 imports a message with an argument that no plan knows: it is
// taken over if it is what the message has, and otherwise an error that sends
// nothing and loses nothing.
func TestAccUnknown_R8(t *testing.T) {
	t.Parallel()
	needs(t, "1.5", "1.6")
	for argument, values := range map[string][2]string{
		"sim":         {"valve", "HS00000000000000000000000000000009"},
		"payload":     {"open", "close"},
		"device_port": {"5683", "5684"},
		"payload_wo":  {"open", "close"},
	} {
		if argument == "payload_wo" && !cliHas("1.11", "1.11") {
			continue
		}
		for i, value := range values {
			for _, how := range []string{"block", "command"} {
				t.Run(strings.Join([]string{argument, value, how}, " "), func(t *testing.T) {
					t.Parallel()
					w := newFaultWorld(t, twiliosim.SIM{}, nil)
					w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683, Status: "sent"})
					sid := w.IPCommands()[0].SID
					c := w.newCLI(t)
					config := deferred("1", argument, fmt.Sprintf("%q", value), "")
					config = strings.Replace(config, "  callback_url = \"https://example.com/a\"\n", "", 1)
					if argument == "payload_wo" {
						config = strings.Replace(config, "  payload = \"open\"\n", "  payload_wo_version = 1\n", 1)
					}
					block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, sid)
					c.write(w.provider() + config)
					if how == "block" {
						c.write(w.provider() + config + block)
					} else {
						c.succeeds(c.importSID(sid))
					}
					got := c.apply()
					want := expect{silent: []string{"forces replacement", "1 destroyed"}, state: []string{"sent"}, commands: 1}
					if i == 1 {
						want.exit, want.says = 1, []string{"Imported IP Command is another message", "Nothing was sent, and the command stays imported"}
					}
					want.check(c, got)
					if c.instances()[0].SID != sid {
						t.Errorf("the state has %s", c.instances()[0].SID)
					}
					if i == 0 {
						want.says = []string{noChanges}
						want.check(c, c.apply())
						return
					}
					// Now it is known, and the plan shows what it does.
					if got := c.plan(); !strings.Contains(got.output, "forces replacement") {
						t.Error(got.output)
					}
				})
			}
		}
	}
}

// TestAccUnknown_R13_lostCallback has a callback that no plan knows change, and
// the response to the new message lost: the replacement that follows looks first,
// though the message is equal to the one before.
func TestAccUnknown_R13_lostCallback(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault           twiliosim.Fault
		posts, commands int // in the end
	}{
		"sent":     {twiliosim.LostAnswer(1), 2, 2},
		"not sent": {twiliosim.LostRequest(1), 3, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + deferred("1", "callback_url", `"https://example.com/a"`, windowed))
			expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
			w.clock.Advance(time.Minute)
			c.restart()
			w.Inject(row.fault.On(http.MethodPost, "/"))
			w.Inject(twiliosim.ServerError(503, 0).On(http.MethodGet, "/"))
			c.write(w.provider() + deferred("2", "callback_url", `"https://example.com/b"`, windowed))
			expect{exit: 1, says: []string{maybeSent, "Apply again. It looks first"}, state: []string{"sent"}, posts: 2, commands: row.commands - row.posts + 2}.check(c, c.apply())
			w.ClearFaults()
			c.restart()
			expect{says: []string{replaced1}, state: []string{"sent"}, posts: row.posts, commands: row.commands}.check(c, c.apply())
			expect{says: []string{noChanges}, state: []string{"sent"}, posts: row.posts, commands: row.commands}.check(c, c.apply())
			// What is replaced later does not look.
			c.restart()
			expect{says: []string{replaced1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: row.posts + 1, commands: row.commands + 1}.check(c, c.apply("-replace="+address))
		})
	}
}

// TestAccUnknown_R13_lostTwice has the response to an update lost, and the argument
// again unknown in the next plan. The error says that the next apply looks first.
func TestAccUnknown_R13_lostTwice(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"unknown again", "-refresh=false"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + deferred("1", "callback_url", `"https://example.com/a"`, windowed))
			expect{says: []string{"2 added"}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
			w.clock.Advance(time.Minute)
			c.restart()
			w.Inject(twiliosim.LostAnswer(1).On(http.MethodPost, "/"))
			w.Inject(twiliosim.ServerError(503, 0).On(http.MethodGet, "/"))
			c.write(w.provider() + deferred("2", "callback_url", `"https://example.com/b"`, windowed))
			expect{exit: 1, says: []string{maybeSent, "Apply again. It looks first"}, state: []string{"sent"}, posts: 2, commands: 2}.check(c, c.apply())
			w.ClearFaults()
			c.restart()
			var args []string
			if how == "-refresh=false" {
				args = []string{how}
			} else {
				c.write(w.provider() + deferred("3", "callback_url", `"https://example.com/b"`, windowed))
			}
			expect{says: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}.check(c, c.apply(args...))
		})
	}
}

// TestAccUnknown_R13_refused has two equal messages. The update of one is
// refused, so nothing was sent; what replaces it then is sent, and not taken for the
// message of the other.
func TestAccUnknown_R13_refused(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	other := strings.NewReplacer(later("1", `"https://example.com/a"`), "", `"test"`, `"other"`, "terraform_data.release.output", `"https://example.com/z"`)
	config := func(release, callback string) string {
		first := deferred(release, "callback_url", callback, windowed)
		second := other.Replace(deferred("1", "callback_url", `"https://example.com/a"`, windowed+"\n  depends_on = [twilio_ip_command.test]"))
		return w.provider() + first + second
	}
	c.write(config("1", `"https://example.com/a"`))
	c.succeeds(c.apply())
	if n := len(w.IPCommands()); n != 2 {
		t.Fatalf("%d commands", n)
	}
	w.clock.Advance(time.Minute)
	c.restart()
	w.Inject(twiliosim.ServerError(400, 1).On(http.MethodPost, "/"))
	c.write(config("2", `"https://example.com/b"`))
	got := c.apply()
	if got.exit != 1 || !strings.Contains(got.output, "IP Command was refused") {
		t.Fatal(got.output)
	}
	w.ClearFaults()
	c.restart()
	got = c.apply()
	if strings.Contains(got.output, sentFirst) || len(w.IPCommands()) != 3 {
		t.Errorf("%d commands\n%s", len(w.IPCommands()), got.output)
	}
	if all := c.instances(); len(all) == 2 && all[0].SID == all[1].SID {
		t.Errorf("two resources have %s", all[0].SID)
	}
}
