package provider

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// crashScenario is an apply in which somebody dies. It sends "open" to each of
// its SIMs.
type crashScenario struct {
	name            string
	terraform, tofu string // the versions that it needs
	victims         []victim
	sims            []string
	// together is how many steps are taken at once.
	together int
	// waves is in how many waves the messages are sent; zero means one.
	waves int
	// before is what was applied an hour ago; empty means nothing.
	before string
	// config is what is applied, with a place for a provisioner.
	config func(provisioner string) string
	// args are further arguments of the apply that dies.
	args []string
	// imports is whether the message was sent elsewhere, and is imported.
	imports bool
	// keeps is whether the state has a message at all times. quiet is whether what
	// was there before is kept in the end, and nobody makes a request.
	keeps, quiet bool
	// fails is whether the apply ends with an error even if nobody dies.
	fails bool
	// recover is what the documentation says to do after a crash; last is
	// where all messages are in the end, as locations says.
	recover func(c *crash, s *crashScenario, config string)
	last    string
	// ends returns where the next apply leaves what a crash left there, which is what
	// the table shows then; nil means that all end as last says.
	ends func(c *crash, left string) string
}

func crashScenarios() []crashScenario {
	single := func(name, lifecycle, before string) crashScenario {
		if before != "" {
			before = strings.Replace(valve(lifecycle), "open", before, 1)
		}
		return crashScenario{
			name: name, terraform: "1.5", tofu: "1.6", victims: []victim{providerDies, cliDies, bothDie},
			sims: []string{"valve"}, together: 1, before: before,
			config: func(provisioner string) string { return valve(lifecycle + "\n  " + provisioner) }, recover: findAndImport, last: "R",
		}
	}
	fleet := func(name string, together int) crashScenario {
		s := single(name, "", "")
		s.sims, s.together, s.last = []string{"valve-1", "valve-2", "valve-3"}, together, "RRR"
		s.config = func(provisioner string) string {
			return strings.NewReplacer(`"valve"`, "each.key", `"test" {`, "\"test\" {\n  for_each = toset([\"valve-1\", \"valve-2\", \"valve-3\"])").
				Replace(valve(provisioner))
		}
		return s
	}
	inTurn := fleet("fleet of three, one after another", 1)
	inTurn.victims = []victim{bothDie} // Each step is one of a single message.
	imported := single("import and first apply", "", "")
	imported.imports, imported.recover = true, importAgain
	action := single("action", "", "")
	action.terraform, action.tofu, action.recover, action.last = "1.14", "", findOrInvoke, "S"
	action.config = func(string) string { return invocation("") + trigger("after_create, after_update", "") }
	rollOut := fleet("rollout of three in two waves, with a window", 2)
	rollOut.terraform, rollOut.tofu, rollOut.waves, rollOut.last = "1.14", "", 2, "SSS"
	rollOut.config = func(string) string {
		return strings.ReplaceAll(rolloutTo(rollOut.sims, windowed+"\n wave_size = 2")+trigger("after_create, after_update", ""), "action.twilio_ip_command.test", "action.twilio_ip_command_rollout.test")
	}
	rollOut.recover = func(c *crash, s *crashScenario, config string) {
		applyAgain(c, s, config)
		c.succeeds(c.cli.rollOut)
	}
	// With a window, there is nothing to look for.
	inWindow := func(s crashScenario, recovery func(c *crash, s *crashScenario, config string)) crashScenario {
		config := s.config
		s.name, s.recover = s.name+", with a window", recovery
		s.config = func(provisioner string) string {
			return strings.Replace(config(provisioner), "device_port = 5683", "device_port = 5683\n  "+windowed, 1)
		}
		return s
	}
	return append(updateScenarios(single, inWindow),
		inWindow(single("create", "", ""), applyAgain),
		inWindow(fleet("fleet of three, at once", 3), applyAgain),
		inWindow(action, func(c *crash, s *crashScenario, config string) {
			applyAgain(c, s, config)
			c.succeeds(c.cli.invoke)
		}),
		rollOut,
		single("create", "", ""),
		single("replace", "", "close"),
		single("create before destroy", "lifecycle {\n    create_before_destroy = true\n  }", "close"),
		fleet("fleet of three, at once", 3),
		inTurn,
		action,
		imported,
	)
}

