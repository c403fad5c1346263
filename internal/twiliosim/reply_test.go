package twiliosim_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// received returns the payloads that the list has from a SIM, the oldest first.
func received(t *testing.T, s *twiliosim.Simulator, sim string) []string {
	t.Helper()
	var payloads []string
	for _, c := range getList(t, s, "/v1/IpCommands?Direction=from_sim&Sim="+sim).IPCommands {
		payload, err := base64.StdEncoding.DecodeString(c.Payload)
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		}
		payloads = append(payloads, string(payload))
	}
	slices.Reverse(payloads)
	return payloads
}

// TestReply has a device reply: not before the message has left and the time
// is over, and as of then, however late anybody looks.
func TestReply(t *testing.T) {
	t.Parallel()
	var log []string
	s, clock := newSim(twiliosim.Config{SendDelay: 3 * time.Second, Log: func(line string) { log = append(log, line) }})
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "meter-01", Replies: []twiliosim.Reply{{Payload: []byte("120538"), After: 2 * time.Second}}})
	asked := post(t, s, message("meter-01", "READ"))
	clock.Advance(5*time.Second - 1)
	if got := received(t, s, "meter-01"); got != nil {
		t.Errorf("before its time: %q", got)
	}
	clock.Advance(time.Hour)
	got := getList(t, s, "/v1/IpCommands?Direction=from_sim").IPCommands
	if len(got) != 1 {
		t.Fatalf("received %+v", got)
	}
	want := command{
		SID: got[0].SID, AccountSID: twiliosim.DefaultAccountSID, SIMSID: sim.SID, SIMICCID: sim.ICCID,
		Status: "received", Direction: "from_sim", DeviceIP: got[0].DeviceIP, DevicePort: 5683,
		PayloadType: "binary", Payload: "MTIwNTM4", DateCreated: "2026-03-01T12:00:05Z", DateUpdated: "2026-03-01T12:00:05Z",
		URL: "https://supersim.twilio.com/v1/IpCommands/" + got[0].SID,
	}
	if got[0] != want || got[0].DeviceIP == nil || *got[0].DeviceIP != sim.IP || got[0].SID == asked.SID {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	line := "received " + got[0].SID + " from meter-01 (" + sim.SID + `) udp/5683 6 bytes: "120538"`
	if !slices.Contains(log, line) {
		t.Errorf("the log has no line %q: %q", line, log)
	}
	clock.Advance(twiliosim.Retention)
	if got := received(t, s, "meter-01"); got != nil {
		t.Errorf("after 30 days: %q", got)
	}
}

// TestReplyIsTo has a device with replies to some messages only.
func TestReplyIsTo(t *testing.T) {
	t.Parallel()
	replies := []twiliosim.Reply{
		{To: []byte("READ"), Payload: []byte("exact")},
		{To: []byte{0x01, 0x83}, Payload: []byte("bytes")},
		{Pattern: regexp.MustCompile("^SET [0-9]+$"), Payload: []byte("text")},
		{Pattern: regexp.MustCompile("^0183ff"), Payload: []byte("digits")},
		{To: []byte("SET 7"), Pattern: regexp.MustCompile("7"), Payload: []byte("both")},
	}
	for name, tc := range map[string]struct {
		payload string
		want    []string
	}{
		"exact":                                  {"READ", []string{"exact"}},
		"another case":                           {"read", nil},
		"longer":                                 {"READ ", nil},
		"bytes":                                  {"\x01\x83", []string{"bytes"}},
		"a pattern of text":                      {"SET 12", []string{"text"}},
		"a pattern of digits":                    {"\x01\x83\xff\x00", []string{"digits"}},
		"digits that are the text":               {"0183ff", []string{"digits"}},
		"both conditions, and all replies to it": {"SET 7", []string{"text", "both"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := newSim(twiliosim.Config{})
			s.AddSIM(twiliosim.SIM{UniqueName: "meter-01", Replies: replies})
			s.AddSIM(twiliosim.SIM{UniqueName: "another", Replies: []twiliosim.Reply{{Payload: []byte("not asked")}}})
			post(t, s, url.Values{
				"Sim": {"meter-01"}, "DevicePort": {"502"}, "PayloadType": {"binary"},
				"Payload": {base64.StdEncoding.EncodeToString([]byte(tc.payload))},
			})
			if got := received(t, s, "meter-01"); !slices.Equal(got, tc.want) {
				t.Errorf("received %q, want %q", got, tc.want)
			}
			if got := received(t, s, "another"); got != nil {
				t.Errorf("another device sent %q", got)
			}
		})
	}
}

