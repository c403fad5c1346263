package twiliosim

import (
	"cmp"
	"slices"
	"time"
)

// Command is a message to or from a Programmable Wireless SIM. Its fields have
// the names that they have in a response; texts that the API may give as null
// are empty here.
type Command struct {
	SID                      string `json:"sid"` // "DC" and 32 hexadecimal digits
	AccountSID               string `json:"account_sid"`
	SIMSID                   string `json:"sim_sid"`      // "DE" and 32 hexadecimal digits
	Command                  string `json:"command"`      // the text, or standard Base64 of a binary message
	CommandMode              string `json:"command_mode"` // text or binary
	Transport                string `json:"transport"`    // sms or ip
	DeliveryReceiptRequested bool   `json:"delivery_receipt_requested"`
	Status                   string `json:"status"`    // queued, sent, delivered, received or failed
	Direction                string `json:"direction"` // to_sim or from_sim

	// DateCreated and DateUpdated are in UTC, in whole seconds.
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`

	// SimUniqueName is what the list's Sim filter finds besides SIMSID. It is
	// no part of a response.
	SimUniqueName string

	// Null names fields of the API's response, such as transport, that are null
	// in it whatever the command has.
	Null []string
}

// newCommands returns the collection of Commands, without any.
func (s *Simulator) newCommands() collection[Command] {
	traits := s.cfg.Platform.traits()
	return collection[Command]{
		host: traits.wireless, path: commandsPath, key: "commands",
		maxPageSize: traits.maxCommands, notNull: traits.commandNotNull,
		null: func(c *Command) []string { return c.Null },
		form: formOf[Command](),
		filters: []filter[Command]{
			{
				"Status", []string{statusQueued, statusSent, statusDelivered, statusReceived, statusFailed},
				func(c *Command, status string) bool { return c.Status == status },
			},
			{"Direction", []string{fromSIM, toSIM}, func(c *Command, direction string) bool { return c.Direction == direction }},
			{"Transport", []string{"sms", "ip"}, func(c *Command, transport string) bool { return c.Transport == transport }},
			{"Sim", nil, func(c *Command, sim string) bool { return c.SIMSID == sim || c.SimUniqueName == sim }},
		},
	}
}

// AddCommand makes the Programmable Wireless API know a command, replacing
// another with the same SID, and returns it with what was empty filled in.
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
	s.commands.checkNull(s.cfg.Platform, c.Null)
	c.Null = slices.Clone(c.Null)
	if c.SID == "" {
		c.SID = s.newSID("DC", "")
	}
	c.AccountSID = cmp.Or(c.AccountSID, s.cfg.AccountSID)
	c.SIMSID = cmp.Or(c.SIMSID, namedSID("DE", c.SimUniqueName))
	c.Command = cmp.Or(c.Command, "seeded")
	c.CommandMode = cmp.Or(c.CommandMode, payloadText)
	c.Transport = cmp.Or(c.Transport, "sms")
	c.Direction = cmp.Or(c.Direction, toSIM)
	c.Status = cmp.Or(c.Status, pick(c.Direction == fromSIM, statusReceived, statusSent))
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
