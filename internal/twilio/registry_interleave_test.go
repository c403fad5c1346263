package twilio

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSendRegistry_R2_interleavings plays every order in which sends can begin,
// be refused, answered or lost, look and adopt, while the API creates their
// commands at any time, late ones too, and strangers send the same message.
//
// After each event: no command is given to two sends; none is adopted from before
// the second of the POST, or whose own send will have its answer; several are
// shared out only among as many equal sends that lost theirs; and what can be
// known to be so is adopted.
//
// Time passes in whole seconds, each send begins in the middle of one, and
// dates are cut to one.
func TestSendRegistry_R2_interleavings(t *testing.T) {
	t.Parallel()
	text := MessageParams{SIM: handoverSIM, Payload: "AQ==", PayloadType: PayloadText, DevicePort: 9}
	byName, otherSIM, otherText := text, text, text
	byName.SIM, otherSIM.SIM, otherText.Payload = "sim-0", elsewhereSIM, "Ag=="
	for _, test := range []interleaving{
		{name: "three", sends: []MessageParams{text, text, text}, seconds: 1},
		{name: "two, one refused at first", sends: []MessageParams{text, text}, refusals: 1, seconds: 2},
		{name: "two, looking twice", sends: []MessageParams{text, text}, strangers: 1, looks: 2, seconds: 1},
		{name: "two, one by name", sends: []MessageParams{text, byName}, strangers: 1, seconds: 1},
		{name: "two, one to another SIM", sends: []MessageParams{text, otherSIM}, strangers: 1, seconds: 1},
		{name: "two, one with another payload", sends: []MessageParams{text, otherText}, strangers: 1, seconds: 1},
		{name: "two, the clock in doubt", sends: []MessageParams{text, text}, strangers: 1, seconds: 2, doubt: time.Second},
		{name: "two, the clock in doubt and ahead", sends: []MessageParams{text, text}, strangers: 1, seconds: 2, doubt: time.Second, ahead: time.Second},
		{name: "two, by a clock that nobody knows", sends: []MessageParams{text, text}, strangers: 1, seconds: 2, doubt: 3 * time.Second},
		{name: "one and three strangers'", sends: []MessageParams{text}, strangers: 3, refusals: 1, looks: 3, seconds: 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.looks = max(test.looks, 1)
			test.t = t
			exploreAll(t, func(path []event) playable { return test.play(path) })
		})
	}
}

// interleaving is a scenario, and what was seen of it.
type interleaving struct {
	name  string
	sends []MessageParams
	// strangers send the message of the first send; refusals is how often each
	// send is answered 429, looks how often it looks, and seconds how often a
	// second passes.
	strangers, refusals, looks, seconds int
	// doubt is how far apart the bounds of the server's clock are, and ahead
	// what is true.
	doubt, ahead time.Duration

	t *testing.T
	// created are the commands by their number, second and sender.
	created [maxCreated][4][4]IPCommand
	keys    [3][]byte // scratch, of each send
}

// event is something that happens, to a send where it concerns one.
type event struct {
	what string
	send int
}

const maxCreated = 3

// playable is a registry, and what is true of the sends that it knows.
type playable interface {
	// events returns what can happen next.
	events() []event
	// step lets an event happen, and says what is wrong then, if anything.
	step(e event) (wrong string)
	// key tells states apart that go on differently.
	key() string
}

// explorer plays all that can happen, to states that play makes.
type explorer struct {
	*testing.T
	play func(path []event) playable
	// known has how many interleavings lead on from a state.
	known map[string]uint64
}

// exploreAll plays all interleavings, and logs how many there are.
func exploreAll(t *testing.T, play func(path []event) playable) {
	t.Helper()
	x := explorer{t, play, map[string]uint64{}}
	_, name, _ := strings.Cut(t.Name(), "/")
	t.Logf("%s: %d interleavings, through %d states", strings.ReplaceAll(name, "_", " "), x.explore(play(nil), nil), len(x.known))
}

