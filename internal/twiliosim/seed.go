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
// days. Valves reply to the text "state", and meters to the Modbus request to read
// two registers; they receive anything else in silence. The content is the same in
// every run, up to the dates, and on every platform.
func Seed(s *Simulator) {
	const readRegisters = "\x01\x03\x00\x00\x00\x02\xc4\x0b"
	devices := []struct{ name, to, reply string }{
		{"valve-01", "state", "state=closed"},
		{"valve-02", "state", "state=closed"},
		{"valve-03", "state", "state=open"},
		{"meter-01", readRegisters, "\x01\x03\x04\x00\x01\xd6\xda\x74\x08"}, // 120538
		{"meter-02", readRegisters, "\x01\x03\x04\x00\x01\x5a\x89\x50\xf5"}, // 88713
	}
	for _, a := range devices {
		kind, _, _ := strings.Cut(a.name, "-")
		s.AddSIM(SIM{UniqueName: a.name, Fleet: kind + "s", Replies: []Reply{{To: []byte(a.to), Payload: []byte(a.reply)}}})
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
			SIMSID: m.sim, Direction: fromSIM, DevicePort: 5683,
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
