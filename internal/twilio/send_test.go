package twilio

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// sendRow is a fault and what has to come of it.
type sendRow struct {
	name  string
	fault twiliosim.Fault
	dial  func(n int) error
	// deadline is how long the send may wait for an API that refuses it.
	deadline time.Duration
	change   func(*MessageParams)
	// inBubble runs the row where stalling takes no time.
	inBubble bool

	posts, commands int
	want            ending
	// looks is how many lists were asked for.
	looks int
	// slept is how long Send waited, with random numbers of 0.5.
	slept time.Duration
	text  []string
}

const (
	// backoffs is the sum of the five backoffs after the first attempt, and
	// spaced that of the waits before the four looks.
	backoffs = 7750 * time.Millisecond
	spaced   = 17 * time.Second
)

// sendRows is rule R1 and the endings of rule R2, fault by fault.
func sendRows() []sendRow {
	after := func(f twiliosim.Fault) twiliosim.Fault { f.Accept = true; return f }
	body := func(b string) twiliosim.Fault { return twiliosim.Fault{Accept: true, Status: 201, Body: []byte(b)} }
	refuse := func(times int, err error) func(int) error {
		return func(n int) error {
			if times == 0 || n <= times {
				return err
			}
			return nil
		}
	}
	noHost := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nonexistent.invalid", IsNotFound: true}}
	none := twiliosim.Fault{Skip: 99}
	rows := []sendRow{
		{name: "no fault", fault: none, posts: 1, commands: 1, want: isSent},

		{name: "429 once", fault: twiliosim.TooManyRequests("", 1), posts: 2, commands: 1, want: isSent, slept: 250 * time.Millisecond},
		{name: "429 for ever", fault: twiliosim.TooManyRequests("", 0), posts: 6, want: isNotSent, slept: backoffs, text: []string{"HTTP 429", "20429", "made 6 times"}},
		{name: "429 in seconds", fault: twiliosim.TooManyRequests("20", 1), deadline: time.Minute, posts: 2, commands: 1, want: isSent, slept: 20250 * time.Millisecond},
		{name: "429 up to the deadline", fault: twiliosim.TooManyRequests("20", 0), deadline: 50 * time.Second, posts: 3, want: isNotSent, slept: 40500 * time.Millisecond, text: []string{"HTTP 429", "made 3 times"}},
		{name: "429 beyond the deadline", fault: twiliosim.TooManyRequests("61", 0), deadline: time.Minute, posts: 1, want: isNotSent, text: []string{"HTTP 429", "asks to wait for 1m1s"}},

		{name: "connection refused once", fault: none, dial: refuse(1, errRefused), posts: 1, commands: 1, want: isSent, slept: 250 * time.Millisecond},
		{name: "connection refused for ever", fault: none, dial: refuse(0, errRefused), want: isNotSent, slept: backoffs, text: []string{"connecting: nobody takes connections there", "after 6 attempts"}},
		{name: "unknown host for ever", fault: none, dial: refuse(0, noHost), want: isNotSent, slept: backoffs, text: []string{"lookup nonexistent.invalid: nobody knows this name"}},

		{name: "400", fault: none, change: func(p *MessageParams) { p.PayloadType = "cbor" }, posts: 1, want: isRefused, text: []string{"HTTP 400", "33101", "PayloadType"}},
		{name: "404", fault: none, change: func(p *MessageParams) { p.SIM = "no-such-sim" }, posts: 1, want: isRefused, text: []string{"HTTP 404", "33107", "no-such-sim"}},
		{name: "401", fault: twiliosim.ServerError(401, 0), posts: 1, want: isRefused, text: []string{"HTTP 401", twiliosim.DefaultAccountSID}},
		{name: "403", fault: twiliosim.ServerError(403, 0), posts: 1, want: isRefused, text: []string{"HTTP 403", twiliosim.DefaultAccountSID}},

		{name: "201 truncated", fault: twiliosim.Fault{TruncateBody: 40}, posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"HTTP 201", "it broke off in the middle"}},
		{name: "201 empty", fault: body(""), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"HTTP 201", "it is empty"}},
		{name: "201 HTML", fault: body("<html><title>Sent</title>"), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"an HTML page, 25 bytes"}},
		{name: "201 not UTF-8", fault: body("{\"sid\":\"HG\xff\"}"), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"not UTF-8"}},
		{name: "201 without a sid", fault: body(`{"payload":"OPEN-VALVE"}`), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"no sid"}},
		{name: "201 that never ends", fault: body(`{"sid":"` + string(bytes.Repeat([]byte("x"), 16<<20))), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"larger than 0.0625 MiB"}},
		{name: "204", fault: twiliosim.Fault{Accept: true, Status: 204, Body: []byte{}}, posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{"HTTP 204"}},

		{name: "stalled before", fault: twiliosim.Stalled(false, 0), inBubble: true, posts: 1, want: isUnknown, looks: len(looks), slept: rest.DefaultRequestTimeout + spaced, text: []string{"no response within the 30s that a request may take"}},
		{name: "stalled after", fault: twiliosim.Stalled(true, 0), inBubble: true, posts: 1, commands: 1, want: isAdopted, looks: 1, slept: rest.DefaultRequestTimeout, text: []string{"no response within the 30s that a request may take"}},
		{name: "stalled in the middle of the response", fault: twiliosim.Fault{TruncateBody: 40, Stall: true}, inBubble: true, posts: 1, commands: 1, want: isAdopted, looks: 1, slept: rest.DefaultRequestTimeout, text: []string{"HTTP 201"}},
		{name: "refused only after a stall", fault: twiliosim.Fault{Status: 400, Delay: func() { time.Sleep(20 * time.Second) }}, inBubble: true, posts: 1, want: isRefused, slept: 20 * time.Second},
	}
	for _, lost := range []struct {
		name  string
		fault twiliosim.Fault
		text  string
	}{
		{"connection lost", twiliosim.Fault{Drop: true}, "POST "},
		{"500", twiliosim.ServerError(500, 0), "HTTP 500"},
		{"502 in HTML", twiliosim.HTMLBadGateway(0), "HTTP 502"},
		{"503 with Retry-After", twiliosim.Fault{Status: 503, Header: http.Header{"Retry-After": {"1"}}}, "HTTP 503"},
		{"408", twiliosim.ServerError(408, 0), "HTTP 408"},
		{"101", twiliosim.Fault{Status: 101, Body: []byte{}}, "HTTP 101"},
		{"400 in HTML", gateway(400, "<p>"), "HTTP 400"},
		{"403 in HTML", gateway(403, "<html><title>403 Forbidden</title></html>"), "HTTP 403"},
		{"404 of a router", gateway(404, `{"message":"no Route matched with those values"}`), "HTTP 404"},
		{"499", gateway(499, "{}"), "HTTP 499"},
		{"307", twiliosim.Fault{Status: 307, Header: http.Header{"Location": {"/v1/IpCommands"}}}, "HTTP 307"},
	} {
		rows = append(rows,
			sendRow{name: lost.name + " before", fault: lost.fault, posts: 1, want: isUnknown, looks: len(looks), slept: spaced, text: []string{lost.text}},
			sendRow{name: lost.name + " after", fault: after(lost.fault), posts: 1, commands: 1, want: isAdopted, looks: 1, text: []string{lost.text}})
	}
	return rows
}

