package provider

import (
	"slices"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func (m *model) configure(s step) {
	if m.wanted[s.At] == nil {
		m.names++
		m.wanted[s.At] = &wanted{tag: string(rune('a'+m.names)) + "-tag"}
	}
	m.wanted[s.At].modelMessage = s.Message
}

// changeWaiting changes what makes no difference to the message.
func (m *model) changeWaiting(s step) {
	if w := m.wanted[s.At]; w != nil {
		w.NoWait, w.Timeout, w.Window, w.Ask = s.Message.NoWait, s.Message.Timeout, s.Message.Window, s.Message.Ask
		m.apply(s, operation{})
	}
}

// twins sends equal messages at once: one is in trouble, or all are in the same,
// or the response of one is lost beside the request of another. One that does not
// look may be on its way while the others do.
func (m *model) twins(s step) {
	window := s.Message.Window
	switch {
	case len(s.Posts) == 0 && s.N%2 == 0:
		s.Posts = [][]postTrouble{{{Fault: "none", SlowResponse: true}}}
		s.Message.Window = ""
	case len(s.Posts) == 0:
	case s.N%3 == 0:
		s.Posts = s.Posts[:1]
	case s.N%3 == 1:
		s.Posts = slices.Repeat(s.Posts[:1], len(addresses))
	default:
		s.Posts = [][]postTrouble{{{Fault: "reset, processed"}}, {{Fault: "reset"}}}
	}
	for _, s.At = range addresses {
		m.configure(s)
		s.Message.Window = window
	}
	m.apply(s, operation{})
}

// move renames a resource, with a moved block or without.
func (m *model) move(s step) {
	to := addresses[s.N%len(addresses)]
	if m.wanted[s.At] == nil || m.wanted[to] != nil || m.isInState(to) || !m.isInState(s.At) {
		return
	}
	m.wanted[to] = m.wanted[s.At]
	delete(m.wanted, s.At)
	if s.N >= 5 {
		m.apply(s, operation{})
		return
	}
	for _, o := range m.cli.instances() {
		if o.At == s.At {
			m.imported[to+o.sid()] = m.imported[s.At+o.sid()]
		}
	}
	if p := m.apply(s, operation{From: s.At, To: to}); p.Failed {
		m.wanted[s.At] = m.wanted[to]
		delete(m.wanted, to)
	}
}

func (m *model) mark(at string, tainted bool) {
	if o, ok := current(m.cli.instances(), at); ok && o.Tainted != tainted {
		m.withoutRequests("taint and untaint", func() { m.cli.taint(at, tainted) })
	}
}

func (m *model) forget(at string) {
	if m.isInState(at) {
		m.withoutRequests("state rm", func() { m.cli.remove(at) })
	}
}

// importUnknown imports a message, of which the plan then does not know what turns
// out to differ.
func (m *model) importUnknown(s step) {
	s.N = 4*s.N + 3
	s.Unknown = []string{[]string{"payload", "payload_type", "device_port"}[s.N%3]}
	m.importOne(s)
}

// loseBeside loses a message that another sender has sent a moment earlier, and
// that may have been sent or not. Nobody looks before it is sent.
func (m *model) loseBeside(s step) {
	s.Message.Window = "0s"
	s.Earlier = []time.Duration{time.Second, 8 * time.Second, 500 * time.Millisecond, 3 * time.Second}[s.N%4]
	s.Posts, s.Gets, s.Stop, s.Refuse = [][]postTrouble{{{Fault: "reset"}}}, nil, "", 0
	if s.N%4 == 1 {
		s.Gets = []string{slowly, slowly, slowly, slowly}
	}
	if s.N > 5 {
		s.Posts[0][0].Fault = "reset, processed"
	}
	m.configure(s)
	m.apply(s, operation{})
}

// applyUnknown applies where nobody knows some arguments in the plan, which then
// turn out to be what they were, or others.
func (m *model) applyUnknown(s step) {
	if w := m.wanted[s.At]; w != nil && s.N%2 == 0 {
		for _, name := range s.Unknown {
			w.change(name, s.Message)
		}
	}
	op := operation{Unknown: s.Unknown, At: s.At, NoRefresh: s.N == 4 || s.N == 5}
	if s.N < 2 {
		op.At = "" // As a module's depends_on has it.
	}
	m.apply(s, op)
}

// loseOne makes the API lose a command of the state before its time, and looks
// after a while.
func (m *model) loseOne(s step) {
	if all := m.cli.instances(); len(all) > 0 {
		m.Forget(all[s.N%len(all)].sid())
		m.pass(s.Passes)
		m.apply(s, operation{RefreshOnly: true})
	}
}

// foreign has another sender send a message.
func (m *model) foreign(w modelMessage) {
	m.AddIPCommand(twiliosim.IPCommand{SIMSID: w.content().simSID, Payload: w.Payload, PayloadType: w.Type, DevicePort: w.Port})
}
