package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const (
	windowed  = `deduplication_window = "1h"`
	sentFirst = "IP Command was sent before"
)

// named is valve under another name, with a window.
func named(name, arguments string) string {
	return strings.Replace(valve(windowed+"\n  "+arguments), `"test"`, `"`+name+`"`, 1)
}

// forgetState loses the state, as a crash or a lost file does.
func (c *cli) forgetState() {
	c.t.Helper()
	for _, file := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(filepath.Join(c.dir, file)); err != nil && !os.IsNotExist(err) {
			c.t.Fatal(err)
		}
	}
}

// turn is an apply by a new process of the provider.
type turn struct {
	config string
	do     func(c *cli) // before the apply
	args   []string
	want   expect
}

func (c *cli) play(provider string, turns ...turn) {
	c.t.Helper()
	for _, turn := range turns {
		c.restart()
		c.write(provider + turn.config)
		if turn.do != nil {
			turn.do(c)
		}
		turn.want.check(c, c.apply(turn.args...))
	}
}

// TestAccDeduplication_R10 has Terraform forget a message in every way, or send
// it again on purpose.
func TestAccDeduplication_R10(t *testing.T) {
	t.Parallel()
	const (
		looksFirst  = "Apply again. It looks first, and sends only if the message is not there"
		createFirst = "lifecycle {\n    create_before_destroy = true\n  }"
	)
	one := sends(1, created1).not(sentFirst)
	found := sends(1, created1, sentFirst, "is this message, and the newest to port", "To send it all the same, change the payload.")
	replacedBy := sends(1, replaced1, sentFirst)
	again := sends(2, replaced1).not(sentFirst)
	config, first := named("test", ""), named("test", createFirst)
	closes := strings.Replace(named("close", ""), `"open"`, `"close"`, 1) + named("again", "depends_on = [twilio_ip_command.close]")
	begin, beginFirst := turn{config: config, want: one}, turn{config: first, want: one}
	replace := []string{"-replace=" + address}
	lose := (*cli).forgetState
	closed := func(c *cli) { c.AddIPCommand(twiliosim.IPCommand{Payload: "close", DevicePort: 5683}) }
	pass := func(c *cli) { c.ClearFaults() }
	onPOST := func(f twiliosim.Fault) func(*cli) {
		return func(c *cli) { c.Inject(f.On(http.MethodPost, "/")) }
	}
	onGET := func(f twiliosim.Fault) func(*cli) {
		return func(c *cli) { c.Inject(f.On(http.MethodGet, "/")) }
	}
	two := strings.Replace(config, "sim  ", "count = 2\n  sim  ", 1)
	bothSent := func(n int, says ...string) expect {
		return expect{says: says, state: []string{"sent", "sent"}, posts: n, commands: n}
	}
	both := turn{config: two, want: bothSent(2, "2 added").not(sentFirst)}
	// replaceOne replaces one of two equal ones; forgetOne forgets the other as well.
	replaceOne := func(i int) []turn {
		return []turn{both, {config: two, args: []string{fmt.Sprintf("-replace=%s[%d]", address, i)}, want: bothSent(3, replaced1).not(sentFirst)}}
	}
	forgetOne := func(i int) []turn {
		turns := replaceOne(i)
		turns[1].do = func(c *cli) { c.run("state", "rm", fmt.Sprintf("%s[%d]", address, 1-i)) }
		turns[1].want = bothSent(3, "2 added, 0 changed, 1 destroyed", sentFirst)
		return append(turns, turn{config: two, want: bothSent(3, noChanges)})
	}
	// forgetBeside forgets one of two equal ones, and gives the other these arguments.
	forgetBeside := func(before, then string) []turn {
		other := named("other", "depends_on = [twilio_ip_command.test]")
		return []turn{{config: before + other, want: both.want}, {
			config: then + other, do: func(c *cli) { c.run("state", "rm", "twilio_ip_command.other") },
			want: bothSent(3, "2 added, 0 changed, 1 destroyed", sentFirst),
		}}
	}
	for name, turns := range map[string][]turn{
		// Of two that were sent at once, either may be the newer.
		"-replace of one of two equal ones":           replaceOne(0),
		"-replace of the other of two equal ones":     replaceOne(1),
		"-replace of one, and the other is forgotten": forgetOne(0),
		"-replace of the other, and one is forgotten": forgetOne(1),
		// What gives up the one leaves the other to be found.
		"a change of one, and the other is forgotten":               forgetBeside(config, strings.Replace(config, "5683", "5684", 1)),
		"one by name now, without a window, the other is forgotten": forgetBeside(strings.Replace(valve(""), `"valve"`, quoted(valveSID), 1), valve("")),
		"a lost state":             {begin, {config: config, do: lose, want: found}, {config: config, want: sends(1, noChanges)}},
		"state rm":                 {begin, {config: config, do: func(c *cli) { c.run("state", "rm", address) }, want: found}},
		"a rename without moved":   {begin, {config: named("renamed", ""), want: replacedBy}},
		"destroy, and apply again": {begin, {want: expect{says: []string{"1 destroyed"}, posts: 1, commands: 1}}, {config: config, want: found}},
		"-replace":                 {begin, {config: config, args: replace, want: again}},
		"a taint":                  {begin, {config: config, do: func(c *cli) { c.run("taint", address) }, want: again}},
		"a changed callback":       {begin, {config: named("test", `callback_url = "https://example.com"`), want: again}},
		// Nothing tells Create what it replaces.
		"-replace, created before":   {beginFirst, {config: first, args: replace, want: replacedBy}},
		"a change, created before":   {beginFirst, {config: strings.Replace(first, `"open"`, `"close"`, 1), want: again}},
		"a callback, created before": {beginFirst, {config: named("test", createFirst+"\n  callback_url = \"https://example.com\""), want: replacedBy}},
		// The state knows nothing of the message that was to be replaced.
		"-replace, refused": {
			begin,
			{
				config: config, args: replace, do: onPOST(twiliosim.ServerError(400, 1)),
				want: expect{exit: 1, says: []string{"IP Command was refused"}, posts: 2, commands: 1},
			},
			{config: config, want: sends(1, created1, sentFirst).counts(2, 1)},
			{config: config, args: replace, want: sends(2, replaced1).counts(3, 2).not(sentFirst)},
		},
		"open, close, open": {begin, {config: config, do: func(c *cli) { lose(c); closed(c) }, want: one.counts(2, 3)}},
		// The device has what this apply has sent last.
		"close and open in one apply": {begin, {config: closes, want: bothSent(3, "2 added, 0 changed, 1 destroyed").not(sentFirst)}},
		// So it has what is found to have been sent last.
		"close was sent by an apply that was killed before open": {
			begin, {config: closes, do: closed, want: bothSent(3, "2 added, 0 changed, 1 destroyed", sentFirst).counts(2, 3)},
		},
		"two hours later": {begin, {config: config, do: func(c *cli) { lose(c); c.clock.Advance(2 * time.Hour) }, want: one.counts(2, 2)}},
		"no window":       {begin, {config: valve(""), do: lose, want: one.counts(2, 2)}},
		"two equal ones":  {both, {config: two, do: lose, want: bothSent(2, "2 added", sentFirst)}},
		"another window":  {begin, {config: valve(`deduplication_window = "2h"`), want: sends(1, updated1)}},
		"a look that fails": {
			{config: config, do: onGET(twiliosim.ServerError(403, 0)), want: expect{exit: 1, says: []string{
				notSent, "The next apply looks first, and sends it if it is not there",
				"Looking for the message among those that were sent before failed", "HTTP 403",
			}}},
			{config: config, do: pass, want: one},
		},
		"a lost response, and looks that fail": {
			{
				config: config, do: func(c *cli) {
					onPOST(twiliosim.LostResponse(1))(c)
					onGET(twiliosim.Fault{Skip: 1, Status: 503})(c)
				},
				want: expect{exit: 1, says: []string{maybeSent, looksFirst}, silent: []string{"terraform import"}, posts: 1, commands: 1},
			},
			{config: config, do: pass, want: found},
		},
		"a lost request": {
			{config: config, do: onPOST(twiliosim.LostRequest(1)), want: expect{exit: 1, says: []string{maybeSent, looksFirst}, posts: 1}},
			{config: config, want: one.counts(2, 1)},
		},
		"still queued": {
			{config: named("test", "wait_for_sent = false"), want: queuedOnce},
			{config: config, do: lose, want: expect{says: []string{sentFirst, seenQueued}, state: []string{"queued"}, posts: 1, commands: 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{NeverSends: name == "still queued"})
			c.play(w.provider(), turns...)
			if name == "a lost state" || name == "a rename without moved" || name == "-replace" {
				w := newKOREWorld(t)
				w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
				w.newCLI(t).play("provider \"twilio\" {\n  kore = {}\n}\n", turns...)
			}
		})
	}
}