// gateway is the response of something on the way, whatever the API did.
func gateway(status int, body string) twiliosim.Fault {
	return twiliosim.Fault{Status: status, Body: []byte(body)}
}

// TestSend_R1_R2 plays every fault against one send.
func TestSend_R1_R2(t *testing.T) {
	t.Parallel()
	for _, row := range sendRows() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if row.inBubble {
				bubble(t, func(w *world) { row.play(w, time.Now) })
				return
			}
			w := newWorld(t)
			row.play(w, w.clock.Now)
		})
	}
}

func (row sendRow) play(w *world, now func() time.Time) {
	w.dials.hook = row.dial
	w.onPost(row.fault)
	p := w.message()
	if row.change != nil {
		row.change(&p)
	}
	began := now()
	var deadline time.Time
	if row.deadline != 0 {
		deadline = began.Add(row.deadline)
	}
	sent, err := w.client.send(w.t.Context(), p, deadline)
	if got := endingOf(w.t, sent, err); got != row.want {
		w.t.Errorf("%s, want %s: %v", got, row.want, err)
	}
	w.wantRequests(row.posts, row.looks)
	w.wantCommands(row.commands)
	if slept := now().Sub(began); slept != row.slept {
		w.t.Errorf("it took %s, want %s", slept, row.slept)
	}
	if err == nil {
		w.wantOwn(sent, p)
		err = sent.Lost
	}
	if row.text != nil {
		wantText(w.t, err, row.text...)
	}
	var lost *UnknownOutcomeError
	if errors.As(err, &lost) && (lost.LookErr != nil || len(lost.Candidates) != 0) {
		w.t.Errorf("%v, candidates %v", lost.LookErr, sids(lost.Candidates))
	}
}

// wantOwn fails the test unless a command was created by the POST of p.
func (w *world) wantOwn(sent *Message, p MessageParams) {
	w.t.Helper()
	for _, r := range w.sim.Requests() {
		if r.Accepted && r.SID == sent.SID && r.Form.Get("Payload") == p.Payload {
			return
		}
	}
	w.t.Errorf("%s was created by no POST", sent.SID)
}
