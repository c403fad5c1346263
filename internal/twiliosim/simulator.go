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

	mu         sync.Mutex // guards what follows; see lock
	sims       collection[SIM]
	sids       map[string]int    // how many SIDs were made, by prefix
	iccids     map[string]string // the SID of the SIM with this ICCID; none yet for one that the Config names
	ipCommands collection[IPCommand]
	commands   collection[Command]
	queue      []event              // by their times
	tokens     []string             // in the order of their issue
	expires    map[string]time.Time // when, of the tokens that were not revoked
	deliveries []Delivery
	requests   []*Request
	inFlight   int // requests that count for the limit

	faultMu sync.Mutex // guards faults; never taken while holding mu
	faults  []*liveFault
}

// New returns a simulator that knows the Config's SIMs and no command. It panics
// if there is no such Platform, and as AddSIM does.
func New(cfg Config) *Simulator {
	cfg = cfg.withDefaults()
	s := &Simulator{cfg: cfg, started: cfg.Now(), sids: map[string]int{}, iccids: map[string]string{}, expires: map[string]time.Time{}}
	for _, sim := range cfg.SIMs {
		s.iccids[sim.ICCID] = ""
	}
	s.sims, s.ipCommands, s.commands = s.newSIMs(), s.newIPCommands(), s.newCommands()
	for _, sim := range cfg.SIMs {
		s.AddSIM(sim)
	}
	return s
}

// Settle does what is due by the clock: queued commands are sent or fail,
// devices reply, and expired commands are forgotten. Every other method and every request does so
// first, so only a program that wants deliveries logged in time has to call
// it.
func (s *Simulator) Settle() {
	s.lock()
	s.mu.Unlock()
}

// lock takes the simulator's lock, does what is due, and returns the time.
func (s *Simulator) lock() time.Time {
	s.mu.Lock()
	now := s.cfg.Now()
	s.settle(now)
	return now
}

// log hands a line to Config.Log. The lock is held.
func (s *Simulator) log(line string) {
	if s.cfg.Log != nil {
		s.cfg.Log(line)
	}
}

// Forget makes the API lose the command with this SID, of either kind, before
// its time: it is neither listed nor fetched any more, and if it was queued it
// is never sent.
func (s *Simulator) Forget(sid string) {
	s.lock()
	defer s.mu.Unlock()
	s.ipCommands.remove(sid)
	s.commands.remove(sid)
}
