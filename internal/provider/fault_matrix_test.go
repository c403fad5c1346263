package provider

import (
	"net/http"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

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

// unreadable is a response 201 whose body can't be understood.
func unreadable(name string, f twiliosim.Fault) faultRow {
	f.Accept, f.Times = true, 1
	return faultRow{name: "201 with a body that is " + name, before: onPost(f), first: adoptedOnce, next: unchangedOnce}
}

func body(s string) twiliosim.Fault { return twiliosim.Fault{Status: 201, Body: []byte(s)} }

// readAs is a row in which the API has something to say of the status of the first
// message, times times.
func readAs(name, status string, times int, says ...string) faultRow {
	get := twiliosim.Fault{
		Status: 200, Times: times, Body: []byte(`{"status":"` + status + `","date_created":"2026-03-01T12:00:00Z","sid":"` + firstSID() + `"}`),
	}
	end := expect{says: append(says, wasSent), state: []string{status}, posts: 1, commands: 1}
	next := end
	next.says = []string{noChanges}
	return faultRow{name: name, before: onRead(get), first: end, next: next}
}

// onRead injects a fault into what reads a command.
func onRead(f twiliosim.Fault) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) { w.Inject(f.On("GET", "/v1/IpCommands/")) }
}

// readLater is a row whose message is still queued, and is read when the next apply
// begins (rule R6).
func readLater(name string, between func(*testing.T, *world), next expect) faultRow {
	return faultRow{
		name: name, config: "wait_for_sent = false", sim: twiliosim.SIM{NeverSends: true}, between: between,
		first: queuedOnce, next: next,
	}
}

// foreign404 is a 404 that does not say that the API has forgotten a queued
// command.
func foreign404(name, body string) faultRow {
	return readLater("404 of a gateway in "+name, later404(time.Hour, twiliosim.Fault{Status: 404, Body: []byte(body)}),
		expect{exit: 1, says: []string{"IP Command could not be read"}, state: []string{"queued"}, posts: 1, commands: 1})
}

// later404 injects a fault into all reads when the command is this old.
func later404(age time.Duration, f twiliosim.Fault) func(*testing.T, *world) {
	return func(_ *testing.T, w *world) {
		w.clock.Advance(age)
		w.Inject(f.On("GET", "/"))
	}
}

// faultRows are the rows of the fault matrix.
func faultRows() (rows []faultRow) {
	for _, group := range [][]faultRow{notSentRows(), lostRows(), waitRows(), refreshRows()} {
		rows = append(rows, group...)
	}
	return rows
}

// notSentRows are what may be repeated: nothing was sent (rule R1).
func notSentRows() []faultRow {
	const noOne = "connecting to 127.0.0.1:1: nobody takes connections there"
	failed := func(says ...string) expect { return expect{exit: 1, says: append(says, notSent)} }
	return []faultRow{
		{name: "no fault", first: sentOnce, next: unchangedOnce},
		{name: "429 once", before: onPost(twiliosim.TooManyRequests("", 1)), first: sentOnce.counts(2, 1), next: unchangedOnce.counts(2, 1)},
		{name: "429 twice", before: onPost(twiliosim.TooManyRequests("3", 2)), first: sentOnce.counts(3, 1), next: unchangedOnce.counts(3, 1)},
		{
			name: "429 for ever", before: onPost(twiliosim.TooManyRequests("", 0)), between: clearFaults,
			first: failed("HTTP 429", "The next apply tries again").counts(6, 0), next: sentAgain.counts(7, 1),
		},
		{
			name: "429 that asks to wait beyond the timeout", before: onPost(twiliosim.TooManyRequests("3600", 0)), between: clearFaults,
			first: failed("HTTP 429", "1h0m0s").counts(1, 0), next: sentAgain,
		},
		{
			name: "a refusal", before: onPost(twiliosim.ServerError(400, 1)), next: sentAgain,
			first: expect{exit: 1, says: []string{"IP Command was refused", "nothing was sent"}, silent: []string{"unique name"}, posts: 1},
		},
		{
			name: "no such SIM", before: onPost(twiliosim.ServerError(404, 1)), next: sentAgain,
			first: expect{exit: 1, says: []string{"IP Command was refused", "Give the SID or the unique name of a Super SIM"}, posts: 1},
		},
		{name: "connection refused", before: refuseConnections, between: reconnect, first: failed(noOne), next: sentAgain.counts(1, 1)},
		{name: "DNS failure", before: failDNS, between: reconnect, first: failed("lookup supersim.invalid: nobody knows this name"), next: sentAgain.counts(1, 1)},
		{name: "TLS failure", before: failTLS, between: reconnect, first: failed("certificate"), next: sentAgain.counts(1, 1)},
	}
}

