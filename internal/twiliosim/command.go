package twiliosim

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Command is a message to or from a Programmable Wireless SIM. Strings that
// the API may give as null are empty here.
type Command struct {
	SID        string // "DC" and 32 hexadecimal digits
	AccountSID string
	SIMSID     string // "DE" and 32 hexadecimal digits
	// SimUniqueName is what the list's Sim filter finds besides SIMSID. It is
	// no part of an answer.
	SimUniqueName string
	// Command is the text, or standard Base64 of a binary message.
	Command                  string
	CommandMode              string // text or binary
	Transport                string // sms or ip
	DeliveryReceiptRequested bool
	Status                   string // queued, sent, delivered, received or failed
	Direction                string // to_sim or from_sim
	// DateCreated and DateUpdated are in UTC, in whole seconds.
	DateCreated, DateUpdated time.Time

	// Null names fields of the API's answer, such as transport, that are null
	// in it whatever the command has.
	Null []string
}

// AddCommand makes the Programmable Wireless API know a command, in the place
// of another with the same SID, and returns it with what was empty filled in.
// The direction is to_sim, the status sent (received for from_sim), the
// transport sms, the mode text, the message "seeded", and the dates the
// clock's. Commands with the same SimUniqueName and no SIMSID belong to the
// same SIM. Nothing ever changes them, but they expire like IP Commands. It
// panics if the platform's description does not let a field in Null be null:
// Twilio's has no null command_mode, transport, status or direction; of KORE's
// fields, only command_mode is never null.
func (s *Simulator) AddCommand(c Command) Command {
	now := s.lock()
	defer s.mu.Unlock()
	s.checkNull(c.Null, commandBody{}, s.cfg.Platform.traits().commandNotNull)
	c.Null = slices.Clone(c.Null)
	setDefault(&c.SID, func() string { return s.newSID("DC", "") })
	setDefault(&c.AccountSID, func() string { return s.cfg.AccountSID })
	setDefault(&c.SIMSID, func() string { return wirelessSIM(c.SimUniqueName) })
	setDefault(&c.Command, func() string { return "seeded" })
	setDefault(&c.CommandMode, func() string { return payloadText })
	setDefault(&c.Transport, func() string { return "sms" })
	setDefault(&c.Direction, func() string { return toSIM })
	setDefault(&c.Status, func() string { return pick(c.Direction == fromSIM, statusReceived, statusSent) })
	fillDates(&c.DateCreated, &c.DateUpdated, now)
	s.commands.add(c.SID, c.DateCreated, c)
	return c
}

// Commands returns every Programmable Wireless Command that the API knows now,
// oldest first.
func (s *Simulator) Commands() []Command {
	s.lock()
	defer s.mu.Unlock()
	return s.commands.all()
}

// wirelessSIM returns the SID of the Programmable Wireless SIM of this name.
func wirelessSIM(uniqueName string) string {
	sum := sha256.Sum256([]byte("DE " + uniqueName))
	return "DE" + hex.EncodeToString(sum[:16])
}
