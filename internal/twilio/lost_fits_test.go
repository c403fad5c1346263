package twilio

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestResolve_R2_fits has commands that appear while our POST is lost. Only
// one that carries the message may be taken for it.
func TestResolve_R2_fits(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		params  func(*MessageParams)
		command func(*twiliosim.IPCommand)
		fits    bool
	}{
		{name: "the same", fits: true},
		{name: "another port", command: func(c *twiliosim.IPCommand) { c.DevicePort++ }},
		{name: "another payload", command: func(c *twiliosim.IPCommand) { c.Payload += " " }},
		{name: "a payload in other letters", command: func(c *twiliosim.IPCommand) { c.Payload = strings.ToLower(c.Payload) }},
		{name: "another SIM", command: func(c *twiliosim.IPCommand) { c.SIMSID = "HS00000000000000000000000000000000" }},
		{name: "from the SIM", command: func(c *twiliosim.IPCommand) { c.Direction = DirectionFromSIM }},
		{name: "failed", command: func(c *twiliosim.IPCommand) { c.Status = StatusFailed }, fits: true},
		{
			name:    "the same letters in another type",
			params:  func(p *MessageParams) { p.Payload = "QUJD" },
			command: func(c *twiliosim.IPCommand) { c.Payload, c.PayloadType = "QUJD", PayloadBinary },
		},
		{
			name:    "the same bytes in another type",
			params:  func(p *MessageParams) { p.Payload = "ABC" },
			command: func(c *twiliosim.IPCommand) { c.Payload, c.PayloadType = "QUJD", PayloadBinary },
		},
		{
			name:    "binary",
			params:  func(p *MessageParams) { p.Payload, p.PayloadType = binaryPayload, PayloadBinary },
			command: func(c *twiliosim.IPCommand) { c.Payload, c.PayloadType = binaryPayload, PayloadBinary },
			fits:    true,
		},
		{
			name:    "the same bytes in other letters", // Base64's last bits mean nothing here.
			params:  func(p *MessageParams) { p.Payload, p.PayloadType = "AQ==", PayloadBinary },
			command: func(c *twiliosim.IPCommand) { c.Payload, c.PayloadType = "AR==", PayloadBinary },
			fits:    true,
		},
		{
			name:    "other bytes",
			params:  func(p *MessageParams) { p.Payload, p.PayloadType = "AQ==", PayloadBinary },
			command: func(c *twiliosim.IPCommand) { c.Payload, c.PayloadType = "Ag==", PayloadBinary },
		},
		{
			name:   "a SIM by its name",
			params: func(p *MessageParams) { p.SIM = "sim-0001" },
			fits:   true,
		},
		{
			name:   "no type, which is text",
			params: func(p *MessageParams) { p.PayloadType = "" },
			fits:   true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.message()
			c := twiliosim.IPCommand{SIMSID: p.SIM, Payload: p.Payload, PayloadType: p.PayloadType, DevicePort: int(p.DevicePort)}
			if test.params != nil {
				test.params(&p)
			}
			if test.command != nil {
				test.command(&c)
			}
			w.onPost(twiliosim.Fault{Drop: true, Then: func() { c = w.sim.AddIPCommand(c) }})
			sent, err := w.client.send(t.Context(), p, time.Time{})
			w.wantRequests(1, map[bool]int{true: 1, false: len(looks)}[test.fits])
			switch {
			case !test.fits:
				wantUnknown(t, err)
			case err != nil || sent.SID != c.SID || sent.Lost == nil:
				t.Errorf("adopted %q, %v", sent.SID, err)
			}
		})
	}
}

// TestMayHaveCreated_odd has commands that the API should not give.
func TestMayHaveCreated_odd(t *testing.T) {
	t.Parallel()
	p := MessageParams{SIM: "HS0f3c652bfa27b760a582582f53d5fbcf", Payload: "AQ==", PayloadType: PayloadBinary, DevicePort: 9}
	full := func(change func(*IPCommand)) IPCommand {
		c := IPCommand{
			SID: "HG1", SIMSID: &p.SIM, DevicePort: &p.DevicePort, Payload: &p.Payload, PayloadType: &p.PayloadType,
			Direction: ptr(DirectionToSIM), DateCreated: ptr[Timestamp]("2026-03-01T12:00:00Z"),
		}
		change(&c)
		return c
	}
	for _, test := range []struct {
		name   string
		change func(*IPCommand)
		want   bool
	}{
		{"all", func(*IPCommand) {}, true},
		{"no port", func(c *IPCommand) { c.DevicePort = nil }, false},
		{"no payload", func(c *IPCommand) { c.Payload = nil }, false},
		{"no type", func(c *IPCommand) { c.PayloadType = nil }, true},
		{"no direction", func(c *IPCommand) { c.Direction = nil }, true},
		{"no SIM", func(c *IPCommand) { c.SIMSID = nil }, true},
		{"another SIM in spite of the filter", func(c *IPCommand) { c.SIMSID = ptr("HS00000000000000000000000000000000") }, false},
		{"from the SIM in spite of the filter", func(c *IPCommand) { c.Direction = ptr(DirectionFromSIM) }, false},
		{"broken Base64", func(c *IPCommand) { c.Payload = ptr("AQ=") }, false},
	} {
		if got := p.mayHaveCreated(full(test.change)); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// TestResolve_R2_bounded has a SIM to which others send without end: a look
// reads a bounded number of commands.
func TestResolve_R2_bounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lost := twiliosim.LostRequest(1)
	lost.Then = func() {
		for range lookPages*lookPageSize + 1 {
			w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: "another's", PayloadType: PayloadText, DevicePort: 1})
		}
	}
	w.onPost(lost)
	_, err := w.send()
	if unknown := unknownOf(t, err); unknown.LookErr == nil || !strings.Contains(unknown.LookErr.Error(), "many commands since then") {
		t.Errorf("%v", err)
	}
	w.wantRequests(1, len(looks)*lookPages)
}
