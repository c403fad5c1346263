package twilio

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// registry is what the messages of one process know of each other, so that two of
// them never take the same command for theirs (rules R2 and R10).
type registry struct {
	mu sync.Mutex
	// claimed are the commands that this process has sent, or has found, by SID.
	claimed map[string]bool
	// givenUp are the messages that resources have given up, by SID.
	givenUp map[string]*givenUp
	// pending are the messages between their first attempt and its outcome.
	pending map[*Message]bool
	// unresolved are messages that were lost and not found.
	unresolved []*Message
	// landed is closed, and replaced, whenever an attempt or the look for a lost
	// message ends.
	landed chan struct{}
}

// givenUp is a message that a resource has given up, or several that share its SID.
type givenUp struct {
	*Message // its payload is missing where that is write-only
	// owed is in how many places the same message takes its place: so many of the next
	// equal ones are sent, and pay for it.
	owed int
}

func newRegistry() *registry {
	return &registry{claimed: make(map[string]bool), givenUp: make(map[string]*givenUp), pending: make(map[*Message]bool), landed: make(chan struct{})}
}

func (r *registry) open(m *Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending[m] = true
}

func (r *registry) close(m *Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.pending, m)
	r.land(m)
}

func (r *registry) begin(m *Message, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.began, m.inFlight = now, true
}

// end notes that the attempt in flight was not processed.
func (r *registry) end(m *Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.land(m)
}

// claim notes that the attempt in flight created the command sid. It reports
// false where that is another message's.
func (r *registry) claim(m *Message, sid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed[sid] || r.givenUp[sid] != nil {
		return false
	}
	r.claimed[sid] = true
	r.land(m)
	return true
}

// lose notes that nobody knows yet what became of the attempt in flight.
func (r *registry) lose(m *Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.isLost = true
	r.land(m)
}

// leave notes that a lost message was not found.
func (r *registry) leave(m *Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unresolved = append(r.unresolved, m)
}

// land ends the attempt in flight. The lock is held.
func (r *registry) land(m *Message) {
	m.inFlight = false
	close(r.landed)
	r.landed = make(chan struct{})
}

// isLanding reports whether another message is in flight that may have created a
// command that m is taken for, or, if orLost, is looked for. The lock is held.
func (r *registry) isLanding(m *Message, orLost bool) bool {
	for o := range r.pending {
		if o != m && (o.inFlight || orLost && o.isLost) && o.Params.looksLike(m.Params) && o.Params.mayShareSIM(m.Params) {
			return true
		}
	}
	return false
}

// errLanding means that the time was over while another message was landing.
var errLanding = errors.New("an equal message is still under way, which may have created what was found")

// wait waits until no message is landing that may have created what m has found.
func (r *registry) wait(ctx context.Context, m *Message, orLost bool) error {
	for {
		r.mu.Lock()
		isLanding, landed := r.isLanding(m, orLost), r.landed
		r.mu.Unlock()
		if !isLanding {
			return nil
		}
		select {
		case <-landed:
		case <-ctx.Done():
			return errLanding
		}
	}
}

// at notes to which SIM a message is, which it may name.
func (r *registry) at(m *Message, simSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.simSID = simSID
}

// giveUp notes that a resource has given up a message, for by unless that is nil.
func (r *registry) giveUp(m *Message, by *Replacement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	owed := 0
	if before := r.givenUp[m.SID]; before != nil { // Of another resource with that SID.
		owed = before.owed
	}
	switch {
	case by == nil:
	case by.Looks && by.Params.mayRepeat(m):
		owed++
	default:
		r.claimed[m.SID] = true // by needs no note to be sent, and no other message is m.
	}
	r.givenUp[m.SID] = &givenUp{m, owed}
}

// pay reports whether m takes the place of an equal message to this SIM that was
// given up for it. Each pays for one.
func (r *registry) pay(m *Message, sim string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, g := range r.givenUp {
		isSIM := strings.EqualFold(g.Params.SIM, sim) || g.SIMSID != nil && strings.EqualFold(*g.SIMSID, sim)
		if g.owed > 0 && isSIM && g.Params.isEqual(m.Params) {
			r.settle(g)
			return true
		}
	}
	return false
}

// settle notes that the message that takes the place of one that was given up is
// sent now. The lock is held.
func (r *registry) settle(g *givenUp) {
	g.owed--
	r.claimed[g.SID] = true // No other message is it, either.
}

// taking is what take makes of a command.
type taking int

const (
	// passedOver is a command of another message that looks like this one.
	passedOver taking = iota
	// isNot means that this message is to be sent.
	isNot
	taken
	// landing means that an equal message is in flight or looked for, which may have
	// created the command.
	landing
)

