package provider

import (
	"errors"
	"strings"
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

// TestSender_notSent has what becomes of each error of the client: what the
// user is told of the message, and what to do.
func TestSender_notSent(t *testing.T) {
	t.Parallel()
	at := func(s string) *twilio.Timestamp { d := twilio.Timestamp(s); return &d }
	status := "queued"
	lost := errors.New("the connection broke")
	one := twilio.IPCommand{SID: "HG1", Status: &status, DateCreated: at("Sun, 01 Mar 2026 12:00:00 +0000")}
	for name, row := range map[string]struct {
		err              error
		summary          string
		says, saysIfKept []string
		silent           []string
	}{
		"not sent": {
			err:     &twilio.NotSentError{Err: lost},
			summary: "IP Command was not sent", says: []string{"No message was sent to SIM valve", "The connection broke."}, saysIfKept: []string{"the next apply tries again"},
		},
		"refused": {
			err:     &rest.APIError{Request: "POST", StatusCode: 400, Message: "no such port"},
			summary: "IP Command was refused", says: []string{"nothing was sent", "no such port"}, silent: []string{"unique name"},
		},
		"no such SIM": {
			err:     &rest.APIError{Request: "POST", StatusCode: 404},
			summary: "IP Command was refused", says: []string{"Check that sim is the SID or the unique name of a Super SIM of the account that the provider uses"},
		},
		"none found": {
			err:     &twilio.UnknownOutcomeError{Err: lost, Since: start},
			summary: maybeSent, says: []string{"port 5683, text", "The connection broke.", "It may still appear", "since " + start.UTC().Format(time.RFC3339), `Set deduplication_window = "1h" and `}, saysIfKept: []string{"and apply again"}, silent: []string{"import"},
		},
		"not looked for": {
			err:     &twilio.UnknownOutcomeError{Err: lost, LookErr: errors.New("HTTP 503")},
			summary: maybeSent, says: []string{"Looking for it failed: HTTP 503."}, silent: []string{"may still appear"},
		},
		"one that may be it": {
			err:     &twilio.UnknownOutcomeError{Err: lost, Candidates: []twilio.IPCommand{one}},
			summary: maybeSent, says: []string{"One command of the SIM carries the same message since this apply began. It may be this one, or an equal one from elsewhere:\n", "HG1  2026-03-01T12:00:00Z  queued\n"}, saysIfKept: []string{"terraform import 'ADDRESS' HG1\n"},
		},
		"several, and little known of them": {
			err:     &twilio.UnknownOutcomeError{Err: lost, Candidates: []twilio.IPCommand{one, {SID: "HG2"}}},
			summary: maybeSent, says: []string{"2 commands of the SIM", "HG2  unknown date  null\n"}, saysIfKept: []string{"and apply again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for kept, asker := range map[bool]asker{false: byAction, true: byResource} {
				d := sender{asker: asker}.notSent(twilio.MessageParams{SIM: "valve", DevicePort: 5683, PayloadType: "text", Payload: "secret"}, row.err)
				if d.Severity() != diag.SeverityError || d.Summary() != row.summary {
					t.Errorf("%v: %s", d.Severity(), d.Summary())
				}
				for _, text := range row.says {
					if !strings.Contains(d.Detail(), text) {
						t.Errorf("does not say %q: %s", text, d.Detail())
					}
				}
				for _, text := range row.saysIfKept {
					if strings.Contains(d.Detail(), text) != kept {
						t.Errorf("kept %t; says %q %t: %s", kept, text, !kept, d.Detail())
					}
				}
				for _, text := range append(row.silent, "secret") {
					if strings.Contains(d.Detail(), text) {
						t.Errorf("says %q: %s", text, d.Detail())
					}
				}
			}
		})
	}
}

// TestAccIPCommand_failedSaysWhy shows an error code, if the API gives one.
func TestAccIPCommand_failedSaysWhy(t *testing.T) {
	t.Parallel()
	for field, says := range map[string]string{
		``:                                     "The API does not say why. Error 83401 means",
		`, "error_code": null`:                 "The API does not say why.",
		`, "error_code": 83400`:                "Its error code is 83400.",
		`, "error_code": "83401"`:              "Its error code is 83401.",
		`, "error_code": {"code": "confetti"}`: "The API does not say why.",
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			w := newFaultWorld(t, twiliosim.SIM{}, onPost(accepted(body(`{"sid": "`+firstSID()+`", "status": "failed"`+field+`}`))))
			c := w.newCLI(t)
			c.write(w.provider() + valve(""))
			expect{exit: 1, says: []string{"IP Command failed", says, "tainted"}, silent: []string{"confetti"}, state: []string{"failed!"}, posts: 1, commands: 1}.check(c, c.apply())
		})
	}
}
