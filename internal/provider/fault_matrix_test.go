package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
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

// faultRow is a row of the fault matrix: an apply under a fault, and then
// another, after the fault has passed.
type faultRow struct {
	name string
	// sim is the SIM "valve"; its unique name is filled in.
	sim    twiliosim.SIM
	config string // of the resource, beside its SIM, port and payload
	// provider is arguments of the provider block.
	provider string
	// before prepares the world for the first apply, between for the second.
	before, between func(*testing.T, *world)
	first, next     expect
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
	unknownOnce   = expect{exit: 1, says: []string{maybeSent, "No command of the SIM carries the message", `Set deduplication_window = "1h" and apply again`}, silent: []string{"terraform import"}, posts: 1}
	sentAgain     = expect{says: []string{created1}, state: []string{"sent"}, posts: 2, commands: 1}
)

// sends is an apply after which n messages were sent in all, and the last is in the
// state.
func sends(n int, says ...string) expect {
	return expect{says: says, state: []string{"sent"}, posts: n, commands: n}
}

// not is e with texts that must not be said.
func (e expect) not(silent ...string) expect {
	e.silent = append(slices.Clone(e.silent), silent...)
	return e
}

// onPost injects a fault into the next POST.
func onPost(f twiliosim.Fault) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.Inject(f.On("POST", "/v1/IpCommands"))
	}
}

func clearFaults(_ *testing.T, w *world) { w.ClearFaults() }

func accepted(f twiliosim.Fault) twiliosim.Fault {
	f.Accept = true
	return f
}

// lost makes two rows of a fault that hides what became of a POST: before the
// command was created, and after.
func lost(name string, f func(accept bool) twiliosim.Fault) []faultRow {
	return []faultRow{
		{name: name + " before creation", before: onPost(f(false)), first: unknownOnce, next: sentAgain},
		{name: name + " after creation", before: onPost(f(true)), first: adoptedOnce, next: unchangedOnce},
	}
}

// unreadable is an answer 201 whose body can't be understood.
func unreadable(name string, f twiliosim.Fault) faultRow {
	f.Accept, f.Times = true, 1
	return faultRow{name: "201 with a body that is " + name, before: onPost(f), first: adoptedOnce, next: unchangedOnce}
}

func body(s string) twiliosim.Fault { return twiliosim.Fault{Status: 201, Body: []byte(s)} }

// foreign404 is a 404 that does not say that the API has forgotten a queued
// command (rule R6).
func foreign404(name, body string) faultRow {
	return faultRow{
		name: "404 of a gateway in " + name, config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true},
		between: func(_ *testing.T, w *world) {
			w.clock.Advance(time.Hour)
			w.Inject(twiliosim.Fault{Method: "GET", Status: 404, Body: []byte(body)})
		},
		first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
		next:  expect{exit: 1, says: []string{"IP Command could not be read"}, state: []string{"queued"}, posts: 1, commands: 1},
	}
}

