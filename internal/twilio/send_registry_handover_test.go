package twilio

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSendRegistry_R10_interleavings plays every order in which resources can be
// deleted and created, look, take what they see, send, and be answered: equal
// resources, of which some are replaced, some destroyed, some new, and messages
// that were forgotten.
//
// After each event: no command has two owners, and none is taken that was given up
// for another one; each note pays for one send of an equal message; a look passes
// over nothing that is nobody's. In the end, each replaced resource has sent, and
// nothing was sent beyond that while there was a message to find.
func TestSendRegistry_R10_interleavings(t *testing.T) {
	t.Parallel()
	open := IPCommandParams{SIM: handoverSIM, Payload: "open", DevicePort: 9}
	byName, shut, secret := open, open, open
	byName.SIM, shut.Payload, secret.Payload = "valve", "shut", ""
	replaced := func(command int) handoverResource {
		return handoverResource{command: command, given: open, isReplaced: true, params: open}
	}
	destroyed := func(command int) handoverResource { return handoverResource{command: command, given: open} }
	fresh := handoverResource{command: -1, params: open}
	with := func(r handoverResource, given, params IPCommandParams) handoverResource {
		r.given, r.params = given, params
		return r
	}
	blind := func(r handoverResource) handoverResource {
		r.isBlind = true
		return r
	}
	type resources = []handoverResource
	for _, test := range []handover{
		{name: "the older of two", commands: "oo", resources: resources{replaced(0)}},
		{name: "the newer of two", commands: "oo", resources: resources{replaced(1)}},
		{name: "both of two, and a new one", commands: "oo", resources: resources{replaced(0), replaced(1), fresh}},
		{name: "both of two, without windows", commands: "oo", resources: resources{blind(replaced(0)), blind(replaced(1)), blind(fresh)}},
		{name: "the older replaced, the newer forgotten", commands: "oo", resources: resources{replaced(0), fresh}},
		{name: "the newer replaced, the older forgotten", commands: "oo", resources: resources{replaced(1), fresh}},
		{name: "one replaced, one renamed, one new", commands: "oo", resources: resources{replaced(0), destroyed(1), fresh, fresh}},
		{name: "one replaced, one renamed, one forgotten", commands: "ooo", resources: resources{replaced(1), destroyed(0), fresh, fresh}},
		{name: "two replaced, one forgotten", commands: "ooo", resources: resources{replaced(0), replaced(2), fresh}},
		{name: "two resources with one message", commands: "oo", resources: resources{replaced(1), destroyed(1), fresh}},
		{name: "beside an unlike one", commands: "oo", resources: resources{replaced(1), with(fresh, open, shut), fresh}},
		{name: "two that change places", commands: "os", resources: resources{with(replaced(0), open, shut), with(replaced(1), shut, open)}},
		{name: "an unlike one replaced", commands: "so", resources: resources{with(replaced(0), shut, shut), fresh, fresh}},
		{name: "replaced by name", commands: "oo", resources: resources{with(replaced(0), byName, byName), fresh}},
		{name: "new by name", commands: "oo", resources: resources{replaced(0), with(fresh, open, byName)}},
		{name: "by SID, now by name", commands: "oo", resources: resources{with(replaced(1), open, byName), fresh}},
		{name: "by name, now by SID", commands: "oo", resources: resources{with(replaced(0), byName, open), with(fresh, open, byName)}},
		{name: "two renamed, one by name", commands: "oo", resources: resources{destroyed(0), destroyed(1), fresh, with(fresh, open, byName)}},
		{name: "write-only", commands: "oo", resources: resources{with(replaced(1), secret, open), fresh}},
		{name: "two write-only, one new", commands: "oo", resources: resources{with(replaced(0), secret, open), with(replaced(1), secret, open), fresh}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			exploreAll(t, func(path []event) playable { return test.play(path) })
		})
	}
}

// handover is a scenario.
type handover struct {
	name string
	// commands are what the API has at first, oldest first, by the first letters of
	// their payloads. What no resource has was forgotten, or is that of a resource to
	// which nothing happens.
	commands  string
	resources []handoverResource
}

// handoverResource is a resource that is replaced, destroyed, or new.
type handoverResource struct {
	// command is the one that it has at first, or -1; given is what its state tells
	// of that.
	command int
	given   IPCommandParams
	// isReplaced reports whether that is replaced, with params. Those are empty where
	// it is destroyed.
	isReplaced bool
	params     IPCommandParams
	isBlind    bool // It has no window.
}