// TestAccDeduplication_R10_writeOnly finds a payload that is in no state.
func TestAccDeduplication_R10_writeOnly(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + strings.Replace(secretValve("1"), "device_port  ", windowed+"\n  device_port  ", 1))
	sends(1, created1).check(c, c.apply())
	c.restart()
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.forgetState()
	got := c.apply()
	sends(1, created1, sentFirst).not(secretPayload).check(c, got)
}

// TestAccDeduplication_R10_action invokes the action twice, and again when the
// window is over.
func TestAccDeduplication_R10_action(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + invocation(windowed))
	once := expect{silent: []string{sentFirst}, posts: 1, commands: 1}
	once.check(c, c.invoke())
	c.restart()
	once.says, once.silent = []string{sentFirst, "taken for this one"}, nil
	once.check(c, c.invoke())
	c.restart()
	w.clock.Advance(2 * time.Hour)
	expect{silent: []string{sentFirst}, posts: 2, commands: 2}.check(c, c.invoke())
	w.Inject(twiliosim.LostRequest(1).On(http.MethodPost, "/"))
	w.clock.Advance(2 * time.Hour)
	c.restart()
	const looksFirst = "Invoke the action again. It looks first, and sends only if the message is not there"
	expect{exit: 1, says: []string{maybeSent, looksFirst}, posts: 3, commands: 2}.check(c, c.invoke())
}