func faultRows() []faultRow {
	with := func(e expect, change func(*expect)) expect {
		change(&e)
		return e
	}
	posts := func(n int) func(*expect) { return func(e *expect) { e.posts = n } }
	rows := []faultRow{
		{name: "no fault", first: sentOnce, next: unchangedOnce},
		{name: "429 once", before: onPost(twiliosim.TooManyRequests("", 1)), first: with(sentOnce, posts(2)), next: with(unchangedOnce, posts(2))},
		{name: "429 twice", before: onPost(twiliosim.TooManyRequests("3", 2)), first: with(sentOnce, posts(3)), next: with(unchangedOnce, posts(3))},
		{
			name: "429 for ever", before: onPost(twiliosim.TooManyRequests("", 0)), between: clearFaults,
			first: expect{exit: 1, says: []string{notSent, "HTTP 429", "the next apply tries again"}, posts: 6},
			next:  with(sentAgain, posts(7)),
		},
		{
			name: "429 that asks to wait beyond the timeout", before: onPost(twiliosim.TooManyRequests("3600", 0)), between: clearFaults,
			first: expect{exit: 1, says: []string{notSent, "HTTP 429", "1h0m0s"}, posts: 1},
			next:  sentAgain,
		},
		{name: "connection refused", before: refuseConnections, between: reconnect, first: expect{exit: 1, says: []string{notSent, "connecting to 127.0.0.1:1: nobody takes connections there"}}, next: with(sentAgain, posts(1))},
		{name: "DNS failure", before: failDNS, between: reconnect, first: expect{exit: 1, says: []string{notSent, "lookup supersim.invalid: nobody knows this name"}}, next: with(sentAgain, posts(1))},
		{name: "TLS failure", before: failTLS, between: reconnect, first: expect{exit: 1, says: []string{notSent, "certificate"}}, next: with(sentAgain, posts(1))},
		unreadable("truncated", twiliosim.Fault{TruncateBody: 40}),
		unreadable("empty", body("")),
		unreadable("HTML", body("<html><title>Welcome</title></html>")),
		unreadable("not UTF-8", body("{\"sid\":\"\xff\xfe\"}")),
		unreadable("another object", body(`{"ok":true}`)),
		{
			name:   "an identical older command is present and the answer is lost",
			before: func(t *testing.T, w *world) { older(w); onPost(twiliosim.LostAnswer(1))(t, w) },
			first:  with(adoptedOnce, func(e *expect) { e.commands = 2 }),
			next:   with(unchangedOnce, func(e *expect) { e.commands = 2 }),
		},
		{
			name:   "an identical older command is present and the request is lost",
			before: func(t *testing.T, w *world) { older(w); onPost(twiliosim.LostRequest(1))(t, w) },
			first:  with(unknownOnce, func(e *expect) { e.commands = 1 }),
			next:   with(sentAgain, func(e *expect) { e.commands = 2 }),
		},
		{
			name: "a reset after creation, and the command is dated in the future",
			before: func(_ *testing.T, w *world) {
				fault := twiliosim.LostRequest(1)
				fault.Then = func() {
					w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DateCreated: w.clock.Now().Add(2 * time.Second)})
				}
				w.Inject(fault.On("POST", "/v1/IpCommands"))
			},
			first: expect{exit: 1, says: []string{maybeSent, "dated later than the list", "One command of the SIM carries the same message", "terraform import 'ADDRESS' HG"}, posts: 1, commands: 1},
			next:  with(sentAgain, func(e *expect) { e.commands = 2 }),
		},
		{
			// The price of adopting what a fast API has created. The device has it once.
			name: "the request is lost, and an equal message was sent in the same second",
			before: func(t *testing.T, w *world) {
				foreign(w)
				onPost(twiliosim.LostRequest(1))(t, w)
			},
			first: adoptedOnce, next: unchangedOnce,
		},
		{
			name: "the request is lost, an equal message is older, and the list is slow",
			before: func(t *testing.T, w *world) {
				w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DateCreated: w.clock.Now().Add(-2 * time.Second)})
				onPost(twiliosim.LostRequest(1))(t, w)
				w.Inject(twiliosim.Fault{Method: "GET", Then: func() { w.clock.Advance(12 * time.Second) }})
			},
			between: clearFaults,
			first:   with(unknownOnce, func(e *expect) { e.commands, e.says = 1, []string{maybeSent} }),
			next:    with(sentAgain, func(e *expect) { e.commands = 2 }),
		},
		{
			name: "201 about another message", before: onPost(accepted(body(`{"sid":"HG0123456789abcdef0123456789abcdef","payload":"close","device_port":5683}`))),
			first: adoptedOnce, next: unchangedOnce,
		},
		{
			name: "404 of a gateway after creation", before: onPost(accepted(twiliosim.Fault{Status: 404, Body: []byte(`{"message":"no Route matched with those values"}`)})),
			first: adoptedOnce, next: unchangedOnce,
		},
		{
			name: "403 of a gateway after creation", before: onPost(accepted(twiliosim.Fault{Status: 403, Body: []byte("<html><title>Blocked</title></html>")})),
			first: adoptedOnce, next: unchangedOnce,
		},
		{
			name: "404 of a gateway in JSON before creation", before: onPost(twiliosim.Fault{Status: 404, Body: []byte(`{"message":"no Route matched with those values"}`), Times: 1}),
			first: unknownOnce, next: sentAgain,
		},
		{
			name: "received, as a status after the POST",
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Status: 200, Body: []byte(`{"status":"received","date_created":"2026-03-01T12:00:00Z","sid":"` + firstSID() + `"}`)})
			},
			first: expect{says: []string{wasSent}, silent: []string{"Warning"}, state: []string{"received"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"received"}, posts: 1, commands: 1},
		},
		{
			name: "two foreign candidates",
			before: func(t *testing.T, w *world) {
				fault := twiliosim.LostRequest(1)
				fault.Then = func() { foreign(w); foreign(w) }
				onPost(fault)(t, w)
			},
			first: expect{exit: 1, says: []string{maybeSent, "2 commands of the SIM carry the same message", "HG"}, posts: 1, commands: 2},
			next:  with(sentAgain, func(e *expect) { e.commands = 3 }),
		},
		{
			name: "a SIM that is detached, later attached", sim: twiliosim.SIM{Detached: true},
			between: func(_ *testing.T, w *world) { w.SetDetached("valve", false) },
			first:   expect{exit: 1, says: []string{"IP Command failed", "tainted"}, state: []string{"failed!"}, posts: 1, commands: 1},
			next:    expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2},
		},
		{
			name: "never leaving queued", sim: twiliosim.SIM{NeverSends: true},
			first: expect{says: []string{wasSent, seenQueued, "still queued after 1m"}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1},
		},
		{
			name: "404 for the first polls",
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.ServerError(404, 3).On("GET", "/v1/IpCommands/"))
			},
			first: sentOnce, next: unchangedOnce,
		},
		{
			name: "trouble while polling", between: clearFaults,
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.ServerError(503, 0).On("GET", "/v1/IpCommands/"))
			},
			first: expect{says: []string{wasSent, seenQueued, "HTTP 503"}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  unchangedOnce,
		},
		{
			name: "404 young", config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true}, between: forget(time.Hour),
			first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{"IP Command is not known to the API", "another account", noChanges}, state: []string{"queued"}, posts: 1},
		},
		{
			// As of another account's credentials, by mistake.
			name: "404 once", config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true},
			between: func(_ *testing.T, w *world) {
				w.clock.Advance(time.Hour)
				w.Inject(twiliosim.ServerError(404, 1).On("GET", "/"))
			},
			first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{"IP Command is not known to the API", "another account", noChanges}, state: []string{"queued"}, posts: 1, commands: 1},
		},
		{
			name: "404 old", config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true}, between: forget(retention),
			first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"queued"}, posts: 1},
		},
		{
			name: "404 very young", config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true}, between: forget(time.Minute),
			first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"queued"}, posts: 1},
		},
		foreign404("HTML", "<html><title>404 Not Found</title></html>"),
		foreign404("JSON", `{"message":"no Route matched with those values"}`),
		foreign404("gRPC", `{"code":5,"message":"Not Found","details":[]}`),
		foreign404("the API's form with another code", `{"code":20003,"message":"Authenticate","status":404}`),
		{
			name: "404 by a clock that is ahead, once", config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true},
			between: func(_ *testing.T, w *world) {
				w.clock.Advance(time.Minute)
				date := w.clock.Now().Add(retention / 2).Format(http.TimeFormat)
				fault := twiliosim.ServerError(404, 1)
				fault.Header = http.Header{"Date": {date}}
				w.Inject(fault.On("GET", "/"))
			},
			first: expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"queued"}, posts: 1, commands: 1},
		},
		{
			name: "404 of one that was sent, without an address",
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Times: 1, Status: 200, Body: []byte(`{"status":"sent","date_created":"2026-03-01T12:00:00Z","sid":"` + firstSID() + `"}`)})
			},
			between: forget(time.Hour),
			first:   expect{says: []string{wasSent}, state: []string{"sent"}, posts: 1, commands: 1},
			next:    expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1},
		},
		{
			name: "a status that is new",
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Status: 200, Body: []byte(`{"status":"canceled","date_created":"2026-03-01T12:00:00Z","sid":"` + firstSID() + `"}`)})
			},
			first: expect{says: []string{wasSent, `is no longer queued, but "canceled"`}, state: []string{"canceled"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"canceled"}, posts: 1, commands: 1},
		},
		{
			name: "a status that repeats the payload", config: `payload_type = "text"`,
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Status: 200, Body: []byte(`{"status":"refused: open","date_created":"2026-03-01T12:00:00Z","sid":"` + firstSID() + `"}`)})
			},
			first: expect{says: []string{wasSent, `is no longer queued, but "refused: [redacted]"`}, state: []string{"refused: open"}, posts: 1, commands: 1},
			next:  expect{says: []string{noChanges}, state: []string{"refused: open"}, posts: 1, commands: 1},
		},
		{
			name: "404 for the whole wait",
			before: func(_ *testing.T, w *world) {
				w.Inject(twiliosim.ServerError(404, 0).On("GET", "/v1/IpCommands/"))
			},
			between: clearFaults,
			first:   expect{says: []string{wasSent, "the API did not know it yet after 1m (timeouts.create)"}, state: []string{"queued"}, posts: 1, commands: 1},
			next:    unchangedOnce,
		},
	}
	rows = append(rows, lost("a reset", func(accept bool) twiliosim.Fault { return twiliosim.Fault{Drop: true, Accept: accept, Times: 1} })...)
	rows = append(rows, lost("500", func(accept bool) twiliosim.Fault { return twiliosim.Fault{Status: 500, Accept: accept, Times: 1} })...)
	rows = append(rows, lost("503", func(accept bool) twiliosim.Fault { return twiliosim.Fault{Status: 503, Accept: accept, Times: 1} })...)
	rows = append(rows, lost("502 in HTML", func(accept bool) twiliosim.Fault {
		f := twiliosim.HTMLBadGateway(1)
		f.Accept = accept
		return f
	})...)
	for _, row := range lost("a stall", func(accept bool) twiliosim.Fault { return twiliosim.Stalled(accept, 1) }) {
		row.provider = `request_timeout = "5s"` // Real ones, in which what does not stall has to be answered too.
		rows = append(rows, row)
	}
	return rows
}

// TestAccFaultMatrix applies one resource under every fault, and applies it
// again when the fault has passed.
func TestAccFaultMatrix(t *testing.T) {
	t.Parallel()
	for _, row := range faultRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := newFaultWorld(t, row.sim, row.before)
			c := w.newCLI(t)
			c.write(w.providerWith(row.provider) + valve(row.config))
			row.first.check(c, c.apply())
			if row.between != nil {
				row.between(t, w)
			}
			c.restart()
			c.write(w.provider() + valve(row.config))
			row.next.check(c, c.apply())
		})
	}
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
