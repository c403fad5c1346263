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
	// The release is replaced, too, so that its value is not known.
	keptBeside     = "1 added, 0 changed, 1 destroyed"
	updatedBeside  = "1 added, 1 changed, 1 destroyed"
	replacedBeside = "2 added, 0 changed, 2 destroyed"
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
		if name != "callback_url" || !strings.Contains(more, name) {
			fmt.Fprintf(&b, "  %s = %s\n", name, arguments[name])
		}
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
				w, c := newValve(t, twiliosim.SIM{})
				w.AddSIM(twiliosim.SIM{UniqueName: "other"})
				apply := func(release, value string, want expect) (sid string) {
					t.Helper()
					c.restart()
					config := deferred(release, argument, value, window)
					if argument != "payload" {
						config = strings.Replace(config, `"open"`, `"QUJD"`, 1)
					}
					c.write(w.provider() + config)
					want.check(c, c.apply())
					return c.instances()[0].SID
				}
				sid := apply("1", values[0], sends(1, "2 added"))
				w.clock.Advance(time.Minute)
				gets := w.gets()
				same := apply("2", values[0], sends(1, "will be updated in-place", keptBeside).not("forces replacement", sentFirst))
				if same != sid || w.gets() != gets {
					t.Errorf("%s became %s, after %d GETs", sid, same, w.gets()-gets)
				}
				if apply("3", values[1], sends(2, "will be updated in-place", updatedBeside).not("forces replacement", sentFirst)) == sid {
					t.Errorf("the state still has %s", sid)
				}
				apply("3", values[1], sends(2, noChanges))
				w.clock.Advance(2 * time.Hour) // Beyond the window.

				// A change that is known replaces, as ever.
				c.write(w.provider() + later("3", values[0]))
				c.run("apply", "-auto-approve", "-no-color", "-target=terraform_data.release")
				apply("3", values[0], sends(3, "forces replacement", replaced1).not(sentFirst))
			})
		}
	}
}

// TestAccUnknown_R13_beside has something else happen to a message of which an
// argument is not known.
func TestAccUnknown_R13_beside(t *testing.T) {
	t.Parallel()
	kept := func(e expect) expect { // It is the message before it that is in the state.
		e.exit, e.state = 1, []string{"sent"}
		return e
	}
	onPOST := func(f twiliosim.Fault) func(*world) {
		return func(w *world) { w.Inject(f.On(http.MethodPost, "/")) }
	}
	const (
		trigger     = "lifecycle {\n    replace_triggered_by = [terraform_data.release]\n  }"
		createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
		callback    = `callback_url = "https://example.com/b"`
	)
	for name, row := range map[string]struct {
		payload, more string // of the second apply; "open" is the first one's
		both          string // arguments of both applies
		do            func(w *world)
		args          []string
		want          expect
		next          string // what the next apply says; noChanges unless given
	}{
		"-replace":                   {args: []string{"-replace=" + address}, want: sends(2, replacedBeside)},
		"a trigger":                  {both: trigger, want: sends(2, replacedBeside)},
		"created first, different":   {both: createFirst, payload: `"close"`, want: sends(2, updatedBeside)},
		"a change that is known":     {more: callback, want: sends(2, "forces replacement", replacedBeside)},
		"no refresh, a known change": {more: callback, args: []string{"-refresh=false"}, want: sends(2, updatedBeside)},
		"a target":                   {payload: `"close"`, args: []string{"-target=" + address}, want: sends(2, updatedBeside)},
		"a saved plan":               {args: []string{"tfplan"}, want: sends(1, keptBeside)},
		"a saved plan, different":    {payload: `"close"`, args: []string{"tfplan"}, want: sends(2, updatedBeside)},
		"31 days later": {
			do:   func(w *world) { w.clock.Advance(31 * day) },
			want: expect{says: []string{keptBeside}, state: []string{"sent"}, posts: 1},
		},
		"refused": {
			payload: `"close"`, do: onPOST(twiliosim.ServerError(400, 1)),
			want: kept(expect{says: []string{"IP Command was refused"}, posts: 2, commands: 1}), next: replaced1,
		},
		"lost": {
			payload: `"close"`, do: onPOST(twiliosim.LostRequest(1)),
			want: kept(expect{says: []string{maybeSent, `Set deduplication_window = "1h" and apply again`}, posts: 2, commands: 1}), next: replaced1,
		},
		"failed": {
			payload: `"close"`, do: func(w *world) { w.SetDetached("valve", true) },
			want: kept(sends(2, "IP Command failed", "The state keeps the message before it").not("tainted")), next: replaced1,
		},
		"a payload that is too large": {
			payload: `format("%01301d", 7)`, want: kept(sends(1, "1301 bytes")), next: "1301 bytes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.provider() + deferred("1", "payload", `"open"`, row.both))
			sends(1, "2 added").check(c, c.apply())
			w.clock.Advance(time.Minute)
			if row.do != nil {
				row.do(w)
			}
			c.restart()
			if row.payload == "" {
				row.payload = `"open"`
			}
			c.write(w.provider() + deferred("2", "payload", row.payload, row.both+row.more))
			apply := func() ran { return c.apply(row.args...) }
			if len(row.args) > 0 && row.args[0] == "tfplan" {
				c.succeeds(c.plan("-out=tfplan"))
				c.restart()
				apply = func() ran { return c.run("apply", "-no-color", "tfplan") }
			}
			row.want.not(sentFirst).check(c, apply())
			w.SetDetached("valve", false)
			c.restart()
			next := expect{says: []string{noChanges}, state: []string{"sent"}, posts: row.want.posts, commands: row.want.commands}
			switch row.next {
			case replaced1:
				next.says, next.posts, next.commands = []string{replaced1}, next.posts+1, next.commands+1
			case "":
			default:
				next.exit, next.says = 1, []string{row.next}
			}
			next.check(c, c.apply())
		})
	}
}

