package twiliosim_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestSentAtTheFirstLook(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{})
	c := post(t, s, message(sim.SID, "open"))
	if c.Status != "queued" || c.DeviceIP != nil {
		t.Errorf("the POST's response is %+v", c)
	}
	c = fetch(t, s, c.SID)
	if c.Status != "sent" || c.DeviceIP == nil || *c.DeviceIP != sim.IP {
		t.Errorf("the first look shows %+v", c)
	}
}

func TestSendDelay(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: 3 * time.Second})
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "valve-01"})
	form := url.Values{"Sim": {"valve-01"}, "Payload": {"AQL/"}, "PayloadType": {"binary"}, "DevicePort": {"9"}}
	sid := post(t, s, form).SID
	clock.Advance(3*time.Second - 1)
	if c := fetch(t, s, sid); c.Status != "queued" || len(s.Deliveries()) != 0 {
		t.Errorf("before its time: %+v", c)
	}
	clock.Advance(time.Minute) // the look comes late; the sending does not
	c := fetch(t, s, sid)
	if c.Status != "sent" || c.DateUpdated != "2026-03-01T12:00:03Z" {
		t.Errorf("after its time: %+v", c)
	}
	got := s.Deliveries()
	if len(got) != 1 {
		t.Fatalf("%d deliveries", len(got))
	}
	d := got[0]
	if d.SID != sid || d.SIM.SID != sim.SID || d.SIM.IP != sim.IP || d.Port != 9 || d.PayloadType != "binary" ||
		string(d.Payload) != "\x01\x02\xff" || !d.Time.Equal(epoch.Add(3*time.Second)) {
		t.Errorf("delivered %+v", d)
	}
	clock.Advance(time.Hour)
	if n := len(s.Deliveries()); n != 1 {
		t.Errorf("delivered %d times", n)
	}
}

func TestDetachedThenAttached(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: time.Second})
	sim := s.AddSIM(twiliosim.SIM{Detached: true})
	first := post(t, s, message(sim.SID, "1"))
	clock.Advance(time.Second)
	s.SetDetached(sim.SID, false)
	second := post(t, s, message(sim.SID, "2"))
	clock.Advance(time.Second)
	s.SetDetached(sim.SID, true) // what was due before is not affected
	if c := fetch(t, s, first.SID); c.Status != "failed" || c.DeviceIP != nil || c.DateUpdated != "2026-03-01T12:00:01Z" {
		t.Errorf("sent while detached: %+v", c)
	}
	if c := fetch(t, s, second.SID); c.Status != "sent" {
		t.Errorf("sent while attached: %+v", c)
	}
	if got := s.Deliveries(); len(got) != 1 || string(got[0].Payload) != "2" {
		t.Errorf("delivered %+v", got)
	}
}

func TestNeverSends(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	sid := post(t, s, message(s.AddSIM(twiliosim.SIM{NeverSends: true}).SID, "x")).SID
	clock.Advance(twiliosim.Retention - time.Second)
	if c := fetch(t, s, sid); c.Status != "queued" || c.DateUpdated != c.DateCreated {
		t.Errorf("after a month less a second: %+v", c)
	}
}

func TestRetention(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{})
	c := post(t, s, message(s.AddSIM(twiliosim.SIM{}).SID, "x"))
	old := s.AddCommand(twiliosim.Command{})
	// The dates are in whole seconds, so both expire a fraction early.
	clock.Advance(twiliosim.Retention - 250*time.Millisecond - 1)
	fetch(t, s, c.SID)
	if got := getList(t, s, "/v1/Commands").sids(); !slices.Equal(got, []string{old.SID}) {
		t.Errorf("too early: %v", got)
	}
	clock.Advance(1)
	for _, path := range []string{"/v1/IpCommands/" + c.SID, "/v1/Commands/" + old.SID} {
		if got := decode[apiError](t, call(t, s, http.MethodGet, path, nil), 404); got.Code != 20404 {
			t.Errorf("%s: %+v", path, got)
		}
	}
	for _, path := range []string{"/v1/IpCommands", "/v1/Commands"} {
		if got := getList(t, s, path).sids(); len(got) != 0 {
			t.Errorf("%s: %v", path, got)
		}
	}
	if len(s.IPCommands()) != 0 || len(s.Commands()) != 0 {
		t.Error("expired commands are still there")
	}
	if n := len(s.Deliveries()); n != 1 {
		t.Errorf("%d deliveries: history must stay", n)
	}
}

func TestForget(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: time.Second})
	sim := s.AddSIM(twiliosim.SIM{})
	lost, kept := post(t, s, message(sim.SID, "lost")), post(t, s, message(sim.SID, "kept"))
	legacy := s.AddCommand(twiliosim.Command{})
	s.Forget(lost.SID)
	s.Forget(legacy.SID)
	s.Forget("HG-nobody")
	clock.Advance(time.Minute)
	if got := getList(t, s, "/v1/IpCommands").sids(); !slices.Equal(got, []string{kept.SID}) {
		t.Errorf("listed: %v", got)
	}
	decode[apiError](t, call(t, s, http.MethodGet, "/v1/IpCommands/"+lost.SID, nil), 404)
	decode[apiError](t, call(t, s, http.MethodGet, "/v1/Commands/"+legacy.SID, nil), 404)
	if got := s.Deliveries(); len(got) != 1 || string(got[0].Payload) != "kept" {
		t.Errorf("delivered %+v", got)
	}
}
