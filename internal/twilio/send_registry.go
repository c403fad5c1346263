package twilio

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// sendRegistry is what the sends of one process know of each other, so that
// two of them never take the same command for theirs (rules R2 and R10).
type sendRegistry struct {
	mu sync.Mutex
	// claimed are the commands that this process has sent, or has found, by SID.
	claimed map[string]bool
	// givenUp are the messages that resources have given up, by SID.
	givenUp map[string]*givenUp
	pending map[*send]bool
	// unresolved are sends of which nobody knows what became of them.
	unresolved []*send
}

// givenUp is a message that a resource has given up.
type givenUp struct {
	params IPCommandParams // without a payload where that is write-only
	simSID string          // of its SIM; empty where it is not known
	// isOwed reports whether the resource is being replaced: the next equal message
	// is sent, and pays for it.
	isOwed bool
}

// send is a message from before its first attempt until its outcome is known.
type send struct {
	params IPCommandParams
	// simSID is that of its SIM, once a look has shown it.
	simSID string
	// began is when the last attempt began, by our clock.
	began time.Time
	// inFlight is closed when the attempt in flight ends; nil between two.
	inFlight chan struct{}
	// lost reports whether the last attempt ended without a definite answer, and
	// that no command was found for it yet.
	lost bool
	// done is closed when the outcome is known, or that nobody knows it.
	done chan struct{}
}

func newSendRegistry() *sendRegistry {
	return &sendRegistry{claimed: make(map[string]bool), givenUp: make(map[string]*givenUp), pending: make(map[*send]bool)}
}

func (r *sendRegistry) open(p IPCommandParams) *send {
	s := &send{params: p, done: make(chan struct{})}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pending[s] = true
	return s
}

func (r *sendRegistry) close(s *send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.land()
	close(s.done)
	delete(r.pending, s)
}

func (r *sendRegistry) begin(s *send, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.land()
	s.began = now
	s.inFlight = make(chan struct{})
}

// end notes that the attempt in flight was not processed.
func (r *sendRegistry) end(s *send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.land()
}

// claim notes that the attempt in flight created the command sid. It reports
// false where that is another message's.
func (r *sendRegistry) claim(s *send, sid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed[sid] || r.givenUp[sid] != nil {
		return false
	}
	r.claimed[sid] = true
	s.land()
	return true
}

// giveUp notes that a resource has given up a message, for another one if isOwed.
func (r *sendRegistry) giveUp(sid string, g givenUp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if before := r.givenUp[sid]; before != nil { // If two resources share a SID, replacing either replaces it.
		g.isOwed = g.isOwed || before.isOwed
	}
	r.givenUp[sid] = &g
}

// pay reports whether p takes the place of an equal message to this SIM that was
// given up for it. Each pays for one.
func (r *sendRegistry) pay(p IPCommandParams, sim string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for sid, g := range r.givenUp {
		isSIM := strings.EqualFold(g.params.SIM, sim) || strings.EqualFold(g.simSID, sim)
		if g.isOwed && isSIM && g.params.isEqual(p) {
			r.settle(sid)
			return true
		}
	}
	return false
}