// TestAccCrash kills the provider, the CLI, or both, at each step of an apply,
// and recovers as the documentation says. testdata/crash_points_CLI.txt has the
// steps, and where each crash leaves the messages.
func TestAccCrash(t *testing.T) {
	t.Parallel()
	requireCLI(t)
	product, _ := cliVersion()
	file := filepath.Join("testdata", "crash_points_"+strings.ToLower(product)+".txt")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{}
	for _, table := range strings.Split(strings.TrimSpace(string(content)), "\n\n")[1:] {
		name, _, _ := strings.Cut(table, "  ")
		tables[name] = table
	}
	for _, s := range crashScenarios() {
		want := tables[s.name]
		delete(tables, s.name)
		if !cliHas(s.terraform, s.tofu) || testing.Short() && !strings.HasPrefix(s.name, "create") {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if got := s.table(t); got != want {
				t.Errorf("%s has\n%s", file, want)
			}
		})
	}
	for name := range tables {
		t.Errorf("%s has a table of %q, which is no scenario", file, name)
	}
}

// table walks for each victim, and shows what it has found.
func (s *crashScenario) table(t *testing.T) string {
	lines := []string{fmt.Sprintf("%-46s", s.name)}
	crashes := 0
	for _, victim := range s.victims {
		lines[0] += fmt.Sprintf(" %-8s", victim)
		rows := s.walk(t, victim)
		for i, row := range rows {
			step := fmt.Sprintf("%2d %-43s", i+1, row.step)
			if i+1 == len(lines) && victim == s.victims[0] {
				lines = append(lines, step)
			}
			if i+1 < len(lines) && strings.HasPrefix(lines[i+1], step) {
				lines[i+1] += fmt.Sprintf(" %-8s", row.left)
			} else {
				t.Errorf("%s dies: step%s differs", victim, step)
			}
		}
		crashes += len(rows)
	}
	table := regexp.MustCompile(" +(\n|$)").ReplaceAllString(strings.Join(lines, "\n"), "$1")
	t.Logf("%s: %d steps, %d crashes\n%s", s.name, len(lines)-1, crashes, table)
	return table
}

// crashRow is a step, and where a crash at it leaves the messages: as locations
// says, or ? where a provider that is alone may have sent them or not.
type crashRow struct{ step, left string }

