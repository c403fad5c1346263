package twilio

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// chaosFault is a fault that a person can read.
type chaosFault struct {
	name string
	twiliosim.Fault
}

// String implements fmt.Stringer.
func (f chaosFault) String() string { return f.name }

// pick returns one of several.
func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomPostFault is a fault that a POST may meet: refused, lost before or
// after it was accepted, answered wrongly, or slowed down, also for longer
// than the client waits, so that the command is created when nobody waits any
// more.
func randomPostFault(r *rand.Rand) chaosFault {
	f := pick(r,
		chaosFault{"429", twiliosim.TooManyRequests("", 0)},
		chaosFault{"429 1", twiliosim.TooManyRequests("1", 0)},
		chaosFault{"429 20", twiliosim.TooManyRequests("20", 0)},
		chaosFault{"429 300", twiliosim.TooManyRequests("300", 0)},
		chaosFault{"400", twiliosim.ServerError(400, 0)},
		chaosFault{"404", twiliosim.ServerError(404, 0)},
		chaosFault{"408", maybe(r, twiliosim.ServerError(408, 0))},
		chaosFault{"500", maybe(r, twiliosim.ServerError(500, 0))},
		chaosFault{"502", maybe(r, twiliosim.HTMLBadGateway(0))},
		chaosFault{"503", maybe(r, twiliosim.Fault{Status: 503, Header: http.Header{"Retry-After": {"2"}}})},
		chaosFault{"302", maybe(r, twiliosim.Fault{Status: 302, Header: http.Header{"Location": {"/v1/IpCommands"}}})},
		chaosFault{"drop", maybe(r, twiliosim.Fault{Drop: true})},
		chaosFault{"drop", maybe(r, twiliosim.Fault{Drop: true})},
		chaosFault{"stall", maybe(r, twiliosim.Fault{Stall: true})},
		chaosFault{"201 truncated", twiliosim.Fault{TruncateBody: 1 + r.IntN(300)}},
		chaosFault{"201 half, stalled", twiliosim.Fault{TruncateBody: 1 + r.IntN(300), Stall: true}},
		chaosFault{"201 empty", twiliosim.Fault{Accept: true, Status: 201, Body: []byte{}}},
		chaosFault{"201 HTML", twiliosim.Fault{Accept: true, Status: 201, Body: []byte("<p>OPEN-VALVE")}},
		chaosFault{"201 not UTF-8", twiliosim.Fault{Accept: true, Status: 201, Body: []byte("{\"sid\":\"\xff\"}")}},
		chaosFault{"slow", twiliosim.Fault{}},
	)
	if f.Accept {
		f.name += " accepted"
	}
	if f.name == "slow" || r.IntN(4) == 0 {
		d := time.Duration(r.Float64() * float64(45*time.Second))
		if r.IntN(2) == 0 {
			f.name += " late by " + d.String()
			f.Delay = func() { time.Sleep(d) }
		} else {
			f.name += " answered late by " + d.String()
			f.Then = func() { time.Sleep(d) }
		}
	}
	f.Skip, f.Times = r.IntN(3), 1+r.IntN(3)
	return f
}

// maybe accepts what the fault spoils, or not.
func maybe(r *rand.Rand, f twiliosim.Fault) twiliosim.Fault {
	f.Accept = r.IntN(2) == 0
	return f
}

// randomGetFault is a fault that a look may meet, a list that does not show
// what there is among them.
func randomGetFault(r *rand.Rand) chaosFault {
	f := pick(r,
		chaosFault{"GET 429", twiliosim.TooManyRequests(pick(r, "", "5", "100"), 0)},
		chaosFault{"GET 500", twiliosim.ServerError(500, 0)},
		chaosFault{"GET 404", twiliosim.ServerError(404, 0)},
		chaosFault{"GET drop", twiliosim.LostRequest(0)},
		chaosFault{"GET stall", twiliosim.Stalled(false, 0)},
		chaosFault{"GET truncated", twiliosim.Fault{TruncateBody: 1 + r.IntN(100)}},
		chaosFault{"GET empty page", twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)}},
		chaosFault{"GET no Date", twiliosim.Fault{Header: http.Header{"Date": {"never"}}}},
		chaosFault{"GET slow", twiliosim.Fault{Then: func() { time.Sleep(12 * time.Second) }}},
	)
	f.Skip, f.Times = r.IntN(2), 1+r.IntN(4)
	return f
}

// dialFault is what happens to a connection.
type dialFault int

const (
	dialWorks dialFault = iota
	dialRefused
	// dialNothing, dialHalf and dialSwallows are connections that work for
	// the first request and break under the second: before anything is
	// written, after half of it, and after all, unseen by the API.
	dialNothing
	dialHalf
	dialSwallows
	dialFaults
)

// planned lets the first connections go as planned, and the others work.
func planned(dial dialFunc, plan []dialFault) dialFunc {
	next := make(chan dialFault, len(plan))
	for _, f := range plan {
		next <- f
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		f := dialWorks
		select {
		case f = <-next:
		default:
		}
		if f == dialRefused {
			return nil, errRefused
		}
		conn, err := dial(ctx, network, address)
		if err != nil || f == dialWorks {
			return conn, err
		}
		b := &breakable{Conn: conn}
		b.write = func(conn net.Conn, p []byte) (int, error) {
			b.mu.Lock()
			b.write = f.breaks
			b.mu.Unlock()
			return conn.Write(p)
		}
		return b, nil
	}
}

// breaks is a Write that breaks the connection.
func (f dialFault) breaks(conn net.Conn, p []byte) (n int, err error) {
	switch f {
	case dialHalf:
		n, _ = conn.Write(p[:len(p)/2])
		err = syscall.EPIPE
	case dialSwallows:
		n = len(p)
	default:
		err = syscall.EPIPE
	}
	_ = conn.Close()
	return n, err
}