// handoverSIM is the SIM of all of them, whose unique name is "valve".
const handoverSIM = "HS0123456789abcdef0123456789abcdef"

// handoverPhase is what a resource does next.
type handoverPhase byte

const (
	deletes handoverPhase = iota
	pays
	lists
	takes // from its list
	waits // for an equal message that is landing
	sends
	isAccepted
	isAnswered
	ended
)

// String implements fmt.Stringer.
func (p handoverPhase) String() string {
	return [...]string{"deletes", "pays", "lists", "takes", "waits", "sends", "is accepted", "is answered", "ended"}[p]
}

// handoverState is a registry, and what is true of the resources that it knows.
type handoverState struct {
	*handover
	registry *sendRegistry
	actors   []*handoverActor
	commands []IPCommand
	// notes are how many messages were given up for another one, and paid how many
	// sends were paid for, by payload.
	notes, paid map[string]int
}

type handoverActor struct {
	handoverResource
	handoverPhase
	post   *send
	list   []int // newest first
	landed <-chan struct{}
	// sent is the command that it has created, and owns the one that it has; or -1.
	sent, owns int
	begun      bool // to send
}

// play lets events happen from the beginning, to a registry of its own.
func (h *handover) play(path []event) *handoverState {
	s := &handoverState{handover: h, registry: newSendRegistry(), notes: map[string]int{}, paid: map[string]int{}}
	for _, letter := range h.commands {
		p := h.resources[0].given
		p.SIM, p.Payload = handoverSIM, map[rune]string{'o': "open", 's': "shut"}[letter]
		s.create(p)
	}
	for _, r := range h.resources {
		a := &handoverActor{handoverResource: r, sent: -1, owns: -1}
		if r.command < 0 {
			a.handoverPhase = pays
		}
		s.actors = append(s.actors, a)
	}
	for _, e := range path {
		s.step(e)
	}
	return s
}

func (s *handoverState) create(p IPCommandParams) {
	s.commands = append(s.commands, p.command(fmt.Sprintf("HG%032d", len(s.commands)), time.Duration(len(s.commands))*time.Second))
}

// events implements playable.
func (s *handoverState) events() (next []event) {
	isEnded := true
	for i, a := range s.actors {
		isEnded = isEnded && a.handoverPhase == ended
		if a.handoverPhase != ended && (a.handoverPhase != waits || !isOpen(a.landed)) {
			next = append(next, event{a.handoverPhase.String(), i})
		}
	}
	if len(next) == 0 && !isEnded {
		panic("a create waits for ever")
	}
	return next
}

// key implements playable.
func (s *handoverState) key() string {
	var k []byte
	for _, a := range s.actors {
		k = append(k, 0xff, byte(a.handoverPhase), byte(a.sent), byte(a.owns), bit(a.begun))
		if a.handoverPhase == waits {
			k = append(k, byte(slices.IndexFunc(s.actors, func(o *handoverActor) bool { return o.post != nil && o.post.inFlight == a.landed })))
		}
		for _, i := range a.list {
			k = append(k, byte(i))
		}
	}
	for _, c := range s.commands {
		g := s.registry.givenUp[c.SID]
		k = append(k, 0xfe, bit(s.registry.claimed[c.SID]), bit(g != nil), bit(g != nil && g.isOwed), (*c.Payload)[0])
	}
	return string(fmt.Append(k, s.notes, s.paid))
}

// step implements playable.
func (s *handoverState) step(e event) (wrong string) {
	r, a := s.registry, s.actors[e.send]
	switch a.handoverPhase {
	case deletes:
		given := s.commands[a.command]
		r.giveUp(given.SID, givenUp{params: a.given, simSID: *given.SIMSID, isOwed: a.isReplaced})
		a.handoverPhase = ended
		if a.isReplaced {
			a.handoverPhase = pays
			s.notes[*given.Payload]++
		}
	case pays:
		wrong = s.pay(a)
	case lists:
		a.list, a.handoverPhase = nil, takes
		for i := range s.commands {
			a.list = append([]int{i}, a.list...)
		}
	case takes:
		wrong = s.take(a)
	case waits:
		a.landed, a.handoverPhase = nil, lists
	case sends:
		a.begun = true
		a.post = r.open(a.params)
		r.begin(a.post, wholeSecond)
		a.handoverPhase = isAccepted
	case isAccepted:
		a.sent = len(s.commands)
		s.create(a.params)
		a.handoverPhase = isAnswered
	case isAnswered:
		if !r.claim(a.post, s.commands[a.sent].SID) {
			return "the answer has a command that another create has taken"
		}
		r.close(a.post)
		wrong = s.own(a, a.sent)
	}
	if wrong == "" && !slices.ContainsFunc(s.actors, func(a *handoverActor) bool { return a.handoverPhase != ended }) {
		wrong = s.end()
	}
	return wrong
}

