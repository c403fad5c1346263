package twiliosim

import (
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

// enqueue lets a command leave the queue SendDelay after from. The lock is
// held.
func (s *Simulator) enqueue(e *entry[IPCommand], from time.Time) {
	e.due = from.Add(s.cfg.SendDelay)
	s.queue = append(s.queue, e)
}

// settle sends what is due and forgets what has expired. A command changes as
// of the time it was due, not of the look that brings it about. The lock is
// held.
func (s *Simulator) settle(now time.Time) {
	var due []*entry[IPCommand]
	s.queue = slices.DeleteFunc(s.queue, func(e *entry[IPCommand]) bool {
		if e.gone {
			return true
		}
		if now.Before(e.due) {
			return false
		}
		due = append(due, e)
		return true
	})
	slices.SortStableFunc(due, func(a, b *entry[IPCommand]) int { return a.due.Compare(b.due) })
	for _, e := range due {
		s.leaveQueue(e)
	}
	limit := now.Add(-Retention)
	s.ipCommands.expire(limit)
	s.commands.expire(limit)
}

// leaveQueue sends a command, or fails to.
func (s *Simulator) leaveQueue(e *entry[IPCommand]) {
	c := &e.value
	sim := s.findSIM(c.SIMSID)
	if sim == nil || sim.NeverSends {
		return
	}
	c.DateUpdated = e.due.UTC().Truncate(time.Second)
	if sim.Detached || !sim.takesCommands() {
		c.Status = statusFailed
		s.log(fmt.Sprintf("failed %s to %s (%s)", c.SID, printable(sim.UniqueName), sim.SID))
		return
	}
	c.Status, c.DeviceIP = statusSent, sim.IP
	d := Delivery{
		Time: e.due, SID: c.SID, SIM: *sim, Port: c.DevicePort,
		PayloadType: c.PayloadType, Payload: payloadBytes(c.PayloadType, c.Payload),
	}
	s.deliveries = append(s.deliveries, d)
	s.log(d.line())
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
	payload := strconv.Quote(string(d.Payload))
	if d.PayloadType == payloadBinary {
		payload = fmt.Sprintf("hex %x", d.Payload)
	}
	return fmt.Sprintf("delivered %s to %s (%s) udp/%d %s %d bytes: %s", d.SID,
		printable(d.SIM.UniqueName), d.SIM.SID, d.Port, d.PayloadType, len(d.Payload), payload)
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