// lostRows are what leaves the outcome of a POST unknown (rule R2).
func lostRows() []faultRow {
	const noRoute = `{"message":"no Route matched with those values"}`
	rows := []faultRow{
		unreadable("truncated", twiliosim.Fault{TruncateBody: 40}),
		unreadable("empty", body("")),
		unreadable("HTML", body("<html><title>Welcome</title></html>")),
		unreadable("not UTF-8", body("{\"sid\":\"\xff\xfe\"}")),
		unreadable("another object", body(`{"ok":true}`)),
		unreadable("about another message", body(`{"sid":"HG0123456789abcdef0123456789abcdef","payload":"close","device_port":5683}`)),
		{
			name:   "an identical older command is present and the response is lost",
			before: func(t *testing.T, w *world) { older(w); onPost(twiliosim.LostResponse(1))(t, w) },
			first:  adoptedOnce.counts(1, 2), next: unchangedOnce.counts(1, 2),
		},
		{
			name:   "an identical older command is present and the request is lost",
			before: func(t *testing.T, w *world) { older(w); onPost(twiliosim.LostRequest(1))(t, w) },
			first:  unknownOnce.counts(1, 1), next: sentAgain.counts(2, 2),
		},
		{
			name: "a reset after creation, and the command is dated in the future",
			before: func(t *testing.T, w *world) {
				fault := twiliosim.LostRequest(1)
				fault.Then = func() {
					w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DateCreated: w.clock.Now().Add(2 * time.Second)})
				}
				onPost(fault)(t, w)
			},
			first: expect{
				exit: 1, posts: 1, commands: 1,
				says: []string{maybeSent, "dated later than the list", "these carry the same message", "terraform import 'ADDRESS' HG"},
			},
			next: sentAgain.counts(2, 2),
		},
		{
			// The price of adopting what a fast API has created. The device has it once.
			name:   "the request is lost, and an equal message was sent in the same second",
			before: func(t *testing.T, w *world) { foreign(w); onPost(twiliosim.LostRequest(1))(t, w) },
			first:  adoptedOnce, next: unchangedOnce,
		},
		{
			name: "the request is lost, an equal message is older, and the list is slow",
			before: func(t *testing.T, w *world) {
				w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DateCreated: w.clock.Now().Add(-2 * time.Second)})
				onPost(twiliosim.LostRequest(1))(t, w)
				w.Inject(twiliosim.Fault{Method: "GET", Then: func() { w.clock.Advance(12 * time.Second) }})
			},
			between: clearFaults,
			first:   expect{exit: 1, says: []string{maybeSent}, silent: []string{"terraform import"}, posts: 1, commands: 1}, next: sentAgain.counts(2, 2),
		},
		{
			name: "the request is lost, and the looks fail",
			before: func(t *testing.T, w *world) {
				onPost(twiliosim.LostRequest(1))(t, w)
				w.Inject(twiliosim.ServerError(503, 0).On("GET", "/"))
			},
			between: clearFaults,
			first:   expect{exit: 1, says: []string{maybeSent, "Looking for it failed: "}, silent: []string{"No command of the SIM"}, posts: 1}, next: sentAgain,
		},
		{
			name: "two foreign candidates",
			before: func(t *testing.T, w *world) {
				fault := twiliosim.LostRequest(1)
				fault.Then = func() { foreign(w); foreign(w) }
				onPost(fault)(t, w)
			},
			first: expect{exit: 1, says: []string{maybeSent, "these carry the same message", "HG"}, posts: 1, commands: 2},
			next:  sentAgain.counts(2, 3),
		},
	}
	for name, f := range map[string]twiliosim.Fault{
		"a reset": {Drop: true}, "500": {Status: 500}, "503": {Status: 503}, "502 in HTML": twiliosim.HTMLBadGateway(1),
		"404 of a gateway": {Status: 404, Body: []byte(noRoute)}, "403 in HTML": {Status: 403, Body: []byte("<html><title>Blocked</title></html>")},
		"a stall": {Stall: true},
	} {
		f.Times = 1
		before := faultRow{name: name + " before creation", before: onPost(f), first: unknownOnce, next: sentAgain}
		after := faultRow{name: name + " after creation", before: onPost(accepted(f)), first: adoptedOnce, next: unchangedOnce}
		if f.Stall {
			// Real seconds, in which what does not stall has to be responded to, too.
			before.provider, after.provider = `request_timeout = "5s"`, `request_timeout = "5s"`
		}
		rows = append(rows, before, after)
	}
	return rows
}