// pay asks whether the message takes the place of one that was given up.
func (s *handoverState) pay(a *handoverActor) (wrong string) {
	a.handoverPhase = lists
	if a.isBlind {
		a.handoverPhase = sends
	}
	if s.registry.pay(a.params, a.params.SIM) {
		return s.isPaid(a)
	}
	for _, o := range s.actors {
		if !s.canTell(o, a.params) {
			return ""
		}
	}
	if payload := a.params.Payload; s.paid[payload] < s.notes[payload] {
		return "a note does not pay for " + payload
	}
	return ""
}

// canTell reports whether a state tells that its message is not p's equal, or
// that it is.
func (s *handoverState) canTell(a *handoverActor, p IPCommandParams) bool {
	return !a.isReplaced || a.given.Payload != "" && (a.given.SIM == p.SIM || p.SIM == handoverSIM)
}

func (s *handoverState) isPaid(a *handoverActor) (wrong string) {
	a.handoverPhase = sends
	s.paid[a.params.Payload]++
	if payload := a.params.Payload; s.paid[payload] > s.notes[payload] {
		return fmt.Sprintf("%d notes pay for %d sends of %s", s.notes[payload], s.paid[payload], payload)
	}
	return ""
}

// take lets a create choose from its list, and checks the choice by what is true.
func (s *handoverState) take(a *handoverActor) (wrong string) {
	i := a.list[0]
	cmd, isLike, isFree := s.commands[i], *s.commands[i].Payload == a.params.Payload, s.isFree(i)
	taking, landed, err := s.registry.take(cmd, a.params, clockWithin(0))
	switch {
	case err != nil:
		return err.Error()
	case taking == passedOver && (isFree || !isLike):
		return cmd.SID + " is passed over, and is nobody's"
	case taking == taken && !(isFree && isLike):
		return cmd.SID + " is taken, and is another's"
	case taking == isNot && isFree && isLike:
		return cmd.SID + " is not taken"
	case taking == taken:
		return s.own(a, i)
	case taking == isNot && isLike:
		return s.isPaid(a)
	case taking == isNot:
		a.list, a.handoverPhase = nil, sends
	case taking == landing:
		a.list, a.landed, a.handoverPhase = nil, landed, waits
	case taking == passedOver:
		if a.list = a.list[1:]; len(a.list) == 0 {
			a.handoverPhase = sends
		}
	}
	return ""
}

// isFree reports whether a command is there to be found: no create has it, no send
// is about to be told of it, and it was not given up for another message.
func (s *handoverState) isFree(command int) bool {
	return !slices.ContainsFunc(s.actors, func(a *handoverActor) bool {
		return a.owns == command || a.sent == command || a.command == command && a.isReplaced && a.handoverPhase != deletes
	})
}

// own notes that a create has a command.
func (s *handoverState) own(a *handoverActor, command int) (wrong string) {
	if slices.ContainsFunc(s.actors, func(o *handoverActor) bool { return o.owns == command }) {
		return fmt.Sprintf("%s has two owners", s.commands[command].SID)
	}
	a.list, a.owns, a.handoverPhase = nil, command, ended
	return ""
}

// end checks how many messages were sent.
func (s *handoverState) end() (wrong string) {
	sent, must, isMixed := map[string]int{}, map[string]int{}, strings.Contains(s.handover.commands, "s")
	for _, a := range s.actors {
		payload := a.params.Payload
		isMixed = isMixed || payload == "shut"
		if a.begun {
			sent[payload]++
		}
		if a.isBlind || a.isReplaced && *s.commands[a.command].Payload == payload {
			must[payload]++
		}
	}
	for payload, n := range must {
		if sent[payload] < n {
			return fmt.Sprintf("%s was sent %d times, for %d that were replaced", payload, sent[payload], n)
		}
	}
	for i := range s.commands {
		if s.isFree(i) && sent["open"] > must["open"] && !isMixed {
			return fmt.Sprintf("open was sent %d times, and %s was not found", sent["open"], s.commands[i].SID)
		}
	}
	return ""
}
