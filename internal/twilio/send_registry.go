package twilio

import (
	"slices"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// sendRegistry is what the sends of one process know of each other, so that
// two of them never take the same command for theirs (rule R2).
type sendRegistry struct {
	mu      sync.Mutex
	claimed map[string]owner // by SID
	pending map[*send]bool
	// unresolved are sends of which nobody knows what became of them.
	unresolved []*send
}

// owner is whose a command is, as far as this process knows.
type owner int

const (
	nobody owner = iota
	// wasTaken are those of messages of this process, which were sent by it, or found
	// among what was sent before.
	wasTaken
	// wasForgotten and wasReplaced are those of earlier messages, which a resource
	// has given up, in the latter case for another message.
	wasForgotten
	wasReplaced
)

// send is a message from before its first attempt until its outcome is known.
type send struct {
	params IPCommandParams
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
	return &sendRegistry{claimed: make(map[string]owner), pending: make(map[*send]bool)}
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
// false where that is no SID, or another message's.
func (r *sendRegistry) claim(s *send, sid string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !IsSID("HG", sid) || r.claimed[sid] != nobody {
		return false
	}
	r.claimed[sid] = wasTaken
	s.land()
	return true
}

// forget notes that a command is that of a message of an earlier time, unless a
// send has found it again. Where two resources have it, it is replaced if one of
// them is.
func (r *sendRegistry) forget(sid string, replaced bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.claimed[sid] == wasTaken:
	case replaced:
		r.claimed[sid] = wasReplaced
	case r.claimed[sid] == nobody:
		r.claimed[sid] = wasForgotten
	}
}

// owner returns whose a command is that a look for p has shown. One that may be
// that of a send of which nobody knows what became of it is that send's, even if
// the looks of that send did not show it.
func (r *sendRegistry) owner(cmd IPCommand, p IPCommandParams, server serverClock) owner {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ownerOf(cmd, p, server)
}

// ownerOf is owner, with the lock held.
func (r *sendRegistry) ownerOf(cmd IPCommand, p IPCommandParams, server serverClock) owner {
	if owner := r.claimed[cmd.SID]; owner != nobody {
		return owner
	}
	for _, s := range r.unresolved {
		if s.params.mayShareSIM(p) && fits(cmd, s.params) && !isCertainlyOlder(cmd, s, server) {
			return wasTaken
		}
	}
	return nobody
}

// giveUp notes that nobody knows what became of a send.
func (r *sendRegistry) giveUp(s *send) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unresolved = append(r.unresolved, s)
}

// claimFound claims a command that was found before p was sent (rule R10), unless
// another send owns it. It does not while an equal message is in flight or looked
// for, whose command it may be; it returns the end of that instead.
func (r *sendRegistry) claimFound(cmd IPCommand, p IPCommandParams, server serverClock) (claimed bool, landing <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ownerOf(cmd, p, server) == wasTaken { // It may have come to that since the caller asked.
		return false, nil
	}
	for o := range r.pending {
		switch {
		case !o.params.isEqual(p) || !o.params.mayShareSIM(p):
		case o.inFlight != nil:
			return false, o.inFlight
		case o.lost:
			return false, o.done
		}
	}
	r.claimed[cmd.SID] = wasTaken
	return true, nil
}

// lose notes that nobody knows what became of the attempt in flight.
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
		if o.inFlight != nil && o.params.isEqual(s.params) {
			ends = append(ends, o.inFlight)
		}
	}
	return ends
}

// adopt chooses among the candidates for s and claims the choice. It returns
// the unclaimed candidates, and the choice when there is one.
//
// A candidate that may be older than the POST of s, by the server's clock, is
// left to a person, and so is one dated after it was seen: whose clock gave it
// that date, nobody knows. Equal sends that all lost their answers are
// interchangeable, so that candidates may be shared out among them, the oldest
// first, as long as each may be explained by another of them.
func (r *sendRegistry) adopt(s *send, candidates []IPCommand, server serverClock, now time.Time) (choice *IPCommand, unclaimed []IPCommand) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range candidates {
		if r.claimed[c.SID] == nobody {
			unclaimed = append(unclaimed, c)
		}
	}
	slices.SortStableFunc(unclaimed, func(a, b IPCommand) int { return createdAt(a).Compare(createdAt(b)) })
	seen, _ := server.At(now)
	for i, c := range unclaimed {
		if !isCertainlyYounger(c, s, server) || !createdAt(c).Before(seen.Latest) || r.possibleSenders(s, c, server) <= i {
			return nil, unclaimed
		}
	}
	if len(unclaimed) == 0 {
		return nil, nil
	}
	r.claimed[unclaimed[0].SID] = wasTaken
	s.lost = false // It explains no other candidate.
	return &unclaimed[0], unclaimed
}

// possibleSenders counts the sends that lost their answers, s among them, and
// may have created c: with the same message to the same SIM, and a POST that
// certainly began before c was created. The lock is held.
func (r *sendRegistry) possibleSenders(s *send, c IPCommand, server serverClock) int {
	n := 0
	for o := range r.pending {
		if o.lost && o.params.SIM == s.params.SIM && o.params.isEqual(s.params) && isCertainlyYounger(c, o, server) {
			n++
		}
	}
	return n
}

// serverClock is a rest.ServerClock that has learned the time.
type serverClock interface {
	At(ours time.Time) (rest.Moment, bool)
}

// isCertainlyYounger reports whether a command was created after the POST of s
// began. A date of creation is cut to whole seconds, so the command is at least
// as young as it says.
func isCertainlyYounger(c IPCommand, s *send, server serverClock) bool {
	began, _ := server.At(s.began)
	return !createdAt(c).Before(began.Latest)
}

// isCertainlyOlder reports whether a command was created before the POST of s
// began.
func isCertainlyOlder(c IPCommand, s *send, server serverClock) bool {
	began, _ := server.At(s.began)
	return isCertainlyFromBefore(c, began.Earliest)
}

// isCertainlyFromBefore reports whether a command was created before a time of the
// server: it is less than a second younger than it says. Of one without a date
// nobody knows.
func isCertainlyFromBefore(c IPCommand, at time.Time) bool {
	created, dated := c.Created()
	return dated && !created.Add(time.Second).After(at)
}

func createdAt(c IPCommand) time.Time {
	at, _ := c.Created()
	return at
}