// explore plays all that can follow a state, to which these events led, and
// returns in how many ways. It leaves the state in another.
func (x *explorer) explore(s playable, path []event) uint64 {
	key := s.key()
	if n, ok := x.known[key]; ok {
		return n
	}
	n := uint64(0)
	events := s.events()
	for i, e := range events {
		next, path := s, append(slices.Clip(path), e)
		if i < len(events)-1 {
			next = x.play(path[:len(path)-1])
		}
		if wrong := next.step(e); wrong != "" {
			x.Fatalf("%s, after %v", wrong, path)
		}
		n += x.explore(next, path)
	}
	n = max(n, 1)
	x.known[key] = n
	return n
}

// play lets events happen from the beginning, to a registry of its own.
func (in *interleaving) play(path []event) *interleavedState {
	s := &interleavedState{interleaving: in, registry: newRegistry()}
	for _, p := range in.sends {
		s.sends = append(s.sends, &interleavedSend{params: p, command: -1, sid: -1})
	}
	for _, e := range path {
		s.step(e)
	}
	return s
}

// events returns what can happen next; nothing when every send is closed.
func (s *interleavedState) events() (next []event) {
	isClosed := true
	for i, o := range s.sends {
		can := func(condition bool, what string) {
			if condition {
				next = append(next, event{what, i})
			}
		}
		isFirst := i == 0 || o.params != s.sends[i-1].params || s.sends[i-1].phase != idle
		can(o.phase == idle && isFirst, "begin") // Which of several equal ones does not matter.
		can(o.phase == flying && o.command < 0 && o.refused < s.refusals, "refuse, begin again")
		can(o.phase == flying && o.command < 0, "refuse for good")
		can(o.phase == flying && o.command >= 0, "answer")
		can(o.phase == flying, "lose")
		// The API may create the command long after the answer was lost.
		can(o.phase != idle && o.command < 0 && o.sid < 0 && o.refused >= 0 && len(s.commands) < maxCreated, "create")
		can(o.phase == lost, "look")
		can(o.phase == looked, "wait")
		can(o.phase == waiting && !s.registry.isWaiting(o.Message, false), "adopt")
		can(o.phase == over, "close")
		isClosed = isClosed && o.phase == closed
	}
	switch {
	case isClosed:
		return nil
	case len(next) == 0:
		s.t.Fatal("a send waits for ever")
	}
	if s.strange < s.strangers && len(s.commands) < maxCreated {
		next = append(next, event{"stranger", -1})
	}
	if s.passed < s.seconds {
		next = append(next, event{"second", -1})
	}
	return next
}

// key tells states apart that go on differently. It leaves out what no longer
// matters, such as when a command was created that a send already has, and
// which of several equal sends is which.
func (s *interleavedState) key() string {
	k := []byte{byte(s.passed), byte(s.strange)}
	for _, c := range s.commands {
		if s.registry.claimed[c.SID] {
			k = append(k, 0xff)
			continue
		}
		isLike := func(o *interleavedSend) bool { return s.isSame(o.params, s.paramsOf(c)) }
		k = append(k, byte(slices.IndexFunc(s.sends, isLike)), byte(c.second))
	}
	var order [len(s.keys)]int
	for i, o := range s.sends {
		order[i], s.keys[i] = i, s.keyOf(s.keys[i][:0], o)
	}
	sorted := order[:len(s.sends)]
	slices.SortFunc(sorted, func(i, j int) int { return bytes.Compare(s.keys[i], s.keys[j]) })
	for _, i := range sorted {
		k = append(append(k, 0xfe), s.keys[i]...)
	}
	return string(k)
}

// keyOf tells a send from others.
func (s *interleavedState) keyOf(k []byte, o *interleavedSend) []byte {
	isLike := func(other *interleavedSend) bool { return o.params == other.params }
	k = append(k, byte(slices.IndexFunc(s.sends, isLike)), byte(o.phase), bit(o.sid >= 0), bit(o.refused < 0), bit(o.command >= 0))
	switch o.phase {
	case idle, closed:
		return k
	case flying:
		k = append(k, byte(o.command))
	}
	k = append(k, byte(o.older), byte(o.tooOld), byte(o.refused), byte(o.lookedSoFar), bit(o.isLost), byte(o.began.Sub(wholeSecond)/time.Second))
	for _, i := range o.list {
		if !s.registry.claimed[s.commands[i].SID] {
			k = append(k, byte(i))
		}
	}
	return k
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}
