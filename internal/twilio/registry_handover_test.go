package twilio

import (
	"fmt"
	"testing"
	"time"
)

// TestSendRegistry_R10_interleavings plays every order in which resources can be
// deleted and created, look, take what they see, send, and be answered: equal
// resources, of which some are replaced, some destroyed, some new, and messages
// that were forgotten.
//
// After each event: no command has two owners, and none is taken that was given up
// for another one; each note pays for one send of an equal message, and one replaced
// by an unlike message leaves none; a look passes over nothing that is nobody's. In the end, each replaced resource has sent, and
// nothing was sent beyond that while there was a message to find.
func TestSendRegistry_R10_interleavings(t *testing.T) {
	t.Parallel()
	open := MessageParams{SIM: handoverSIM, Payload: "open", DevicePort: 9}
	byName, shut, secret := open, open, open
	byName.SIM, shut.Payload, secret.Payload = "valve", "shut", ""
	replaced := func(command int) handoverResource {
		return handoverResource{command: command, given: open, isReplaced: true, params: open}
	}
	destroyed := func(command int) handoverResource { return handoverResource{command: command, given: open} }
	fresh := handoverResource{command: -1, params: open}
	with := func(r handoverResource, given, params MessageParams) handoverResource {
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
		{name: "two resources with one message, both replaced", commands: "oo", resources: resources{replaced(1), replaced(1), fresh}},
		{name: "beside an unlike one", commands: "oo", resources: resources{replaced(1), with(fresh, open, shut), fresh}},
		{name: "one replaced by an unlike one, one forgotten", commands: "oo", resources: resources{with(replaced(1), open, shut), fresh}},
		{name: "one replaced by an unlike one, two new", commands: "oo", resources: resources{with(replaced(0), open, shut), fresh, fresh}},
		{name: "two that change places", commands: "os", resources: resources{with(replaced(0), open, shut), with(replaced(1), shut, open)}},
		{name: "an unlike one replaced", commands: "so", resources: resources{with(replaced(0), shut, shut), fresh, fresh}},
		{name: "replaced by name", commands: "oo", resources: resources{with(replaced(0), byName, byName), fresh}},
		{name: "new by name", commands: "oo", resources: resources{replaced(0), with(fresh, open, byName)}},
		{name: "by SID, now by name", commands: "oo", resources: resources{with(replaced(1), open, byName), fresh}},
		{name: "by SID, now by name, without a window", commands: "oo", resources: resources{blind(with(replaced(1), open, byName)), fresh}},
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
	given   MessageParams
	// isReplaced reports whether that is replaced, with params. Those are empty where
	// it is destroyed.
	isReplaced bool
	params     MessageParams
	isBlind    bool // It has no window.
}

// handoverSIM is the SIM of all of them, whose unique name is "valve", and
// elsewhereSIM another.
const (
	handoverSIM  = "HS0123456789abcdef0123456789abcdef"
	elsewhereSIM = "HSfedcba9876543210fedcba9876543210"
)

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
	registry *registry
	actors   []*handoverActor
	commands []IPCommand
	// notes are how many messages were given up for another one, and paid how many
	// sends were paid for, by payload.
	notes, paid map[string]int
}

type handoverActor struct {
	handoverResource
	handoverPhase
	post *Message
	list []int // newest first
	// sent is the command that it has created, and owns the one that it has; or -1.
	sent, owns int
	begun      bool // to send
}

// play lets events happen from the beginning, to a registry of its own.
func (h *handover) play(path []event) *handoverState {
	s := &handoverState{handover: h, registry: newRegistry(), notes: map[string]int{}, paid: map[string]int{}}
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

func (s *handoverState) create(p MessageParams) {
	s.commands = append(s.commands, p.command(fmt.Sprintf("HG%032d", len(s.commands)), time.Duration(len(s.commands))*time.Second))
}

// events implements playable.
func (s *handoverState) events() (next []event) {
	isEnded := true
	for i, a := range s.actors {
		isEnded = isEnded && a.handoverPhase == ended
		if a.handoverPhase != ended && (a.handoverPhase != waits || !s.registry.isWaiting(unsent(a.params), true)) {
			next = append(next, event{a.String(), i})
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
		for _, i := range a.list {
			k = append(k, byte(i))
		}
	}
	for _, c := range s.commands {
		g := s.registry.givenUp[c.SID]
		k = append(k, 0xfe, bit(s.registry.claimed[c.SID]), bit(g != nil), (*c.Payload)[0])
		if g != nil {
			k = append(k, byte(g.owed))
		}
	}
	return string(fmt.Append(k, s.notes, s.paid))
}
