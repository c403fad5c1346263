package twilio

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// interleavedState is a registry, and what is true of the sends that it knows.
type interleavedState struct {
	*interleaving
	registry *registry
	sends    []*interleavedSend
	commands []interleavedCommand
	passed   int // seconds
	strange  int // commands of strangers
}

type phase byte

const (
	idle phase = iota
	flying
	lost
	looked  // has a list
	waiting // has asked what is in flight
	over    // has its result
	closed
)

type interleavedSend struct {
	params MessageParams
	phase
	*Message
	// older is how many commands there were when the attempt began, tooOld how many
	// of them are from a second before. command is the one that it created, and sid
	// the one that it was given, or -1.
	older, tooOld, command, sid int
	// refused is how often it was, or -1 if for good.
	refused, lookedSoFar int
	list                 []int
}

type interleavedCommand struct {
	IPCommand
	sender int // -1 for a stranger
	second int
}

// At implements serverClock.
func (in *interleaving) At(t time.Time) (rest.Moment, bool) {
	return rest.Moment{Earliest: t, Latest: t.Add(in.doubt)}, true
}

func (s *interleavedState) now() time.Time {
	return wholeSecond.Add(time.Duration(s.passed)*time.Second + time.Second/2)
}

// isSame reports whether two sends are the same message to the same SIM.
func (s *interleavedState) isSame(a, b MessageParams) bool {
	return a.isEqual(b) && (a.SIM == elsewhereSIM) == (b.SIM == elsewhereSIM)
}

// step lets an event happen, and says what is wrong then, if anything.
func (s *interleavedState) step(e event) (wrong string) {
	switch e.what {
	case "second":
		s.passed++
		return ""
	case "stranger":
		s.strange++
		s.create(-1)
		return ""
	}
	r, o := s.registry, s.sends[e.send]
	switch e.what {
	case "begin":
		o.Message = r.opened(o.params)
		s.begin(o)
	case "refuse, begin again":
		o.refused++
		r.end(o.Message)
		s.begin(o)
	case "refuse for good":
		o.refused = -1
		s.close(o)
	case "create":
		o.command = len(s.commands)
		s.create(e.send)
	case "answer":
		// A send that has taken it before knew that this one was in flight.
		if !r.claim(o.Message, s.commands[o.command].SID) {
			return "the answer has a command that another send was given"
		}
		wrong = s.give(e.send, o.command)
		s.close(o)
	case "lose":
		r.lose(o.Message)
		o.phase = lost
	case "look":
		o.phase, o.list = looked, nil
		o.lookedSoFar++
		for i, c := range s.commands {
			// As Client.look does.
			switch isOlder := isOlder(c.IPCommand, o.Message, s); {
			case !s.isSame(o.params, s.paramsOf(c)):
			case !isOlder:
				o.list = append(o.list, i)
			case i >= o.older:
				return fmt.Sprintf("send %d passes over a command that is younger than its POST", e.send)
			}
		}
	case "wait":
		o.phase = waiting
	case "adopt":
		return s.adopt(e.send)
	case "close":
		s.close(o)
	}
	return wrong
}

func (s *interleavedState) begin(o *interleavedSend) {
	s.registry.begin(o.Message, s.now())
	o.phase, o.older, o.tooOld = flying, len(s.commands), 0
	for _, c := range s.commands {
		if c.second+int(s.ahead/time.Second) < s.passed {
			o.tooOld++
		}
	}
}

func (s *interleavedState) close(o *interleavedSend) {
	s.registry.close(o.Message)
	o.phase = closed
}

func (s *interleavedState) create(sender int) {
	c := &s.created[len(s.commands)][s.passed][sender+1]
	if c.SID == "" {
		*c = s.paramsOf(interleavedCommand{sender: sender}).command(fmt.Sprintf("HG%032d", len(s.commands)), s.now().Add(s.ahead).Sub(wholeSecond))
	}
	s.commands = append(s.commands, interleavedCommand{*c, sender, s.passed})
}

func (s *interleavedState) paramsOf(c interleavedCommand) MessageParams {
	return s.sends[max(c.sender, 0)].params
}

// give notes that a send was given a command.
func (s *interleavedState) give(send, command int) (wrong string) {
	for i, o := range s.sends {
		if o.sid == command {
			return fmt.Sprintf("send %d was given what send %d has", send, i)
		}
	}
	s.sends[send].sid = command
	return ""
}

// adopt lets a send choose from its list, and checks the choice by what is
// true, or else by what anybody could know.
func (s *interleavedState) adopt(send int) (wrong string) {
	o := s.sends[send]
	var free []int
	var candidates []IPCommand
	for _, i := range o.list {
		candidates = append(candidates, s.commands[i].IPCommand)
		if !slices.ContainsFunc(s.sends, func(o *interleavedSend) bool { return o.sid == i }) {
			free = append(free, i)
		}
	}
	// What is true, and what can be known of it.
	canBe := func(o *interleavedSend, command int) bool { return command >= o.tooOld && s.isLoser(o, send) }
	isKnown := func(o *interleavedSend, command int) bool {
		return canBe(o, command) && o.params.SIM == s.sends[send].params.SIM && s.doubt <= 2*time.Second
	}
	explained, known := canExplain(free, s.sends, canBe), canExplain(free, s.sends, isKnown)
	for _, i := range free {
		known = known && isKnown(o, i)
	}
	choice, unclaimed := s.registry.adopt(o.Message, candidates, s)
	o.phase, o.list = over, nil
	if len(unclaimed) != len(free) {
		return fmt.Sprintf("send %d sees %d candidates that nobody has, and not %d", send, len(unclaimed), len(free))
	}
	if choice == nil {
		if len(free) > 0 && known {
			return fmt.Sprintf("send %d did not adopt one of %d candidates, although its equals explain the others", send, len(free))
		}
		if len(free) == 0 && o.lookedSoFar < s.looks {
			o.phase = lost
		}
		return ""
	}
	chosen := slices.IndexFunc(s.commands, func(c interleavedCommand) bool { return c.SID == choice.SID })
	switch c := s.commands[chosen]; {
	case s.doubt > 2*time.Second:
		return fmt.Sprintf("send %d adopted a command, by a clock that nobody knows", send)
	case chosen < o.tooOld:
		return fmt.Sprintf("send %d adopted a command from before the second of its POST", send)
	case c.sender >= 0 && c.sender != send && s.sends[c.sender].phase == flying:
		return fmt.Sprintf("send %d adopted the command of send %d, which is in flight", send, c.sender)
	case !explained:
		return fmt.Sprintf("send %d adopted one of %d candidates, more than its equals explain", send, len(free))
	}
	return s.give(send, chosen)
}

// isLoser reports whether o is the same message to the same SIM as another send,
// or that send itself, and was lost, and has no command yet.
func (s *interleavedState) isLoser(o *interleavedSend, send int) bool {
	return o == s.sends[send] || o.phase > flying && o.phase < closed && o.sid < 0 && s.isSame(o.params, s.sends[send].params)
}

// canExplain reports whether each command can be another send's.
func canExplain(commands []int, sends []*interleavedSend, canBe func(o *interleavedSend, command int) bool) bool {
	if len(commands) == 0 {
		return true
	}
	for i, o := range sends {
		if canBe(o, commands[0]) && canExplain(commands[1:], slices.Concat(sends[:i], sends[i+1:]), canBe) {
			return true
		}
	}
	return false
}
