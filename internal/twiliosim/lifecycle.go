package twiliosim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Delivery is a message that reached a device.
type Delivery struct {
	// Time is when it left the queue.
	Time time.Time
	// SID is the command's.
	SID string
	// SIM is the SIM as it was then.
	SIM SIM
	// Port is the UDP port on the device.
	Port int
	// PayloadType is text or binary.
	PayloadType string
	// Payload is the bytes that the device saw: the text's UTF-8, or what the
	// Base64 stood for.
	Payload []byte
}

// Deliveries returns the messages that reached devices so far, in the order
// in which they left.
func (s *Simulator) Deliveries() []Delivery {
	s.lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}

// event is what happens when its time has come.
type event struct {
	due    time.Time
	happen func()
}

// at has something happen when it is due, after whatever else is due then. The
// lock is held, here and then.
func (s *Simulator) at(due time.Time, happen func()) {
	i, _ := slices.BinarySearchFunc(s.queue, due, func(e event, due time.Time) int {
		return cmp.Or(e.due.Compare(due), -1)
	})
	s.queue = slices.Insert(s.queue, i, event{due, happen})
}

// settle does what is due and forgets what has expired. What happens is of the
// time it was due, not of the look that brings it about. The lock is held.
func (s *Simulator) settle(now time.Time) {
	for len(s.queue) > 0 && !now.Before(s.queue[0].due) {
		happen := s.queue[0].happen
		s.queue = s.queue[1:]
		happen()
	}
	limit := now.Add(-Retention)
	s.ipCommands.expire(limit)
	s.commands.expire(limit)
}

// enqueue lets a command leave the queue after the SIM's delay. The lock is
// held.
func (s *Simulator) enqueue(e *entry[IPCommand], from time.Time) {
	delay := s.cfg.SendDelay
	if sim := s.findSIM(e.value.SIMSID); sim != nil {
		delay = cmp.Or(sim.SendDelay, delay)
	}
	due := from.Add(delay)
	s.at(due, func() { s.leaveQueue(e, due) })
}

// leaveQueue sends a command, or fails to. The device replies to what it
// receives.
func (s *Simulator) leaveQueue(e *entry[IPCommand], due time.Time) {
	c := &e.value
	sim := s.findSIM(c.SIMSID)
	if e.gone || sim == nil || sim.NeverSends {
		return
	}
	c.DateUpdated = due.UTC().Truncate(time.Second)
	if sim.Detached || !sim.takesCommands() {
		c.Status = statusFailed
		s.log(fmt.Sprintf("failed %s to %s (%s)", c.SID, printable(sim.UniqueName), sim.SID))
		return
	}
	c.Status, c.DeviceIP = statusSent, sim.IP
	d := Delivery{
		Time: due, SID: c.SID, SIM: *sim, Port: c.DevicePort,
		PayloadType: c.PayloadType, Payload: payloadBytes(c.PayloadType, c.Payload),
	}
	if !s.cfg.NoHistory {
		s.deliveries = append(s.deliveries, d)
	}
	s.log(d.line())
	for _, r := range sim.Replies {
		if r.isTo(d.Payload) {
			arrival := due.Add(r.After)
			s.at(arrival, func() { s.receive(d.SIM, cmp.Or(r.Port, d.Port), r.Payload, arrival) })
		}
	}
}

// payloadBytes returns what the device sees of a payload.
func payloadBytes(payloadType, payload string) []byte {
	if payloadType == payloadBinary {
		if decoded, err := base64.StdEncoding.DecodeString(payload); err == nil {
			return decoded
		}
	}
	return []byte(payload)
}

// line describes the delivery for a log.
func (d Delivery) line() string {
	return fmt.Sprintf("delivered %s to %s (%s) udp/%d %s %s", d.SID, printable(d.SIM.UniqueName), d.SIM.SID,
		d.Port, d.PayloadType, shown(d.Payload, d.PayloadType == payloadText))
}

// shown is a payload for a log.
func shown(payload []byte, asText bool) string {
	if asText {
		return fmt.Sprintf("%d bytes: %q", len(payload), payload)
	}
	return fmt.Sprintf("%d bytes: hex %x", len(payload), payload)
}

// printable returns s as it is if it is plain, and quoted if a terminal could
// take it for something else.
func printable(s string) string {
	for _, r := range s {
		if r <= ' ' || r > '~' || r == '"' || r == '\\' {
			return strconv.QuoteToASCII(s)
		}
	}
	return s
}