// TestReplyOrder has replies arrive by their times, between what else happens,
// and from the ports that they name.
func TestReplyOrder(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: time.Minute})
	s.AddSIM(twiliosim.SIM{UniqueName: "fast", SendDelay: time.Second, Replies: []twiliosim.Reply{
		{Payload: []byte("late"), After: 2 * time.Minute, Port: 9},
		{Payload: []byte("soon"), After: time.Second},
	}})
	s.AddSIM(twiliosim.SIM{UniqueName: "slow", Replies: []twiliosim.Reply{{Payload: []byte("slow")}}})
	post(t, s, message("slow", "x"))
	post(t, s, message("fast", "x"))
	clock.Advance(2 * time.Second) // What is queued for longer, and came first, holds nothing up.
	if got := received(t, s, "fast"); !slices.Equal(got, []string{"soon"}) {
		t.Errorf("received %q", got)
	}
	clock.Advance(time.Hour)
	var got []string
	for _, c := range s.IPCommands() {
		if c.Direction == "from_sim" {
			got = append(got, c.Payload+c.DateCreated.Format(" 15:04:05"))
		}
		if wantPort := map[bool]int{true: 9, false: 5683}[c.Payload == "bGF0ZQ=="]; c.DevicePort != wantPort {
			t.Errorf("%s came from port %d", c.Payload, c.DevicePort)
		}
	}
	if want := []string{"c29vbg== 12:00:02", "c2xvdw== 12:01:00", "bGF0ZQ== 12:02:01"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// TestReplyOfNobody has messages that reach no device: nothing replies.
func TestReplyOfNobody(t *testing.T) {
	t.Parallel()
	s, clock := newSim(twiliosim.Config{SendDelay: time.Second})
	replies := []twiliosim.Reply{{Payload: []byte("x")}}
	s.AddSIM(twiliosim.SIM{UniqueName: "detached", Detached: true, Replies: replies})
	s.AddSIM(twiliosim.SIM{UniqueName: "never", NeverSends: true, Replies: replies})
	s.AddSIM(twiliosim.SIM{UniqueName: "inactive", Status: "inactive", Replies: replies})
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "forgotten", Replies: replies})
	for _, name := range []string{"detached", "never"} {
		post(t, s, message(name, "x"))
	}
	s.Forget(post(t, s, message("forgotten", "x")).SID)
	call(t, s, http.MethodPost, "/v1/IpCommands", message("inactive", "x"))
	s.ReceiveFromSIM("forgotten", 1, []byte("unasked"))
	clock.Advance(time.Hour)
	if got := received(t, s, ""); !slices.Equal(got, []string{"unasked"}) {
		t.Errorf("received %q", got)
	}
	// What is empty stays when a SIM is replaced.
	s.AddSIM(twiliosim.SIM{SID: sim.SID, SendDelay: time.Minute})
	post(t, s, message("forgotten", "x"))
	clock.Advance(time.Minute - 1)
	before := received(t, s, "forgotten")
	clock.Advance(1)
	if got := received(t, s, "forgotten"); len(before) != 1 || len(got) != 2 {
		t.Errorf("received %q, then %q", before, got)
	}
}

func TestReplyWithoutPayload(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	defer func() {
		if r, _ := recover().(string); !strings.Contains(r, "without a payload") {
			t.Errorf("panicked with %q", r)
		}
	}()
	s.AddSIM(twiliosim.SIM{Replies: []twiliosim.Reply{{}}})
}
