package provider

import (
	"slices"
	"strings"
)

// expect is what an apply must end with.
type expect struct {
	exit int
	// says are texts that must stand in the output, silent ones that must not.
	says, silent []string
	// state is the statuses in the state, one for each instance; a tainted
	// one ends in "!".
	state []string
	// posts and commands are what the simulator has seen and has in all.
	posts, commands int
}

const (
	wasSent    = "Creation complete"
	wasAdopted = "IP Command was found after its response was lost"
	notSent    = "IP Command was not sent"
	maybeSent  = "IP Command may or may not have been sent"
	noChanges  = "No changes."
	created1   = "1 added, 0 changed, 0 destroyed"
	seenQueued = "was accepted but is still queued"
)

// The ends that most rows have.
var (
	sentOnce      = expect{says: []string{wasSent}, silent: []string{"Warning"}, state: []string{"sent"}, posts: 1, commands: 1}
	adoptedOnce   = expect{says: []string{wasSent, wasAdopted}, state: []string{"sent"}, posts: 1, commands: 1}
	unchangedOnce = expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}
	unknownOnce   = expect{
		exit: 1, says: []string{maybeSent, "No command of the SIM carries the message", `Set deduplication_window = "1h" and apply again`},
		silent: []string{"terraform import"}, posts: 1,
	}
	queuedOnce   = expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1}
	stillQueued1 = expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1}
	sentAgain    = expect{says: []string{created1}, state: []string{"sent"}, posts: 2, commands: 1}
)

// sends is an apply after which n messages were sent in all, and the last is in the
// state.
func sends(n int, says ...string) expect {
	return expect{says: says, state: []string{"sent"}, posts: n, commands: n}
}

// counts is e with so many POSTs and commands in all.
func (e expect) counts(posts, commands int) expect {
	e.posts, e.commands = posts, commands
	return e
}

// not is e with texts that must not be said.
func (e expect) not(silent ...string) expect {
	e.silent = append(slices.Clone(e.silent), silent...)
	return e
}

// valve is a message to the SIM "valve".
func valve(arguments string) string {
	return `
resource "twilio_ip_command" "test" {
  sim         = "valve"
  payload     = "open"
  device_port = 5683
  ` + arguments + `
}
`
}

// check compares what an apply ended with.
func (e expect) check(c *cli, got ran) {
	t := c.t
	t.Helper()
	if got.exit != e.exit {
		t.Errorf("exit code %d, want %d", got.exit, e.exit)
	}
	wantNotRepeated(t, got.output)
	text := oneLine(got.output)
	for _, s := range e.says {
		if !strings.Contains(text, s) {
			t.Errorf("the output does not say %q", s)
		}
	}
	for _, s := range e.silent {
		if strings.Contains(text, s) {
			t.Errorf("the output says %q", s)
		}
	}
	var state []string
	seen := map[string]bool{}
	for _, i := range c.instances() {
		if seen[i.SID] {
			t.Errorf("%s is in the state twice", i.SID)
		}
		seen[i.SID] = true
		if i.Tainted {
			i.Status += "!"
		}
		state = append(state, i.Status)
	}
	if strings.Join(state, " ") != strings.Join(e.state, " ") {
		t.Errorf("the state has %v, want %v", state, e.state)
	}
	if n := c.posts(); n != e.posts {
		t.Errorf("the simulator has seen %d POSTs, want %d", n, e.posts)
	}
	if n := len(c.IPCommands()); n != e.commands {
		t.Errorf("%d commands exist, want %d", n, e.commands)
	}
	if t.Failed() {
		t.Log(got.output)
	}
}