// TestAccUnknown_R13_writeOnly has the version of a write-only payload that no plan
// knows.
func TestAccUnknown_R13_writeOnly(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	for i, row := range []struct {
		version string
		want    expect
	}{
		{"1", sends(1, "2 added")}, {"1", sends(1, keptBeside)}, {"2", sends(2, updatedBeside).not(sentFirst)},
	} {
		c.restart()
		c.write(w.provider() + later(fmt.Sprint(i), row.version) + `
resource "twilio_ip_command" "test" {
  sim                = "valve"
  payload_wo         = "open"
  payload_wo_version = terraform_data.release.output
  device_port        = 5683
  ` + windowed + `
}
`)
		row.want.check(c, c.apply())
		w.clock.Advance(time.Minute)
	}
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
					w, c := newValve(t, twiliosim.SIM{})
					sid := w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683, Status: "sent"}).SID
					config := w.provider() + deferred("1", argument, quoted(value), "# no callback_url")
					if argument == "payload_wo" {
						config = strings.Replace(config, "  payload = \"open\"\n", "  payload_wo_version = 1\n", 1)
					}
					if how == "block" {
						c.write(config + importBlock(address, sid))
					} else {
						c.write(config)
						c.succeeds(c.importSID(sid))
					}
					want := expect{silent: []string{"forces replacement", "1 destroyed"}, state: []string{"sent"}, commands: 1}
					if i == 1 {
						want.exit, want.says = 1, []string{"Imported IP Command is another message", "Nothing was sent, and the command stays imported"}
					}
					want.check(c, c.apply())
					if c.instances()[0].SID != sid {
						t.Errorf("the state has %s", c.instances()[0].SID)
					}
					// Now it is known, and the plan shows what it does.
					if got := c.plan(); strings.Contains(got.output, "forces replacement") != (i == 1) || strings.Contains(got.output, noChanges) != (i == 0) {
						t.Error(got.output)
					}
				})
			}
		}
	}
}

// TestAccUnknown_R13_lost has a callback that no plan knows change, and the new
// message lost. The error says that the next apply looks first, and that does,
// though the message is equal to the one before, and whatever it plans.
func TestAccUnknown_R13_lost(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		fault   twiliosim.Fault
		release string // of the next apply
		args    []string
		says    string
		posts   int // in the end
	}{
		"replaced, and sent":     {twiliosim.LostResponse(1), "2", nil, replaced1, 2},
		"replaced, and not sent": {twiliosim.LostRequest(1), "2", nil, replaced1, 3},
		"unknown again":          {twiliosim.LostResponse(1), "3", nil, sentFirst, 2},
		"-refresh=false":         {twiliosim.LostResponse(1), "2", []string{"-refresh=false"}, sentFirst, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			write := func(release, callback string) {
				c.restart()
				c.write(w.provider() + deferred(release, "callback_url", `"https://example.com/`+callback+`"`, windowed))
			}
			write("1", "a")
			sends(1, "2 added").check(c, c.apply())
			w.clock.Advance(time.Minute)
			w.Inject(row.fault.On(http.MethodPost, "/"))
			w.Inject(twiliosim.ServerError(503, 0).On(http.MethodGet, "/"))
			write("2", "b")
			lost := expect{exit: 1, says: []string{maybeSent, "Apply again. It looks first"}, state: []string{"sent"}, posts: 2, commands: 4 - row.posts}
			lost.check(c, c.apply())
			w.ClearFaults()
			write(row.release, "b")
			end := expect{says: []string{row.says}, state: []string{"sent"}, posts: row.posts, commands: 2}
			end.check(c, c.apply(row.args...))
			// What is replaced later does not look.
			c.restart()
			end.says, end.silent, end.posts, end.commands = []string{replaced1}, []string{sentFirst}, row.posts+1, 3
			end.check(c, c.apply("-replace="+address))
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
	write := func(release, callback string) {
		c.restart()
		first := deferred(release, "callback_url", callback, windowed)
		second := deferred("1", "callback_url", `"https://example.com/a"`, windowed+"\n  depends_on = [twilio_ip_command.test]")
		c.write(w.provider() + first + other.Replace(second))
	}
	both := []string{"sent", "sent"}
	write("1", `"https://example.com/a"`)
	expect{state: both, posts: 2, commands: 2}.check(c, c.apply())
	w.clock.Advance(time.Minute)
	w.Inject(twiliosim.ServerError(400, 1).On(http.MethodPost, "/"))
	write("2", `"https://example.com/b"`)
	expect{exit: 1, says: []string{"IP Command was refused"}, state: both, posts: 3, commands: 2}.check(c, c.apply())
	c.restart()
	expect{silent: []string{sentFirst}, state: both, posts: 4, commands: 3}.check(c, c.apply())
}