// waitRows are what may happen while an apply waits (rule R4).
func waitRows() []faultRow {
	waited := func(says ...string) expect {
		return expect{says: append(says, wasSent, seenQueued), state: []string{"queued"}, posts: 1, commands: 1}
	}
	return []faultRow{
		{
			name: "a SIM that is detached, later attached", sim: twiliosim.SIM{Detached: true},
			between: func(_ *testing.T, w *world) { w.SetDetached("valve", false) },
			first:   expect{exit: 1, says: []string{"IP Command failed", "tainted"}, state: []string{"failed!"}, posts: 1, commands: 1},
			next:    sends(2, replaced1),
		},
		{name: "never leaving queued", sim: twiliosim.SIM{NeverSends: true}, first: waited("still queued after 1m"), next: stillQueued1},
		{name: "404 for the first polls", before: onRead(twiliosim.ServerError(404, 3)), first: sentOnce, next: unchangedOnce},
		{name: "trouble while polling", before: onRead(twiliosim.ServerError(503, 0)), between: clearFaults, first: waited("HTTP 503"), next: unchangedOnce},
		{
			name: "404 for the whole wait", before: onRead(twiliosim.ServerError(404, 0)), between: clearFaults,
			first: waited("the API did not know it yet after 1m (timeouts.create)"), next: unchangedOnce,
		},
		readAs("received, as a status after the POST", "received", 0),
		readAs("a status that is new", "canceled", 0, `is no longer queued, but "canceled"`),
		readAs("a status that repeats the payload", "refused: open", 0, `is no longer queued, but "refused: [redacted]"`),
	}
}

// refreshRows are what a refresh may be told of a command (rule R6).
func refreshRows() []faultRow {
	unknown := expect{says: []string{"IP Command is not known to the API", "another account", noChanges}, state: []string{"queued"}, posts: 1}
	clockAhead := twiliosim.ServerError(404, 1)
	clockAhead.Header = http.Header{"Date": {start.Add(retention / 2).Format(http.TimeFormat)}}
	forgotten := readAs("404 of one that was sent, without an address", "sent", 1)
	forgotten.between, forgotten.next = forget(time.Hour), forgotten.next.counts(1, 0).not("Warning")
	return []faultRow{
		readLater("404 young", forget(time.Hour), unknown),
		// As of another account's credentials, by mistake.
		readLater("404 once", later404(time.Hour, twiliosim.ServerError(404, 1)), unknown.counts(1, 1)),
		readLater("404 old", forget(retention), stillQueued1.counts(1, 0).not("Warning")),
		readLater("404 very young", forget(time.Minute), stillQueued1.counts(1, 0).not("Warning")),
		readLater("404 by a clock that is ahead, once", later404(time.Minute, clockAhead), stillQueued1),
		foreign404("HTML", "<html><title>404 Not Found</title></html>"),
		foreign404("JSON", `{"message":"no Route matched with those values"}`),
		foreign404("gRPC", `{"code":5,"message":"Not Found","details":[]}`),
		foreign404("the API's form with another code", `{"code":20003,"message":"Authenticate","status":404}`),
		forgotten,
	}
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
