package twiliosim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// IPCommand is a message to or from a Super SIM. Its fields have the names that
// they have in a response; texts that the API may give as null are empty here.
type IPCommand struct {
	SID         string `json:"sid"` // "HG" and 32 hexadecimal digits
	AccountSID  string `json:"account_sid"`
	SIMSID      string `json:"sim_sid"`
	SIMICCID    string `json:"sim_iccid"`
	Status      string `json:"status"`       // queued, sent, received or failed
	Direction   string `json:"direction"`    // to_sim or from_sim
	DeviceIP    string `json:"device_ip"`    // empty until the command is sent
	DevicePort  int    `json:"device_port"`  // the destination's port of to_sim, the source's of from_sim
	PayloadType string `json:"payload_type"` // text or binary
	Payload     string `json:"payload"`      // the text, or standard Base64 of a binary payload

	// DateCreated and DateUpdated are in UTC, in whole seconds.
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`

	// CallbackURL and CallbackMethod are what the POST asked for. The API
	// never gives them back, and the simulator calls nobody.
	CallbackURL, CallbackMethod string

	// Null names fields of the API's response, such as device_port, that are
	// null in it whatever the command has. Nothing but the response changes: the
	// command is sent and found by filters as ever.
	Null []string
}

// newIPCommands returns the collection of IP Commands, without any.
func (s *Simulator) newIPCommands() collection[IPCommand] {
	traits := s.cfg.Platform.traits()
	return collection[IPCommand]{
		host: traits.supersim, path: ipCommandsPath, key: "ip_commands",
		maxPageSize: traits.maxIPCommands, notNull: traits.ipCommandNotNull,
		null: func(c *IPCommand) []string { return c.Null },
		form: formOf[IPCommand](),
		filters: []filter[IPCommand]{
			{
				"Status", []string{statusQueued, statusSent, statusReceived, statusFailed},
				func(c *IPCommand, status string) bool { return c.Status == status },
			},
			{"Direction", []string{toSIM, fromSIM}, func(c *IPCommand, direction string) bool { return c.Direction == direction }},
			{"Sim", nil, func(c *IPCommand, sim string) bool {
				known := s.sims.bySID[c.SIMSID]
				return c.SIMSID == sim || known != nil && known.value.UniqueName == sim
			}},
			{"SimIccid", nil, func(c *IPCommand, iccid string) bool { return c.SIMICCID == iccid }},
		},
	}
}

// AddIPCommand makes the API know a command that no POST created, replacing
// another with the same SID, and returns it with what was empty filled in. The
// SIM, whose unique name will do for its SID, is the first known one (made if
// there is none), the direction to_sim, the port 5683, the payload the text "seeded", and the dates the
// clock's. A to_sim command is sent unless its Status says otherwise, without
// a Delivery; one whose Status is queued leaves the queue SendDelay after its
// DateCreated, like one that was posted. Any other Status stays as it is, also
// one that the API does not have. It panics if the platform's description does
// not let a field in Null be null: Twilio's has no null status, direction,
// device_port or payload_type; KORE's lets every field be null.
func (s *Simulator) AddIPCommand(c IPCommand) IPCommand {
	now := s.lock()
	defer s.mu.Unlock()
	return s.addIPCommand(c, now)
}

// addIPCommand is AddIPCommand with the lock held.
func (s *Simulator) addIPCommand(c IPCommand, now time.Time) IPCommand {
	s.ipCommands.checkNull(s.cfg.Platform, c.Null)
	c.Null = slices.Clone(c.Null)
	sim := s.seedSIM(c.SIMSID, now)
	if c.SID == "" {
		c.SID = s.newSID("HG", "")
	}
	c.Direction = cmp.Or(c.Direction, toSIM)
	status, payloadType, payload := statusSent, payloadText, "seeded"
	if c.Direction == fromSIM {
		status, payloadType = statusReceived, payloadBinary
	}
	c.AccountSID = cmp.Or(c.AccountSID, s.cfg.AccountSID)
	c.SIMSID, c.SIMICCID = sim.SID, cmp.Or(c.SIMICCID, sim.ICCID)
	c.Status = cmp.Or(c.Status, status)
	if c.Status != statusQueued && c.Status != statusFailed {
		c.DeviceIP = cmp.Or(c.DeviceIP, sim.IP)
	}
	c.DevicePort = cmp.Or(c.DevicePort, 5683)
	c.PayloadType = cmp.Or(c.PayloadType, payloadType)
	if c.PayloadType == payloadBinary {
		payload = base64.StdEncoding.EncodeToString([]byte(payload))
	}
	c.Payload = cmp.Or(c.Payload, payload)
	fillDates(&c.DateCreated, &c.DateUpdated, now)
	e := s.ipCommands.add(c.SID, c.DateCreated, c)
	if c.Status == statusQueued && c.Direction == toSIM {
		s.enqueue(e, c.DateCreated)
	}
	return c
}

// ReceiveFromSIM lets the device of a SIM (SID or unique name) send a message
// from this port, and returns the command that the API makes of it. It panics
// if there is no such SIM.
func (s *Simulator) ReceiveFromSIM(simSID string, port int, payload []byte) IPCommand {
	now := s.lock()
	defer s.mu.Unlock()
	return s.receive(*s.mustFind(simSID), port, payload, now)
}

// receive makes a command of a device's message. The lock is held.
func (s *Simulator) receive(sim SIM, port int, payload []byte, now time.Time) IPCommand {
	c := s.addIPCommand(IPCommand{
		SIMSID: sim.SID, Direction: fromSIM, DevicePort: port, Payload: base64.StdEncoding.EncodeToString(payload),
	}, now)
	s.log(fmt.Sprintf("received %s from %s (%s) udp/%d %s", c.SID, printable(sim.UniqueName), sim.SID,
		port, shown(payload, utf8.Valid(payload))))
	return c
}

// IPCommands returns every IP Command that the API knows now, oldest first.
func (s *Simulator) IPCommands() []IPCommand {
	s.lock()
	defer s.mu.Unlock()
	return s.ipCommands.all()
}

// seedSIM returns the SIM that a seeded command concerns: a stranger if the
// simulator does not know it, the first one if none is named.
func (s *Simulator) seedSIM(sid string, now time.Time) SIM {
	switch sim := s.findSIM(sid); {
	case sim != nil:
		return *sim
	case sid != "":
		return SIM{SID: sid, ICCID: "89883070999999999999", IP: "100.127.255.254"}
	case len(s.sims.entries) > 0:
		return s.sims.entries[0].value
	default:
		return s.addSIM(SIM{}, now)
	}
}

// pick returns yes or no.
func pick(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// fillDates puts a command's dates into the form that the API has them in.
func fillDates(created, updated *time.Time, now time.Time) {
	if created.IsZero() {
		*created = now
	}
	if updated.IsZero() {
		*updated = *created
	}
	*created, *updated = created.UTC().Truncate(time.Second), updated.UTC().Truncate(time.Second)
}