// walk kills the victim at step 1, 2, 3 ... until an apply ends before the step.
func (s *crashScenario) walk(t *testing.T, victim victim) (rows []crashRow) {
	for !t.Failed() {
		at := len(rows) + 1
		var row crashRow
		t.Run(fmt.Sprintf("%s at step %d", victim, at), func(t *testing.T) { row = s.crash(t, victim, at) })
		if row.step == "" {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// crash kills the victim at a step, and recovers.
func (s *crashScenario) crash(t *testing.T, victim victim, at int) crashRow {
	c := newCrash(t, victim, at, s.together)
	c.waves = s.waves
	for _, sim := range s.sims {
		c.world.AddSIM(twiliosim.SIM{UniqueName: sim})
	}
	imports := ""
	if s.imports {
		imports = importBlock(address, c.world.AddIPCommand(twiliosim.IPCommand{Payload: "open"}).SID)
	}
	if s.before != "" {
		c.cli.write(c.world.provider() + s.before)
		c.succeeds(func() ran { return c.cli.apply() })
		if !s.quiet {
			c.replaced = c.cli.instances()[0].SID
		}
	}
	requests := len(c.world.Requests())
	c.world.clock.Advance(time.Hour)
	c.cli.write(c.world.provider() + imports + s.config(c.provisioner()))
	got := c.checked(func() ran { return c.apply(append(s.args, fmt.Sprintf("-parallelism=%d", s.together))...) })
	row := crashRow{step: c.reached(), left: s.locations(c)}
	if row.step == "" && (row.left != s.last || (got.exit != 0) != s.fails) {
		t.Errorf("without a crash, the messages are %s, after exit code %d:\n%s", row.left, got.exit, got.output)
	}
	if n := len(c.cli.instances()); s.keeps && n != 1 {
		t.Errorf("the state has %d messages, and had one", n)
	}
	end := s.last
	if s.ends != nil {
		end = s.ends(c, row.left)
		row.left = end
	}
	if victim == cliDies && s.maySend(c, row.step) {
		row.left = strings.Repeat("?", len(s.sims))
	}

	c.restart()
	config := c.world.provider() + imports + s.config("")
	s.recover(c, s, config)
	c.succeeds(func() ran { return c.cli.plan("-detailed-exitcode") })
	if got := s.locations(c); got != end {
		t.Errorf("after the recovery, the messages are %s, want %s", got, end)
	}
	if n := len(c.world.Requests()) - requests; s.quiet && n > 0 {
		t.Errorf("%d requests were made", n)
	}
	if n := c.world.posts(); s.imports && n > 0 {
		t.Errorf("%d messages were sent", n)
	}
	return row
}

// maySend reports whether a provider that is alone from this step on may send
// what was not sent: while it does what it was asked for, which is not to import.
func (s *crashScenario) maySend(c *crash, step string) bool {
	isAtWork := step != "" && !strings.HasSuffix(step, stepDone) && !strings.HasSuffix(step, stepTold)
	written := 0
	for _, name := range c.names[:min(c.at, len(c.names))] {
		if name == http.MethodPost+stepWritten {
			written++
		}
	}
	return isAtWork && !s.imports && written < max(1, s.waves)
}

// locations is a letter for each SIM: R where its message is in the state, S
// where it was sent and is not, N where it was not sent, and ! where it was sent
// more than once; sorted.
func (s *crashScenario) locations(c *crash) string {
	letters := map[string]string{}
	for _, m := range c.sent() {
		switch {
		case letters[m.SIMSID] != "":
			letters[m.SIMSID] = "!"
		case c.records(m.SID):
			letters[m.SIMSID] = "R"
		default:
			letters[m.SIMSID] = "S"
		}
	}
	all := strings.Repeat("N", len(s.sims)-len(letters))
	for _, letter := range letters {
		all += letter
	}
	sorted := strings.Split(all, "")
	slices.Sort(sorted)
	return strings.Join(sorted, "")
}

// sent are the messages, without those that they replace.
func (c *crash) sent() []twiliosim.IPCommand {
	return slices.DeleteFunc(c.world.IPCommands(), func(m twiliosim.IPCommand) bool { return m.SID == c.replaced })
}

// records reports whether the state has the message.
func (c *crash) records(sid string) bool {
	return slices.ContainsFunc(c.cli.instances(), func(i instance) bool { return i.SID == sid })
}

// findAndImport is the recovery of a resource: what the search finds and the
// state does not have is imported; then the next apply sends only what is
// missing.
func findAndImport(c *crash, s *crashScenario, config string) {
	for sim, sid := range s.search(c, config) {
		at := address
		if len(s.sims) > 1 {
			at = fmt.Sprintf("%s[%q]", address, sim)
		}
		if c.records(sid) {
			continue
		}
		if s.before != "" && len(c.cli.instances()) > 0 {
			c.succeeds(func() ran { return c.cli.run("state", "rm", at) })
		}
		config += importBlock(at, sid)
	}
	applyAgain(c, s, config)
}

// applyAgain applies what is left to do.
func applyAgain(c *crash, _ *crashScenario, config string) {
	c.cli.write(config)
	c.succeeds(func() ran { return c.cli.apply() })
}

// importAgain is the recovery of an import. A CLI that has lost the provider
// during the first apply forgets that the message was imported, and plans to
// replace it.
func importAgain(c *crash, s *crashScenario, config string) {
	c.cli.write(config)
	if got := c.succeeds(func() ran { return c.cli.plan() }); strings.Contains(got.output, "must be replaced") {
		c.succeeds(func() ran { return c.cli.run("state", "rm", address) })
	}
	applyAgain(c, s, config)
}

// findOrInvoke is the recovery of an action: it is invoked by hand if the search
// does not find its message.
func findOrInvoke(c *crash, s *crashScenario, config string) {
	found := s.search(c, config)
	applyAgain(c, s, config)
	if len(found) == 0 {
		c.succeeds(c.cli.invoke)
	}
}

var foundMessage = regexp.MustCompile(`"(\S+) (HG[0-9a-f]{32}) \S+ \\"open\\""`)

// search runs the documented search in a plan, and returns the SID of each
// SIM's message that is no older than the apply.
func (s *crashScenario) search(c *crash, config string) map[string]string {
	c.t.Helper()
	check := repositoryFile(c.t, "examples/resources/twilio_ip_command/check.tf")
	for _, sim := range s.sims {
		config += strings.NewReplacer("valve-01", sim, `"check"`, `"check_`+sim+`"`, ".check.", ".check_"+sim+".").Replace(check)
	}
	c.cli.write(config)
	got := c.succeeds(func() ran { return c.cli.plan() })
	found := map[string]string{}
	for _, sim := range s.sims {
		_, after, _ := strings.Cut(got.output, "+ check_"+sim+" = [")
		output, _, _ := strings.Cut(after, "]")
		for _, m := range foundMessage.FindAllStringSubmatch(output, -1) {
			if date, err := time.Parse(time.RFC3339, m[1]); err == nil && !date.Before(start.Add(time.Hour)) {
				found[sim] = m[2]
			}
		}
	}
	for _, m := range c.sent() {
		if !c.records(m.SID) && !strings.Contains(got.output, m.SID) {
			c.t.Errorf("%s is neither in the state nor in what the search prints:\n%s", m.SID, got.output)
		}
	}
	return found
}
