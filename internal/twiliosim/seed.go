package twiliosim

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// Seed gives a new simulator something to look at: five attached SIMs with the
// unique names valve-01, valve-02 and valve-03, in the fleet valves, and
// meter-01 and meter-02, in the fleet meters, seven messages that their devices
// sent in the last hours, and six Programmable Wireless Commands of the last
// days. The content is the same in every run, up to the dates, and on every
// platform.
func Seed(s *Simulator) {
	names := []string{"valve-01", "valve-02", "valve-03", "meter-01", "meter-02"}
	sims := map[string]SIM{}
	for _, name := range names {
		kind, _, _ := strings.Cut(name, "-")
		sims[name] = s.AddSIM(SIM{UniqueName: name, Fleet: kind + "s"})
	}
	now := s.cfg.Now()
	for i, m := range []struct{ sim, payload string }{
		{"meter-01", `{"litres":120412}`},
		{"meter-02", `{"litres":88713}`},
		{"valve-01", "state=closed"},
		{"valve-02", "state=closed"},
		{"valve-03", "state=open"},
		{"meter-01", `{"litres":120538}`},
		{"meter-02", "\x01\x7f\xff\x00"},
	} {
		s.AddIPCommand(IPCommand{
			SIMSID: sims[m.sim].SID, Direction: fromSIM, DevicePort: 5683,
			Payload:     base64.StdEncoding.EncodeToString([]byte(m.payload)),
			DateCreated: now.Add(-time.Duration(7-i) * time.Hour),
		})
	}
	for i, c := range []Command{
		{SimUniqueName: "tracker-01", Command: "report", Status: statusDelivered, DeliveryReceiptRequested: true},
		{SimUniqueName: "tracker-01", Command: "52.5163,13.3777", Direction: fromSIM},
		{SimUniqueName: "tracker-02", Command: "AQIDBA==", CommandMode: payloadBinary, Transport: "ip"},
		{SimUniqueName: "tracker-02", Command: "report", Status: statusFailed, DeliveryReceiptRequested: true},
		{SimUniqueName: "tracker-02", Command: "low battery", Direction: fromSIM},
		{SimUniqueName: "tracker-01", Command: "reboot", Status: statusQueued},
	} {
		c.DateCreated = now.Add(-time.Duration(6-i) * 24 * time.Hour)
		c.SID = fmt.Sprintf("DC%032x", i+1)
		s.AddCommand(c)
	}
}
