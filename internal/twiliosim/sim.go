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

// SIM is a Super SIM and the device that it is in.
type SIM struct {
	// SID is "HS" and 32 hexadecimal digits.
	SID string
	// UniqueName may be used instead of the SID.
	UniqueName string
	// ICCID is the number printed on the card, 19 or 20 digits.
	ICCID string
	// IP is the device's address in the mobile network, from 100.64.0.0/10.
	IP string
	// Detached means that the device has no connection: what is sent to it
	// fails.
	Detached bool
	// Inactive means that the Sim resource is neither active nor ready: the
	// API refuses to send anything to it.
	Inactive bool
	// NeverSends means that what is sent to it stays queued for ever.
	NeverSends bool
	// Null is the Null of every IP Command that is posted to the SIM.
	Null []string
}

// AddSIM adds a SIM, or replaces the one with the same SID (what is empty then
// stays as it was), and returns it with what was empty filled in: a SID,
// unique name, ICCID and address that are unique and, for the same calls in
// the same order, always the same. It panics if another SIM has its unique
// name, or as AddIPCommand does for Null.
func (s *Simulator) AddSIM(sim SIM) SIM {
	now := s.lock()
	defer s.mu.Unlock()
	return s.addSIM(sim, now)
}

// addSIM is AddSIM with the lock held.
func (s *Simulator) addSIM(sim SIM, now time.Time) SIM {
	s.ipCommands.checkNull(s.cfg.Platform, sim.Null)
	n := uint32(len(s.sims.entries)) + 1 //nolint:gosec // nobody adds four thousand million SIMs.
	fill := SIM{UniqueName: fmt.Sprintf("sim-%04d", n), ICCID: fmt.Sprintf("89883070%012d", n), IP: deviceIP(n)}
	known := s.sims.bySID[sim.SID]
	if known != nil {
		fill = known.value
	}
	if sim.SID == "" {
		sim.SID = s.newSID("HS", "")
	}
	sim.UniqueName = cmp.Or(sim.UniqueName, fill.UniqueName)
	sim.ICCID = cmp.Or(sim.ICCID, fill.ICCID)
	sim.IP = cmp.Or(sim.IP, fill.IP)
	if sim.Null == nil {
		sim.Null = fill.Null
	}
	sim.Null = slices.Clone(sim.Null)
	if other := s.findSIM(sim.UniqueName); other != nil && other.SID != sim.SID {
		panic(fmt.Sprintf("twiliosim: two SIMs with the unique name %q", sim.UniqueName))
	}
	if known == nil {
		known = s.sims.add(sim.SID, now, sim)
	}
	known.value = sim
	return sim
}

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

// newSID makes a SID of this prefix: unique, and always the same for the same
// calls in the same order and the same salt. The lock is held.
func (s *Simulator) newSID(prefix, salt string) string {
	s.sids[prefix]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s", prefix, s.sids[prefix], salt))
	return prefix + hex.EncodeToString(sum[:16])
}
