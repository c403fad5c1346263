package twilio

import (
	"fmt"
	"slices"
	"strings"
)

// step implements playable.
func (s *handoverState) step(e event) (wrong string) {
	r, a := s.registry, s.actors[e.send]
	switch a.handoverPhase {
	case deletes:
		given := s.commands[a.command]
		a.handoverPhase = ended
		var by *Replacement
		if a.isReplaced {
			a.handoverPhase, by = pays, &Replacement{a.params, !a.isBlind}
			if !a.isBlind && (a.given.Payload == "" || a.params.Payload == *given.Payload) {
				s.notes[*given.Payload]++
			}
		}
		r.giveUp(Recorded(a.given, IPCommand{SID: given.SID, SIMSID: given.SIMSID}), by)
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
		a.handoverPhase = lists
	case sends:
		a.begun = true
		a.post = r.opened(a.params)
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
		return ""
	}
	if s.registry.pay(unsent(a.params), a.params.SIM) {
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
func (s *handoverState) canTell(a *handoverActor, p MessageParams) bool {
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
	taking, err := s.registry.take(cmd, unsent(a.params), clockWithin(0))
	switch {
	case err != nil:
		return err.Error()
	case taking == passedOver && (isFree || !isLike):
		return cmd.SID + " is passed over, and is nobody's"
	case taking == taken && (!isFree || !isLike):
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
		a.list, a.handoverPhase = nil, waits
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