// take decides whether a command, the newest to its port that was not passed over,
// is the message m that was sent before (rule R10), and claims it then.
func (r *registry) take(cmd IPCommand, m *Message, server serverClock) (taking, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, isIt := r.givenUp[cmd.SID], m.Params.mayBe(cmd)
	_, dated := cmd.Created()
	switch {
	case g != nil && g.owed > 0 && isIt: // Even if another message has found it before.
		r.settle(g)
		return isNot, nil
	case isIt && (r.claimed[cmd.SID] || g == nil && r.mayBeUnresolved(cmd, m, server)):
		return passedOver, nil
	case !dated || cmd.SIMSID == nil || cmd.DevicePort == nil || cmd.Payload == nil || cmd.PayloadType == nil:
		return isNot, errNotTold
	case cmd.IsFailed() || !isIt:
		return isNot, nil
	case r.isLanding(m, true):
		return landing, nil
	}
	r.claimed[cmd.SID] = true
	return taken, nil
}

// mayBeUnresolved reports whether a command could belong to a message that was lost
// and not found. It then counts as that message's, even if its own looks did not
// show it. The lock is held.
func (r *registry) mayBeUnresolved(cmd IPCommand, m *Message, server serverClock) bool {
	return slices.ContainsFunc(r.unresolved, func(o *Message) bool {
		isElsewhere := o.simSID != "" && cmd.SIMSID != nil && !strings.EqualFold(o.simSID, *cmd.SIMSID)
		return o.Params.mayShareSIM(m.Params) && !isElsewhere && o.Params.mayHaveCreated(cmd) && !isOlder(cmd, o, server)
	})
}

// maxDoubt is how far apart the bounds of the server's clock may be when a
// command is adopted. A Date is cut to whole seconds, so one response of a fast
// API gives bounds of little more than a second.
const maxDoubt = 2 * time.Second

// knowsBeginning reports whether the bounds of the server's clock tell when the
// POST of m began.
func knowsBeginning(m *Message, server serverClock) bool {
	began, ok := server.At(m.began)
	return ok && began.Latest.Sub(began.Earliest) <= maxDoubt
}

// adopt chooses among the candidates for m, none of which is older than its POST,
// and claims the choice. It returns the candidates that are nobody's, and the
// choice when there is one: the only candidate, once the server's clock is known
// well enough.
//
// Equal messages that were all lost are interchangeable, so that candidates may be
// shared out among them, the oldest first, as long as each may be explained by
// another of them.
func (r *registry) adopt(m *Message, candidates []IPCommand, server serverClock) (choice *IPCommand, unclaimed []IPCommand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range candidates {
		if !r.claimed[c.SID] && r.givenUp[c.SID] == nil {
			unclaimed = append(unclaimed, c)
		}
	}
	slices.SortStableFunc(unclaimed, func(a, b IPCommand) int { return createdAt(a).Compare(createdAt(b)) })
	if len(unclaimed) == 0 || !knowsBeginning(m, server) {
		return nil, unclaimed
	}
	for i, c := range unclaimed {
		if _, dated := c.Created(); !dated || r.possibleSenders(m, c, server) <= i {
			return nil, unclaimed
		}
	}
	r.claimed[unclaimed[0].SID] = true
	m.isLost = false // It explains no other candidate.
	return &unclaimed[0], unclaimed
}

// possibleSenders counts the lost messages, m among them, that may have created c:
// to the same SIM, and with a POST that began no later than c was created. The lock
// is held.
func (r *registry) possibleSenders(m *Message, c IPCommand, server serverClock) int {
	n := 0
	for o := range r.pending {
		if o.isLost && o.Params.SIM == m.Params.SIM && o.Params.mayHaveCreated(c) && !isOlder(c, o, server) {
			n++
		}
	}
	return n
}

// serverClock is a rest.ServerClock.
type serverClock interface {
	At(ours time.Time) (rest.Moment, bool)
}

// isOlder reports whether a command was created before the POST of m: before the
// whole second in which that may have begun, since the API cuts dates to whole
// seconds.
func isOlder(c IPCommand, m *Message, server serverClock) bool {
	began, _ := server.At(m.began)
	return isFromBefore(c, began.Earliest)
}

// isFromBefore reports whether a command was created before the whole second of
// a time of the server. Of one without a date nobody knows.
func isFromBefore(c IPCommand, at time.Time) bool {
	created, dated := c.Created()
	return dated && !created.Add(time.Second).After(at)
}

func createdAt(c IPCommand) time.Time {
	at, _ := c.Created()
	return at
}
