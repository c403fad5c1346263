package twiliosim

import (
	"encoding/base64"
	"slices"
	"time"
)

// IPCommand is a message to or from a Super SIM. Strings that the API may give
// as null are empty here.
type IPCommand struct {
	SID        string // "HG" and 32 hexadecimal digits
	AccountSID string
	SIMSID     string
	SIMICCID   string
	Status     string // queued, sent, received or failed
	Direction  string // to_sim or from_sim
	DeviceIP   string // empty until the command is sent
	DevicePort int    // the destination's port of to_sim, the source's of from_sim
	// PayloadType is text or binary.
	PayloadType string
	// Payload is the text, or standard Base64 of a binary payload.
	Payload string
	// DateCreated and DateUpdated are in UTC, in whole seconds.
	DateCreated, DateUpdated time.Time

	// CallbackURL and CallbackMethod are what the POST asked for. The API
	// never gives them back, and the simulator calls nobody.
	CallbackURL, CallbackMethod string

	// Null names fields of the API's answer, such as device_port, that are
	// null in it whatever the command has. Nothing but the answer changes: the
	// command is sent and found by filters as ever.
	Null []string
}

// AddIPCommand makes the API know a command that no POST created, in the place
// of another with the same SID, and returns it with what was empty filled in.
// The SIM is the first known one (made if there is none), the direction
// to_sim, the port 5683, the payload the text "seeded", and the dates the
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
	s.checkNull(c.Null, ipCommandBody{}, s.cfg.Platform.traits().ipCommandNotNull)
	c.Null = slices.Clone(c.Null)
	sim := s.seedSIM(c.SIMSID)
	setDefault(&c.SID, func() string { return s.newSID("HG", "") })
	setDefault(&c.AccountSID, func() string { return s.cfg.AccountSID })
	setDefault(&c.SIMSID, func() string { return sim.SID })
	setDefault(&c.SIMICCID, func() string { return sim.ICCID })
	setDefault(&c.Direction, func() string { return toSIM })
	mobileOriginated := c.Direction == fromSIM
	setDefault(&c.Status, func() string { return pick(mobileOriginated, statusReceived, statusSent) })
	if c.Status != statusQueued && c.Status != statusFailed {
		setDefault(&c.DeviceIP, func() string { return sim.IP })
	}
	if c.DevicePort == 0 {
		c.DevicePort = 5683
	}
	setDefault(&c.PayloadType, func() string { return pick(mobileOriginated, payloadBinary, payloadText) })
	setDefault(&c.Payload, func() string {
		return pick(c.PayloadType == payloadBinary, base64.StdEncoding.EncodeToString([]byte("seeded")), "seeded")
	})
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
	return s.addIPCommand(IPCommand{
		SIMSID:      s.mustFind(simSID).SID,
		Direction:   fromSIM,
		DevicePort:  port,
		PayloadType: payloadBinary,
		Payload:     base64.StdEncoding.EncodeToString(payload),
	}, now)
}

// IPCommands returns every IP Command that the API knows now, oldest first.
func (s *Simulator) IPCommands() []IPCommand {
	s.lock()
	defer s.mu.Unlock()
	return s.ipCommands.all()
}

// seedSIM returns the SIM that a seeded command concerns: a stranger if the
// simulator does not know the SID, the first one if none is named.
func (s *Simulator) seedSIM(sid string) SIM {
	switch sim := s.sims.bySID[sid]; {
	case sim != nil:
		return *sim
	case sid != "":
		return SIM{SID: sid, ICCID: "89883070999999999999", IP: "100.127.255.254"}
	case len(s.sims.order) > 0:
		return *s.sims.order[0]
	default:
		return s.addSIM(SIM{})
	}
}

// setDefault gives an empty field its default.
func setDefault(field *string, value func() string) {
	if *field == "" {
		*field = value()
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
