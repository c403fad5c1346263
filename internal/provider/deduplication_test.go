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

// TestAccDeduplication_R10 has Terraform forget a message in every way, or send
// it again on purpose. Each apply is a new process of the provider.
func TestAccDeduplication_R10(t *testing.T) {
	t.Parallel()
	type step struct {
		config string
		do     func(c *cli, w *world) // before the apply
		args   []string
		want   expect
	}
	one := expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}
	found := expect{says: []string{created1, sentFirst, "and no different one since", "nothing was sent. To send it all the same, change the payload."}, state: []string{"sent"}, posts: 1, commands: 1}
	again := expect{says: []string{"1 added, 0 changed, 1 destroyed"}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}
	first := step{config: named("test", ""), want: one}
	lose := func(c *cli, _ *world) { c.forgetState() }
	rm := func(c *cli, _ *world) { c.run("state", "rm", address) }
	closed := func(_ *cli, w *world) { w.AddIPCommand(twiliosim.IPCommand{Payload: "close", DevicePort: 5683}) }
	cbd := "lifecycle {\n    create_before_destroy = true\n  }"
	two := strings.Replace(named("test", ""), "sim  ", "count = 2\n  sim  ", 1)
	both := step{config: two, want: expect{says: []string{"2 added"}, silent: []string{sentFirst}, state: []string{"sent", "sent"}, posts: 2, commands: 2}}
	// replaceOne replaces one of two equal ones; forgetOne forgets the other as well.
	replaceOne := func(i int) []step {
		return []step{both, {config: two, args: []string{fmt.Sprintf("-replace=%s[%d]", address, i)},
			want: expect{says: []string{"1 added, 0 changed, 1 destroyed"}, silent: []string{sentFirst}, state: []string{"sent", "sent"}, posts: 3, commands: 3}}}
	}
	forgetOne := func(i int) []step {
		steps := replaceOne(i)
		steps[1].do = func(c *cli, _ *world) { c.run("state", "rm", fmt.Sprintf("%s[%d]", address, 1-i)) }
		steps[1].want.says, steps[1].want.silent = []string{"2 added, 0 changed, 1 destroyed", sentFirst}, nil
		return append(steps, step{config: two, want: expect{says: []string{noChanges}, state: []string{"sent", "sent"}, posts: 3, commands: 3}})
	}
	for name, steps := range map[string][]step{
		// Of two that were sent at once, either may be the newer.
		"-replace of one of two equal ones":           replaceOne(0),
		"-replace of the other of two equal ones":     replaceOne(1),
		"-replace of one, and the other is forgotten": forgetOne(0),
		"-replace of the other, and one is forgotten": forgetOne(1),
		"a lost state":             {first, {config: first.config, do: lose, want: found}, {config: first.config, want: expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}}},
		"state rm":                 {first, {config: first.config, do: rm, want: found}},
		"a rename without moved":   {first, {config: named("renamed", ""), want: expect{says: []string{"1 added, 0 changed, 1 destroyed", sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}}},
		"destroy, and apply again": {first, {config: "", want: expect{says: []string{"1 destroyed"}, posts: 1, commands: 1}}, {config: first.config, want: found}},
		"-replace":                 {first, {config: first.config, args: []string{"-replace=" + address}, want: again}},
		"a taint":                  {first, {config: first.config, do: func(c *cli, _ *world) { c.run("taint", address) }, want: again}},
		"a changed callback":       {first, {config: named("test", `callback_url = "https://example.com"`), want: again}},
		// Nothing tells Create what it replaces.
		"-replace, created before": {{config: named("test", cbd), want: one}, {config: named("test", cbd), args: []string{"-replace=" + address}, want: expect{says: []string{"1 added, 0 changed, 1 destroyed", sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}}},
		"a change, created before": {{config: named("test", cbd), want: one}, {config: strings.Replace(named("test", cbd), `"open"`, `"close"`, 1), want: again}},
		"a callback, created before": {{config: named("test", cbd), want: one}, {config: named("test", cbd+`
  callback_url = "https://example.com"`), want: expect{says: []string{"1 added, 0 changed, 1 destroyed", sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}}},
		// The state knows nothing of the message that was to be replaced.
		"-replace, refused": {first,
			{config: first.config, args: []string{"-replace=" + address}, do: func(_ *cli, w *world) { w.Inject(twiliosim.ServerError(400, 1).On(http.MethodPost, "/")) }, want: expect{exit: 1, says: []string{"IP Command was refused"}, posts: 2, commands: 1}},
			{config: first.config, want: expect{says: []string{created1, sentFirst}, state: []string{"sent"}, posts: 2, commands: 1}},
			{config: first.config, args: []string{"-replace=" + address}, want: expect{says: []string{"1 added, 0 changed, 1 destroyed"}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 3, commands: 2}},
		},
		"open, close, open": {first, {config: first.config, do: func(c *cli, w *world) { lose(c, w); closed(c, w) }, want: expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 3}}},
		// The device has what this apply has sent last.
		"close and open in one apply": {first, {config: strings.Replace(named("close", ""), `"open"`, `"close"`, 1) + named("again", "depends_on = [twilio_ip_command.close]"),
			want: expect{says: []string{"2 added, 0 changed, 1 destroyed"}, silent: []string{sentFirst}, state: []string{"sent", "sent"}, posts: 3, commands: 3}}},
		// So it has what is found to have been sent last.
		"close was sent by an apply that was killed before open": {first, {config: strings.Replace(named("close", ""), `"open"`, `"close"`, 1) + named("again", "depends_on = [twilio_ip_command.close]"), do: closed,
			want: expect{says: []string{"2 added, 0 changed, 1 destroyed", sentFirst}, state: []string{"sent", "sent"}, posts: 2, commands: 3}}},
		"two hours later": {first, {config: first.config, do: func(c *cli, w *world) { lose(c, w); w.clock.Advance(2 * time.Hour) }, want: expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}}},
		"no window":       {first, {config: valve(""), do: lose, want: expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}}},
		"two equal ones":  {both, {config: two, do: lose, want: expect{says: []string{"2 added", sentFirst}, state: []string{"sent", "sent"}, posts: 2, commands: 2}}},
		"another window":  {first, {config: valve(`deduplication_window = "2h"`), want: expect{says: []string{"0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}}},
		"a look that fails": {
			{config: first.config, do: func(_ *cli, w *world) { w.Inject(twiliosim.ServerError(403, 0).On(http.MethodGet, "/")) }, want: expect{exit: 1, says: []string{notSent, "The next apply looks first, and sends it if it is not the newest to this port", "Looking for the message among those that were sent before failed", "HTTP 403"}}},
			{config: first.config, do: func(_ *cli, w *world) { w.ClearFaults() }, want: one},
		},
		"a lost answer, and looks that fail": {
			{config: first.config, do: func(_ *cli, w *world) {
				w.Inject(twiliosim.LostAnswer(1).On(http.MethodPost, "/"))
				w.Inject(twiliosim.Fault{Method: http.MethodGet, Skip: 1, Status: 503})
			}, want: expect{exit: 1, says: []string{maybeSent, "Apply again. It looks first, as far back as the deduplication_window of 1h"}, silent: []string{"terraform import"}, posts: 1, commands: 1}},
			{config: first.config, do: func(_ *cli, w *world) { w.ClearFaults() }, want: found},
		},
		"a lost request": {
			{config: first.config, do: func(_ *cli, w *world) { w.Inject(twiliosim.LostRequest(1).On(http.MethodPost, "/")) }, want: expect{exit: 1, says: []string{maybeSent, "Apply again. It looks first, as far back as the deduplication_window of 1h"}, posts: 1}},
			{config: first.config, want: expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 1}},
		},
		"still queued": {
			{config: named("test", "wait_for_sent = false"), want: expect{says: []string{created1}, state: []string{"queued"}, posts: 1, commands: 1}},
			{config: first.config, do: lose, want: expect{says: []string{sentFirst, seenQueued}, state: []string{"queued"}, posts: 1, commands: 1}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play := func(w *world, provider string) {
				w.AddSIM(twiliosim.SIM{UniqueName: "valve", NeverSends: name == "still queued"})
				c := w.newCLI(t)
				for _, step := range steps {
					c.restart()
					c.write(provider + step.config)
					if step.do != nil {
						step.do(c, w)
					}
					step.want.check(c, c.apply(step.args...))
				}
			}
			w := newWorld(t, twiliosim.Config{})
			play(w, w.provider())
			if name == "a lost state" || name == "a rename without moved" || name == "-replace" {
				play(newKOREWorld(t), "provider \"twilio\" {\n  kore = {}\n}\n")
			}
		})
	}
}

// TestAccDeduplication_R10_cost looks once for each message that has a window,
// and not for others.
func TestAccDeduplication_R10_cost(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	many := strings.NewReplacer("sim  ", "count = 20\n  wait_for_sent = false\n  sim  ", `"open"`, `"open ${count.index}"`)
	c.write(w.provider() + many.Replace(named("test", "")) + strings.Replace(many.Replace(strings.Replace(valve(""), `"test"`, `"other"`, 1)), "open", "close", 1))
	c.succeeds(c.apply())
	if posts, gets := w.Count(http.MethodPost, ""), w.Count(http.MethodGet, ""); posts != 40 || gets != 20 {
		t.Errorf("%d POSTs and %d GETs", posts, gets)
	}
}

// TestAccDeduplication_R10_writeOnly finds a payload that is in no state.
func TestAccDeduplication_R10_writeOnly(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + strings.Replace(secretValve("1"), "device_port  ", windowed+"\n  device_port  ", 1))
	expect{says: []string{created1}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
	c.restart()
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.forgetState()
	got := c.apply()
	expect{says: []string{created1, sentFirst}, silent: []string{secretPayload}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, got)
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
	expect{exit: 1, says: []string{maybeSent, "Invoke the action again. It looks first, as far back as the deduplication_window of 1h"}, posts: 3, commands: 2}.check(c, c.invoke())
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
			expect{says: []string{created1}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
			state, err := os.ReadFile(filepath.Join(c.dir, "terraform.tfstate"))
			if err != nil || strings.Contains(string(state), `"1h"`) {
				t.Errorf("the state has the provider's window: %v", err)
			}
			expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())
			w.clock.Advance(30 * time.Minute)
			c.restart()
			c.forgetState()
			want := expect{says: []string{created1, sentFirst}, state: []string{"sent"}, posts: 1, commands: 1}
			if !row.found {
				want = expect{says: []string{created1}, silent: []string{sentFirst}, state: []string{"sent"}, posts: 2, commands: 2}
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
