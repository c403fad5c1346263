package twiliosim

import (
	"sync"
	"time"
)

// Retention is how long the API keeps a command, counted from its
// date_created: https://www.twilio.com/docs/iot/supersim/api/ipcommand-resource.
const Retention = 30 * 24 * time.Hour

// Simulator is the two APIs and what they know. It is safe for concurrent use.
type Simulator struct {
	cfg     Config
	started time.Time

	mu         sync.Mutex // guards what follows; see lock and unlock
	sims       fleet
	sids       map[string]int // how many SIDs were made, by prefix
	ipCommands store[IPCommand]
	commands   store[Command]
	queue      []*entry[IPCommand]
	tokens     issuedTokens
	deliveries []Delivery
	requests   []*Request
	lines      []string // for Config.Log, not yet written

	faultMu sync.Mutex // guards faults; never taken while holding mu
	faults  []*liveFault

	logMu sync.Mutex // held while Config.Log is called
}

// New returns a simulator that knows no SIM and no command. It panics if there
// is no such Platform.
func New(cfg Config) *Simulator {
	cfg = cfg.withDefaults()
	_ = cfg.Platform.traits()
	return &Simulator{cfg: cfg, started: cfg.Now(), sids: map[string]int{}}
}

// Settle does what is due by the clock: queued commands are sent or fail, and
// expired ones are forgotten. Every other method and every request does so
// first, so only a program that wants deliveries logged in time has to call
// it.
func (s *Simulator) Settle() {
	s.lock()
	s.unlock()
}

// lock takes the simulator's lock, does what is due, and returns the time.
func (s *Simulator) lock() time.Time {
	s.mu.Lock()
	now := s.cfg.Now()
	s.settle(now)
	return now
}

// unlock gives the lock back and writes the log lines that came up meanwhile:
// only then, so that a slow writer does not hold up the API.
func (s *Simulator) unlock() {
	pending := len(s.lines) > 0
	s.mu.Unlock()
	if pending {
		s.writeLog()
	}
}

// log notes a line for Config.Log. The lock is held.
func (s *Simulator) log(line string) {
	if s.cfg.Log != nil {
		s.lines = append(s.lines, line)
	}
}

// writeLog hands the noted lines over in order.
func (s *Simulator) writeLog() {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	s.mu.Lock()
	lines := s.lines
	s.lines = nil
	s.mu.Unlock()
	for _, line := range lines {
		s.cfg.Log(line)
	}
}

// Forget makes the API lose the command with this SID, of either kind, before
// its time: it is neither listed nor fetched any more, and if it was queued it
// is never sent.
func (s *Simulator) Forget(sid string) {
	s.lock()
	defer s.unlock()
	s.ipCommands.remove(sid)
	s.commands.remove(sid)
}
