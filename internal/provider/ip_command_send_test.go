package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestSender_R3_recordsFirst wants the command recorded before anything else
// is asked of the API.
func TestSender_R3_recordsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	client, err := twilio.New(twilio.Config{
		SuperSIMURL: w.url,
		Config: rest.Config{
			Clock:       w.clock,
			Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	type recorded struct {
		status string
		gets   int
	}
	var records []recorded
	s := sender{
		asker: byResource, ipCommands: client.IPCommands, wait: true, timeout: duration{time.Minute, "1m"}, deadline: w.clock.Now().Add(time.Minute),
		record: func(m *twilio.Message) diag.Diagnostics {
			records = append(records, recorded{*m.Status, w.gets()})
			return nil
		},
	}
	diags := s.send(t.Context(), twilio.MessageParams{SIM: "valve", Payload: "open", PayloadType: "text", DevicePort: 1})
	if len(diags) != 0 || len(records) != 2 || records[0] != (recorded{"queued", 0}) || records[1].status != "sent" {
		t.Errorf("%v, %v", records, diags)
	}
}

// TestAccIPCommand_failedSaysWhy shows an error code, if the API gives one.
func TestAccIPCommand_failedSaysWhy(t *testing.T) {
	t.Parallel()
	for field, says := range map[string]string{
		``:                                     "does not say why",
		`, "error_code": null`:                 "does not say why",
		`, "error_code": 83400`:                "gives the error code 83400",
		`, "error_code": "83401"`:              "was not attached to a network (error code 83401)",
		`, "error_code": {"code": "confetti"}`: "does not say why",
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			w := newFaultWorld(t, twiliosim.SIM{}, onPost(accepted(body(`{"sid": "`+firstSID()+`", "status": "failed"`+field+`}`))))
			c := w.newCLI(t)
			c.write(w.provider() + valve(""))
			want := expect{exit: 1, says: []string{"IP Command failed", says, "tainted"}, state: []string{"failed!"}, posts: 1, commands: 1}
			want.not("confetti").check(c, c.apply())
		})
	}
}
