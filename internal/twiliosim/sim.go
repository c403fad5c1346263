package twiliosim

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"time"
)

// simsPath is where the API has SIMs.
const simsPath = "/v1/Sims"

// SIM is a Super SIM and the device that it is in. Its first fields have the
// names that they have in a response.
type SIM struct {
	SID        string `json:"sid"`         // "HS" and 32 hexadecimal digits
	UniqueName string `json:"unique_name"` // may be used instead of the SID
	AccountSID string `json:"account_sid"`
	ICCID      string `json:"iccid"` // the number printed on the card, 19 or 20 digits
	// Status is new, ready, active, inactive, scheduled, or one that the API
	// does not have. The API refuses to send to a SIM that is neither active
	// nor ready.
	Status   string `json:"status"`
	FleetSID string `json:"fleet_sid"` // "HF" and 32 hexadecimal digits, or empty

	// DateCreated and DateUpdated are in UTC, in whole seconds.
	DateCreated time.Time `json:"date_created"`
	DateUpdated time.Time `json:"date_updated"`

	// Links are the paths, below the SIM's URL, of what belongs to it; AddSIM
	// sets them.
	Links map[string]string `json:"links"`

	// Fleet is the unique name of the fleet, which the list's Fleet filter
	// finds besides FleetSID. It is no part of a response.
	Fleet string
	// IP is the device's address in the mobile network, from 100.64.0.0/10.
	IP string
	// Detached means that the device has no connection: what is sent to it
	// fails.
	Detached bool
	// NeverSends means that what is sent to it stays queued for ever.
	NeverSends bool
	// SendDelay is how long a command to it stays queued; 0 means the Config's.
	SendDelay time.Duration
	// Replies are what the device sends when a message reaches it: each that is
	// to this message.
	Replies []Reply
	// Null names fields of the API's response, such as unique_name, that are
	// null in it whatever the SIM has, and CommandNull those of every IP
	// Command that is posted to the SIM.
	Null, CommandNull []string
}

// newSIMs returns the collection of SIMs, without any.
func (s *Simulator) newSIMs() collection[SIM] {
	traits := s.cfg.Platform.traits()
	return collection[SIM]{
		host: traits.supersim, path: simsPath, key: "sims",
		maxPageSize: traits.maxSIMs, notNull: traits.simNotNull,
		null: func(sim *SIM) []string { return sim.Null },
		form: formOf[SIM](),
		filters: []filter[SIM]{
			{
				"Status", []string{"new", "ready", "active", "inactive", "scheduled"},
				func(sim *SIM, status string) bool { return sim.Status == status },
			},
			{"Fleet", nil, func(sim *SIM, fleet string) bool { return sim.FleetSID == fleet || sim.Fleet == fleet }},
			{"Iccid", nil, func(sim *SIM, iccid string) bool { return sim.ICCID == iccid }},
		},
	}
}

// AddSIM adds a SIM, or replaces the one with the same SID (what is empty then
// stays as it was), and returns it with what was empty filled in: a SID,
// unique name, ICCID and address that are unique and, for the same calls in
// the same order, always the same; the status active; the clock's dates; and
// the SID of the fleet that it names, or else no fleet. It panics if another
// SIM has its unique name or ICCID, if a reply has no payload, or if the platform's
// description does not let a field in Null or CommandNull be null: Twilio's has
// no null status of a SIM, KORE's lets every field be null; of commands, see
// AddIPCommand.
func (s *Simulator) AddSIM(sim SIM) SIM {
	now := s.lock()
	defer s.mu.Unlock()
	return s.addSIM(sim, now)
}

