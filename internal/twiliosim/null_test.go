package twiliosim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// The fields of the kinds of responses, and those that Twilio never gives as
// null.
var (
	ipCommandFields = []string{
		"sid", "account_sid", "sim_sid", "sim_iccid", "status", "direction", "device_ip", "device_port",
		"payload_type", "payload", "date_created", "date_updated", "url",
	}
	commandFields = []string{
		"sid", "account_sid", "sim_sid", "command", "command_mode", "transport", "delivery_receipt_requested",
		"status", "direction", "date_created", "date_updated", "url",
	}
	simFields = []string{
		"sid", "unique_name", "account_sid", "iccid", "status", "fleet_sid", "date_created", "date_updated", "url", "links",
	}
	ipCommandNotNull = []string{"status", "direction", "device_port", "payload_type"}
	commandNotNull   = []string{"command_mode", "transport", "status", "direction"}
	simNotNull       = []string{"status"}
)

// mustPanic calls f, which must panic with a message that has this in it.
func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), want) {
			t.Errorf("panics with %v, want %q", r, want)
		}
	}()
	f()
}

// nulls returns the fields of a JSON object that are null, sorted.
func nulls(t *testing.T, object []byte) []string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(fields, func(_ string, v any) bool { return v != nil })
	return slices.Sorted(maps.Keys(fields))
}

// Every field is null where the platform's description lets it be, alone and
// without any effect on another, and asking for any other is a mistake.
func TestNull(t *testing.T) {
	t.Parallel()
	for _, platform := range []twiliosim.Platform{twiliosim.Twilio, twiliosim.KORE} {
		check := func(path, field string, notNull []string, add func(*twiliosim.Simulator, []string) string) {
			t.Helper()
			s, _ := newSim(twiliosim.Config{Platform: platform})
			if slices.Contains(notNull, field) {
				mustPanic(t, fmt.Sprintf("on the platform %s the field %q is never null", platform, field), func() { add(s, []string{field}) })
				return
			}
			sid := add(s, []string{field})
			get := call
			if platform == twiliosim.KORE {
				get = koreCall
			}
			w := get(t, s, http.MethodGet, path+"/"+sid, nil)
			if got := nulls(t, w.Body.Bytes()); !slices.Equal(got, []string{field}) {
				t.Errorf("%s %s: null are %v", platform, field, got)
			}
		}
		for _, field := range ipCommandFields {
			notNull := ipCommandNotNull
			if platform == twiliosim.KORE {
				notNull = nil
			}
			check("/v1/IpCommands", field, notNull, func(s *twiliosim.Simulator, null []string) string {
				return s.AddIPCommand(twiliosim.IPCommand{Null: null}).SID
			})
		}
		for _, field := range commandFields {
			notNull := commandNotNull
			if platform == twiliosim.KORE {
				notNull = []string{"command_mode"}
			}
			check("/v1/Commands", field, notNull, func(s *twiliosim.Simulator, null []string) string {
				return s.AddCommand(twiliosim.Command{Null: null}).SID
			})
		}
		for _, field := range simFields {
			notNull := simNotNull
			if platform == twiliosim.KORE {
				notNull = nil
			}
			check("/v1/Sims", field, notNull, func(s *twiliosim.Simulator, null []string) string {
				return s.AddSIM(twiliosim.SIM{Fleet: "valves", Null: null}).SID
			})
		}
	}
}

func TestNullPanics(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	mustPanic(t, `no field "Status"`, func() { s.AddIPCommand(twiliosim.IPCommand{Null: []string{"Status"}}) })
	mustPanic(t, `no field "device_port"`, func() { s.AddCommand(twiliosim.Command{Null: []string{"device_port"}}) })
	mustPanic(t, `"device_port" is never null`, func() { s.AddSIM(twiliosim.SIM{CommandNull: []string{"device_port"}}) })
	mustPanic(t, `no field "device_port"`, func() { s.AddSIM(twiliosim.SIM{Null: []string{"device_port"}}) })
	if len(s.IPCommands())+len(s.Commands()) > 0 {
		t.Error("something was added all the same")
	}
}

// What is posted to a SIM with nulls is sent and found as ever; only the
// responses hide it.
func TestNullOfSIM(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{})
	want := []string{"device_port", "direction", "payload_type", "status"}
	null := slices.Clone(want)
	sim := s.AddSIM(twiliosim.SIM{UniqueName: "valve", CommandNull: null})
	null[0] = "sid" // the caller's business
	sim.Detached = false
	s.AddSIM(twiliosim.SIM{SID: sim.SID}) // keeps what was there
	form := message("valve", "open")
	w := koreCall(t, s, http.MethodPost, "/v1/IpCommands", form)
	created := decode[command](t, w, http.StatusCreated)
	if got := nulls(t, w.Body.Bytes()); !slices.Equal(got, append([]string{"device_ip"}, want...)) {
		t.Errorf("created with null %v", got)
	}
	w = koreCall(t, s, http.MethodGet, "/v1/IpCommands/"+created.SID, nil)
	if got := nulls(t, w.Body.Bytes()); !slices.Equal(got, want) {
		t.Errorf("sent with null %v", got)
	}
	found := decode[list](t, koreCall(t, s, http.MethodGet, "/v1/IpCommands?Sim=valve&Status=sent&Direction=to_sim", nil), http.StatusOK)
	if !slices.Equal(found.sids(), []string{created.SID}) {
		t.Errorf("found %v", found.sids())
	}
	if d := s.Deliveries(); len(d) != 1 || d[0].Port != 5683 || string(d[0].Payload) != "open" {
		t.Errorf("delivered %+v", d)
	}
	if c := s.IPCommands()[0]; c.Status != "sent" || c.DevicePort != 5683 {
		t.Errorf("it is %+v", c)
	}
}