// TestAccDeduplication_R10_actionTwice has two events of one apply, which are two
// messages, also where the next apply has them still to do.
func TestAccDeduplication_R10_actionTwice(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + invocation(windowed) + strings.Replace(trigger("after_create", ""), "input", "count = 2\n  input", 1))
	twice := expect{silent: []string{sentFirst}, posts: 2, commands: 2}
	twice.check(c, c.apply())
	c.restart()
	c.forgetState()
	twice.says, twice.silent = []string{sentFirst}, []string{"was accepted"}
	twice.check(c, c.apply())
}

// TestAccDeduplication_R10_provider has the window of the provider block: it is that
// of each resource that has none, in no state, and not that of an action.
func TestAccDeduplication_R10_provider(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		arguments string
		found     bool
	}{
		"none of its own": {"", true},
		"its own":         {`deduplication_window = "1m"`, false},
		"turned off":      {`deduplication_window = "0s"`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, c := newValve(t, twiliosim.SIM{})
			c.write(w.providerWith(windowed) + valve(row.arguments))
			sends(1, created1).check(c, c.apply())
			state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
			if err != nil || strings.Contains(string(state), `"1h"`) {
				t.Errorf("the state has the provider's window: %v", err)
			}
			sends(1, noChanges).check(c, c.apply())
			w.clock.Advance(30 * time.Minute)
			c.restart()
			c.forgetState()
			want := sends(1, created1, sentFirst)
			if !row.found {
				want = sends(2, created1).not(sentFirst)
			}
			want.check(c, c.apply())
		})
	}
	w, c := newValve(t, twiliosim.SIM{})
	for value, says := range map[string]string{"697h": "is more than 696h", "soon": "is not a duration", "-1h": "is not a duration"} {
		c.write(w.providerWith(`deduplication_window = "`+value+`"`) + valve(""))
		if got := c.plan(); got.exit != 1 || !strings.Contains(oneLine(got.output), says) {
			t.Errorf("%s: %s", value, got.output)
		}
	}
	needs(t, "1.14", "")
	c.write(w.providerWith(windowed) + invocation(""))
	for n := range 2 {
		expect{silent: []string{sentFirst}, posts: n + 1, commands: n + 1}.check(c, c.invoke())
	}
}