// settle notes that the message that takes the place of sid is sent now. The lock
// is held.
func (r *sendRegistry) settle(sid string) {
	r.givenUp[sid].isOwed = false
	r.claimed[sid] = true // No other message is it, either.
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

// take decides whether a command, the newest to its port that was not passed
// over, is the message p that was sent before (rule R10), and claims it then.
// Where an equal message is landing, it returns the end of that.
func (r *sendRegistry) take(cmd IPCommand, p IPCommandParams, server serverClock) (taking, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.givenUp[cmd.SID]
	_, dated := cmd.Created()
	switch {
	case g != nil && g.isOwed && p.mayBe(cmd): // Even if another message has found it before.
		r.settle(cmd.SID)
		return isNot, nil, nil
	case p.mayBe(cmd) && (r.claimed[cmd.SID] || g == nil && r.mayBeUnresolved(cmd, p, server)):
		return passedOver, nil, nil
	case !dated || cmd.SIMSID == nil || cmd.DevicePort == nil || cmd.Payload == nil || cmd.PayloadType == nil:
		return isNot, nil, errNotTold
	case cmd.IsFailed() || !p.mayBe(cmd):
		return isNot, nil, nil
	}
	for o := range r.pending {
		switch {
		case !o.params.looksLike(p) || !o.params.mayShareSIM(p):
		case o.inFlight != nil:
			return landing, o.inFlight, nil
		case o.lost:
			return landing, o.done, nil
		}
	}
	r.claimed[cmd.SID] = true
	return taken, nil, nil
}

// mayBeUnresolved reports whether a command could belong to a send of which
// nobody knows what became of it. It then counts as that send's, even if its own
// looks did not show it. The lock is held.
func (r *sendRegistry) mayBeUnresolved(cmd IPCommand, p IPCommandParams, server serverClock) bool {
	return slices.ContainsFunc(r.unresolved, func(s *send) bool {
		isElsewhere := s.simSID != "" && cmd.SIMSID != nil && !strings.EqualFold(s.simSID, *cmd.SIMSID)
		return s.params.mayShareSIM(p) && !isElsewhere && s.params.mayHaveCreated(cmd) && !isOlder(cmd, s, server)
	})
}

// at notes to which SIM a send is, which it may name.
func (r *sendRegistry) at(s *send, simSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.simSID = simSID
}

// leave notes that nobody knows what became of a send.
func (r *sendRegistry) leave(s *send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unresolved = append(r.unresolved, s)
}

// lose notes that nobody knows yet what became of the attempt in flight.
func (r *sendRegistry) lose(s *send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.lost = true
	s.land()
}

// land ends the attempt in flight. The registry's lock is held.
func (s *send) land() {
	if s.inFlight != nil {
		close(s.inFlight)
		s.inFlight = nil
	}
}

// inFlight returns the ends of all attempts in flight whose message could be
// mistaken for that of s. The SIM is left out of the comparison, since one
// send may name it by SID and another by its unique name.
func (r *sendRegistry) inFlight(s *send) []<-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ends []<-chan struct{}
	for o := range r.pending {
		if o.inFlight != nil && o.params.looksLike(s.params) {
			ends = append(ends, o.inFlight)
		}
	}
	return ends
}

// maxDoubt is how far apart the bounds of the server's clock may be when a
// command is adopted. A Date is cut to whole seconds, so one answer of a fast
// API gives bounds of little more than a second.
const maxDoubt = 2 * time.Second

// knowsBeginning reports whether the bounds of the server's clock tell when the
// POST of s began.
func knowsBeginning(s *send, server serverClock) bool {
	began, ok := server.At(s.began)
	return ok && began.Latest.Sub(began.Earliest) <= maxDoubt
}

// adopt chooses among the candidates for s, none of which is older than its POST,
// and claims the choice. It returns the candidates that are nobody's, and the
// choice when there is one: the only candidate, once the server's clock is known
// well enough.
//
// Equal sends that all lost their answers are interchangeable, so that
// candidates may be shared out among them, the oldest first, as long as each may
// be explained by another of them.
func (r *sendRegistry) adopt(s *send, candidates []IPCommand, server serverClock) (choice *IPCommand, unclaimed []IPCommand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range candidates {
		if !r.claimed[c.SID] && r.givenUp[c.SID] == nil {
			unclaimed = append(unclaimed, c)
		}
	}
	slices.SortStableFunc(unclaimed, func(a, b IPCommand) int { return createdAt(a).Compare(createdAt(b)) })
	if len(unclaimed) == 0 || !knowsBeginning(s, server) {
		return nil, unclaimed
	}
	for i, c := range unclaimed {
		if _, dated := c.Created(); !dated || r.possibleSenders(s, c, server) <= i {
			return nil, unclaimed
		}
	}
	r.claimed[unclaimed[0].SID] = true
	s.lost = false // It explains no other candidate.
	return &unclaimed[0], unclaimed
}

// possibleSenders counts the sends that lost their answers, s among them, and
// may have created c: with such a message to the same SIM, and a POST that began
// no later than c was created. The lock is held.
func (r *sendRegistry) possibleSenders(s *send, c IPCommand, server serverClock) int {
	n := 0
	for o := range r.pending {
		if o.lost && o.params.SIM == s.params.SIM && o.params.mayHaveCreated(c) && !isOlder(c, o, server) {
			n++
		}
	}
	return n
}

// serverClock is a rest.ServerClock.
type serverClock interface {
	At(ours time.Time) (rest.Moment, bool)
}

// isOlder reports whether a command was created before the POST of s: before the
// whole second in which that may have begun, since the API cuts dates to whole
// seconds.
func isOlder(c IPCommand, s *send, server serverClock) bool {
	began, _ := server.At(s.began)
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
