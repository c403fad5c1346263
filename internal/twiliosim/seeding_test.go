package twiliosim_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestAddSIM(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	twin, _ := newSim(twiliosim.Config{})
	seen := map[string]bool{}
	for range 300 {
		sim := s.AddSIM(twiliosim.SIM{})
		if other := twin.AddSIM(twiliosim.SIM{}); !reflect.DeepEqual(other, sim) {
			t.Fatalf("not always the same: %+v and %+v", sim, other)
		}
		for _, v := range []string{sim.SID, sim.UniqueName, sim.ICCID, sim.IP} {
			if v == "" || seen[v] {
				t.Fatalf("not unique: %+v", sim)
			}
			seen[v] = true
		}
		if len(sim.SID) != 34 || len(sim.ICCID) != 20 || !strings.HasPrefix(sim.IP, "100.64.") {
			t.Fatalf("not like a SIM: %+v", sim)
		}
	}
}

func TestAddSIMReplaces(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	first := s.AddSIM(twiliosim.SIM{UniqueName: "old", Fleet: "valves"})
	second := s.AddSIM(twiliosim.SIM{SID: first.SID, UniqueName: "new", Status: "inactive"})
	want := first
	want.UniqueName, want.Status = "new", "inactive"
	if !reflect.DeepEqual(second, want) {
		t.Errorf("got %+v, want %+v", second, want)
	}
	decode[apiError](t, call(t, s, "POST", "/v1/IpCommands", message("old", "x")), 404)
	decode[apiError](t, call(t, s, "POST", "/v1/IpCommands", message("new", "x")), 400)
	mustPanic(t, `two SIMs with the unique name "new"`, func() { s.AddSIM(twiliosim.SIM{UniqueName: "new"}) })
	mustPanic(t, `two SIMs with the ICCID "`+first.ICCID, func() { s.AddSIM(twiliosim.SIM{ICCID: first.ICCID}) })
	// The first would have it, but for the second.
	newSim(twiliosim.Config{SIMs: []twiliosim.SIM{{}, {ICCID: first.ICCID}}})
}

func TestUnknownSIMsPanic(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	for name, f := range map[string]func(){
		"SetDetached":    func() { s.SetDetached("HS0", true) },
		"ReceiveFromSIM": func() { s.ReceiveFromSIM("HS0", 1, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s takes an unknown SIM", name)
				}
			}()
			f()
		}()
	}
	s.AddSIM(twiliosim.SIM{}) // the lock is free again
}

func TestAddIPCommandDefaults(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	c := s.AddIPCommand(twiliosim.IPCommand{})
	want := twiliosim.IPCommand{
		SID: c.SID, AccountSID: twiliosim.DefaultAccountSID, SIMSID: c.SIMSID, SIMICCID: "89883070000000000001",
		Status: "sent", Direction: "to_sim", DeviceIP: "100.64.0.2", DevicePort: 5683,
		PayloadType: "text", Payload: "seeded",
		DateCreated: epoch.Truncate(time.Second), DateUpdated: epoch.Truncate(time.Second),
	}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if got := fetch(t, s, c.SID); got.Status != "sent" || got.Payload != "seeded" {
		t.Errorf("fetched %+v", got)
	}
	if len(s.Deliveries()) != 0 {
		t.Error("history is delivered")
	}
}

func TestAddIPCommandKeepsWhatIsSaid(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	said := twiliosim.IPCommand{
		SID: "HG00000000000000000000000000000001", AccountSID: "AC00000000000000000000000000000001",
		SIMSID: "HS00000000000000000000000000000001", SIMICCID: "89", Status: "expired", Direction: "sideways",
		DeviceIP: "10.0.0.1", DevicePort: 1, PayloadType: "cbor", Payload: "p",
		DateCreated: epoch.Truncate(time.Second).Add(-time.Hour), DateUpdated: epoch.Truncate(time.Second),
	}
	if got := s.AddIPCommand(said); !reflect.DeepEqual(got, said) {
		t.Errorf("got %+v", got)
	}
	if got := fetch(t, s, said.SID); got.Status != "expired" || got.PayloadType != "cbor" {
		t.Errorf("fetched %+v", got)
	}
	said.Status = "sent"
	s.AddIPCommand(said)
	if got := s.IPCommands(); len(got) != 1 || got[0].Status != "sent" {
		t.Errorf("replaced: %+v", got)
	}
}

func TestAddedQueuedCommandIsSent(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: time.Minute})
	c := s.AddIPCommand(twiliosim.IPCommand{Status: "queued", DateCreated: epoch.Add(-30 * time.Second)})
	if got := fetch(t, s, c.SID); got.Status != "queued" || got.DeviceIP != nil {
		t.Errorf("at first: %+v", got)
	}
	clock.Advance(30 * time.Second)
	if got := fetch(t, s, c.SID); got.Status != "sent" || len(s.Deliveries()) != 1 {
		t.Errorf("then: %+v", got)
	}
}

func TestReceiveFromSIM(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "meter-01"})
	c := s.ReceiveFromSIM("meter-01", 4000, []byte{0, 255})
	got := fetch(t, s, c.SID)
	if got.Direction != "from_sim" || got.Status != "received" || got.PayloadType != "binary" || got.Payload != "AP8=" ||
		got.DevicePort != 4000 || got.DeviceIP == nil || *got.DeviceIP != sim.IP || got.SIMSID != sim.SID || got.SIMICCID != sim.ICCID {
		t.Errorf("got %+v", got)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	twin, _ := newSim(twiliosim.Config{})
	twiliosim.Seed(s)
	twiliosim.Seed(twin)
	if len(s.IPCommands()) < 3 || len(s.Commands()) < 3 {
		t.Errorf("only %d and %d", len(s.IPCommands()), len(s.Commands()))
	}
	for i, c := range s.IPCommands() {
		if !reflect.DeepEqual(c, twin.IPCommands()[i]) || c.Direction != "from_sim" {
			t.Errorf("not always the same: %+v", c)
		}
	}
	for _, name := range []string{"valve-01", "valve-02", "valve-03", "meter-01", "meter-02"} {
		if c := post(t, s, message(name, "x")); fetch(t, s, c.SID).Status != "sent" {
			t.Errorf("%s is not attached", name)
		}
	}
	const readRegisters, reading = "AQMAAAACxAs=", "AQMEAAHW2nQI"
	before := len(s.IPCommands())
	post(t, s, message("valve-01", "state"))
	binary := message("meter-01", readRegisters)
	binary.Set("PayloadType", "binary")
	post(t, s, binary)
	var replies []string
	for _, c := range s.IPCommands()[before:] {
		if c.Direction == "from_sim" {
			replies = append(replies, c.Payload)
		}
	}
	if want := []string{"c3RhdGU9Y2xvc2Vk", reading}; !slices.Equal(replies, want) {
		t.Errorf("the devices reply %q, want %q", replies, want)
	}
}

// A SID must not come back for another message after a restart.
func TestPostedSIDsDifferBetweenRuns(t *testing.T) {
	t.Parallel()
	first, clock := newSim(twiliosim.Config{})
	clock.Advance(time.Millisecond)
	second := twiliosim.New(twiliosim.Config{Now: clock.Now})
	a := post(t, first, message(first.AddSIM(twiliosim.SIM{}).SID, "x"))
	b := post(t, second, message(second.AddSIM(twiliosim.SIM{}).SID, "x"))
	if a.SID == b.SID {
		t.Error("the same SID")
	}
}