// addSIM is AddSIM with the lock held.
func (s *Simulator) addSIM(sim SIM, now time.Time) SIM {
	s.sims.checkNull(s.cfg.Platform, sim.Null)
	s.ipCommands.checkNull(s.cfg.Platform, sim.CommandNull)
	n := uint32(len(s.sims.entries)) + 1 //nolint:gosec // nobody adds four thousand million SIMs.
	fill := SIM{
		UniqueName: fmt.Sprintf("sim-%04d", n), ICCID: s.newICCID(n), IP: deviceIP(n),
		AccountSID: s.cfg.AccountSID, Status: "active", DateCreated: now,
	}
	known := s.sims.bySID[sim.SID]
	if known != nil {
		fill = known.value
	}
	if sim.SID == "" {
		sim.SID = s.newSID("HS", "")
	}
	sim.UniqueName = cmp.Or(sim.UniqueName, fill.UniqueName)
	sim.AccountSID = cmp.Or(sim.AccountSID, fill.AccountSID)
	sim.ICCID = cmp.Or(sim.ICCID, fill.ICCID)
	sim.IP = cmp.Or(sim.IP, fill.IP)
	sim.Status = cmp.Or(sim.Status, fill.Status)
	if sim.FleetSID == "" && sim.Fleet != "" {
		sim.FleetSID = namedSID("HF", sim.Fleet)
	}
	if sim.FleetSID == "" {
		sim.FleetSID, sim.Fleet = fill.FleetSID, fill.Fleet
	}
	sim.DateCreated = cmp.Or(sim.DateCreated, fill.DateCreated)
	fillDates(&sim.DateCreated, &sim.DateUpdated, now)
	sim.Links = map[string]string{"billing_periods": "/BillingPeriods", "sim_ip_addresses": "/IpAddresses"}
	sim.SendDelay = cmp.Or(sim.SendDelay, fill.SendDelay)
	if sim.Replies == nil {
		sim.Replies = fill.Replies
	}
	sim.Replies = slices.Clone(sim.Replies)
	for _, r := range sim.Replies {
		if len(r.Payload) == 0 {
			panic("twiliosim: a reply without a payload")
		}
	}
	if sim.Null == nil {
		sim.Null = fill.Null
	}
	if sim.CommandNull == nil {
		sim.CommandNull = fill.CommandNull
	}
	sim.Null, sim.CommandNull = slices.Clone(sim.Null), slices.Clone(sim.CommandNull)
	if other := s.findSIM(sim.UniqueName); other != nil && other.SID != sim.SID {
		panic(fmt.Sprintf("twiliosim: two SIMs with the unique name %q", sim.UniqueName))
	}
	if owner := s.iccids[sim.ICCID]; owner != "" && owner != sim.SID {
		panic(fmt.Sprintf("twiliosim: two SIMs with the ICCID %q", sim.ICCID))
	}
	delete(s.iccids, fill.ICCID)
	s.iccids[sim.ICCID] = sim.SID
	if known == nil {
		known = s.sims.add(sim.SID, sim.DateCreated, sim)
	}
	known.value = sim
	return sim
}

// takesCommands reports whether the API lets anything be sent to the SIM.
func (sim *SIM) takesCommands() bool { return sim.Status == "active" || sim.Status == "ready" }

// SetDetached takes the SIM's device off the network or brings it back. What
// was due before is not affected. It panics if there is no such SIM.
func (s *Simulator) SetDetached(simSID string, detached bool) {
	s.lock()
	defer s.mu.Unlock()
	s.mustFind(simSID).Detached = detached
}

// findSIM returns the SIM with this SID or unique name, or nil.
func (s *Simulator) findSIM(sidOrName string) *SIM {
	if e := s.sims.bySID[sidOrName]; e != nil {
		return &e.value
	}
	for _, e := range s.sims.entries {
		if e.value.UniqueName == sidOrName {
			return &e.value
		}
	}
	return nil
}

// mustFind returns a SIM that a test names, by SID or unique name.
func (s *Simulator) mustFind(sidOrName string) *SIM {
	sim := s.findSIM(sidOrName)
	if sim == nil {
		panic(fmt.Sprintf("twiliosim: no SIM %q", sidOrName))
	}
	return sim
}

// deviceIP returns the n-th device's address. 100.64.0.1 is not among them: it
// is where devices send their own messages.
func deviceIP(n uint32) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], 100<<24|64<<16|1+n)
	return netip.AddrFrom4(b).String()
}

// newICCID makes an ICCID for the n-th SIM, which no other has or will have.
func (s *Simulator) newICCID(n uint32) string {
	for {
		iccid := fmt.Sprintf("89883070%012d", n)
		if _, taken := s.iccids[iccid]; !taken {
			return iccid
		}
		n += 1e6 // far from what other SIMs get
	}
}

// newSID makes a SID of this prefix: unique, and always the same for the same
// calls in the same order and the same salt. The lock is held.
func (s *Simulator) newSID(prefix, salt string) string {
	s.sids[prefix]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", prefix, s.sids[prefix], salt))
	return prefix + hex.EncodeToString(sum[:16])
}

// namedSID returns the SID of what has this prefix and unique name, and no
// entry of its own here.
func namedSID(prefix, uniqueName string) string {
	sum := sha256.Sum256([]byte(prefix + " " + uniqueName))
	return prefix + hex.EncodeToString(sum[:16])
}
