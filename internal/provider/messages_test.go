package provider

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	json "github.com/go-json-experiment/json/v1"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

var updateMessages = flag.Bool("update-messages", false, "write testdata/messages.txt instead of comparing with it")

// messageList is what the provider says, in the order in which they are read.
type messageList struct{ strings.Builder }

func (m *messageList) heading(text string) { m.WriteString("\n# " + text + "\n") }

func (m *messageList) add(when string, diags ...diag.Diagnostic) {
	for _, d := range diags {
		at := ""
		if with, ok := d.(diag.DiagnosticWithPath); ok && !with.Path().Equal(path.Empty()) {
			at = " (" + with.Path().String() + ")"
		}
		m.WriteString("\n[" + when + "]\n" + d.Severity().String() + at + ": " + d.Summary() + "\n" + d.Detail() + "\n")
	}
}

// invalid adds what a validator says of a value.
func (m *messageList) invalid(name string, v validator.String, values ...string) {
	for _, value := range values {
		var resp validator.StringResponse
		v.ValidateString(context.Background(), validator.StringRequest{Path: path.Root(name), ConfigValue: types.StringValue(value)}, &resp)
		m.add(fmt.Sprintf("%s = %q", name, value), resp.Diagnostics...)
	}
}

// TestMessages holds all messages against testdata/messages.txt, so that they can be
// read in one go, and a change of one is seen. With -update-messages it writes them.
func TestMessages(t *testing.T) {
	t.Parallel()
	client, err := twilio.New(twilio.Config{Config: rest.Config{Credentials: rest.BasicAuth{Username: "AC…", Kind: "account SID and auth token from the environment"}}})
	if err != nil {
		t.Fatal(err)
	}
	m := &messageList{}
	m.WriteString("What the provider says, as TestMessages writes it: cause, consequence, next command.\n")
	m.sending(client)
	m.updates(client)
	m.rollouts(client)
	m.states(client)
	m.input()
	file := filepath.Join("testdata", "messages.txt")
	if *updateMessages {
		if err := os.WriteFile(file, []byte(m.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if got := m.String(); err != nil || got != string(want) {
		gots, wants := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i, line := range gots {
			if i >= len(wants) || line != wants[i] {
				t.Fatalf("%s is out of date (%v); go test -run TestMessages -update-messages writes it. Line %d is now\n%s", file, err, i+1, line)
			}
		}
		t.Fatalf("%s is out of date (%v)", file, err)
	}
}

// messageSID, and what the API knows of the message.
const messageSID = "HG0123456789abcdef0123456789abcdef"

func knownMessage(status, code string) *twilio.Message {
	sim, date := "HS0123456789abcdef0123456789abcdef", twilio.Timestamp("2026-03-01T12:00:00Z")
	m := twilio.Recorded(twilio.MessageParams{SIM: "valve", DevicePort: 5683, Payload: "secret"}, twilio.IPCommand{SID: messageSID, SIMSID: &sim, Status: &status, DateCreated: &date})
	m.ErrorCode = json.Number(code)
	return m
}

func (m *messageList) sending(client *twilio.Client) {
	m.heading("Sending")
	ctx, interrupted := context.Background(), canceledContext()
	broken := errors.New("POST supersim.twilio.com/v1/IpCommands: the other side broke the connection off")
	sent := knownMessage("sent", "")
	windowed, reply := duration{time.Hour, "1h"}, &replyWait{ReplyFilter: twilio.ReplyFilter{DevicePort: 5683}, timeout: duration{30 * time.Second, "30s"}}
	notFound := &rest.APIError{Request: "GET supersim.twilio.com/v1/IpCommands/" + messageSID, StatusCode: 404, Code: "20404", FromAPI: true, Message: "The requested resource was not found"}
	for _, by := range []struct {
		name string
		asker
	}{{"resource", byResource}, {"action", byAction}} {
		s := sender{asker: by.asker, ipCommands: client.IPCommands, timeout: duration{time.Minute, "1m"}, timeoutName: "timeouts.create"}
		inWindow, asks := s, s
		inWindow.window, asks.reply = windowed, reply
		found, lost := *sent, *sent
		found.IsFound, lost.Lost = true, broken
		m.add(by.name+": sent before", inWindow.found(&found)...)
		m.add(by.name+": response lost, message found", s.found(&lost)...)
		m.add(by.name+": failed", s.failed(knownMessage("failed", "")))
		m.add(by.name+": failed with a code", s.failed(knownMessage("failed", "83401")))
		m.add(by.name+": another status", s.strangeStatus(knownMessage("confetti", "")))
		m.add(by.name+": still queued", s.stillQueued(ctx, sent, twilio.ErrWaitTimeout))
		m.add(by.name+": not there yet", s.stillQueued(ctx, sent, fmt.Errorf("%w; %w", twilio.ErrWaitTimeout, notFound)))
		m.add(by.name+": interrupted", s.stillQueued(interrupted, sent, context.Canceled))
		m.add(by.name+": trouble while waiting", asks.stillQueued(ctx, sent, broken))
		m.add(by.name+": no reply", asks.noReply(ctx, sent, twilio.ErrWaitTimeout))
		m.add(by.name+": not sent", s.notSent(sent.Params, &twilio.NotSentError{Err: broken}))
		m.add(by.name+": not sent, with a window", inWindow.notSent(sent.Params, &twilio.NotSentError{Err: broken}))
		for _, e := range []*rest.APIError{
			{StatusCode: 400, Code: "21601", Message: "DevicePort is not valid", MoreInfo: "https://www.twilio.com/docs/errors/21601"}, {StatusCode: 401, Code: "20003", Message: "Authenticate"},
			{StatusCode: 403, Code: "20403", Message: "Forbidden"}, {StatusCode: 404, Code: "20404", Message: "No SIM"},
		} {
			e.Request, e.FromAPI, e.Credentials, e.Advice = "POST supersim.twilio.com/v1/IpCommands", true, client.IPCommands.Credentials.Describe(), twilio.Twilio.Advice(e.StatusCode)
			m.add(fmt.Sprintf("%s: refused with %d", by.name, e.StatusCode), s.notSent(sent.Params, e))
		}
		unknown := twilio.UnknownOutcomeError{Err: broken, Since: start}
		one, failed := unknown, unknown
		one.Candidates, failed.LookErr = []twilio.IPCommand{sent.IPCommand}, errors.New("GET supersim.twilio.com/v1/IpCommands: HTTP 503 Service Unavailable")
		m.add(by.name+": outcome unknown", s.notSent(sent.Params, &unknown))
		m.add(by.name+": outcome unknown, one may be it", s.notSent(sent.Params, &one))
		m.add(by.name+": outcome unknown, the look failed", s.notSent(sent.Params, &failed))
		m.add(by.name+": outcome unknown, with a window", inWindow.notSent(sent.Params, &unknown))
	}
}

// By an update, it is as by a resource, but for these.
func (m *messageList) updates(client *twilio.Client) {
	s := sender{asker: byUpdate("HGfedcba9876543210fedcba9876543210"), ipCommands: client.IPCommands}
	m.add("update: failed", s.failed(knownMessage("failed", "")))
	one := &twilio.UnknownOutcomeError{Err: errors.New("HTTP 502 Bad Gateway"), Candidates: []twilio.IPCommand{knownMessage("sent", "").IPCommand}}
	m.add("update: outcome unknown, one may be it", s.notSent(twilio.MessageParams{SIM: "valve", DevicePort: 5683}, one))
}

func canceledContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func (m *messageList) rollouts(client *twilio.Client) {
	m.heading("Rollouts")
	r := &rollout{client: client, sims: make([]string, 30), maxFailures: 2, ended: map[outcome][]ending{
		outcomeSent: make([]ending, 3), outcomeFound: make([]ending, 1), outcomeNotBegun: make([]ending, 5),
		outcomeFailed:  {{"valve-01", messageSID + " 83401"}},
		outcomeUnknown: {{"valve-02", "POST supersim.twilio.com/v1/IpCommands: the other side broke the connection off."}},
		outcomeQueued:  slices.Repeat([]ending{{"valve-03", messageSID}}, 21),
	}}
	m.add("stopped, without a window", diag.NewErrorDiagnostic("Rollout did not end well for all SIMs", r.summary(context.Background(), nil)))
	r.ended, r.window = map[outcome][]ending{outcomeNotBegun: make([]ending, 30)}, duration{time.Hour, "1h"}
	m.add("a look that failed", diag.NewErrorDiagnostic("Rollout did not end well for all SIMs", r.summary(context.Background(), errors.New("GET supersim.twilio.com/v1/IpCommands: HTTP 503"))))
	m.add("interrupted", diag.NewErrorDiagnostic("Rollout did not end well for all SIMs", r.summary(canceledContext(), nil)))
}

func (m *messageList) states(client *twilio.Client) {
	m.heading("Refresh, plan and import")
	r := &ipCommandResource{data: &providerData{client: client, clock: clock.NewFake(start.Add(24 * time.Hour))}}
	m.add("404 in a refresh", r.warnOfLost(knownMessage("queued", "").IPCommand)...)
	state := importedModel(knownMessage("sent", "").IPCommand)
	state.Payload, state.DevicePort, state.PayloadType = types.StringValue(`{"a": 1}`), types.Int64Value(1), types.StringNull()
	plan := state
	plan.SIM, plan.Payload, plan.PayloadType = types.StringValue("valve"), types.StringValue(`{"a":1}`), types.StringValue("text")
	m.add("first plan after an import", newMessageChange(state, plan, plan, true).takesOver...)
	m.add("import of an unknown SID", diag.NewErrorDiagnostic("IP Command was not found", ipCommandNotFound(messageSID)))
	m.add("data source of an unknown Command", diag.NewErrorDiagnostic("Command was not found", command.notFound("DC0123456789abcdef0123456789abcdef")))
	summary, detail := ipCommands.failure(errors.New("GET supersim.twilio.com/v1/IpCommands: HTTP 503 Service Unavailable"), 0)
	m.add("a list that fails", diag.NewErrorDiagnostic(summary, detail))
	m.add("an empty fleet", diag.NewWarningDiagnostic("No SIMs match", superSIMs.empty(map[string]string{"fleet": "valves"})))
}

func (m *messageList) input() {
	m.heading("Input")
	m.invalid("status", oneOf("queued", "sent", "received", "failed"), "FAILED")
	m.invalid("callback_method", oneOf("GET", "POST"), "get")
	m.invalid("sim", notBlank("sim", "Give the SID (HS and 32 hexadecimal digits) or the unique name of a Super SIM."), " ")
	m.invalid("request_timeout", positiveDuration(""), "30")
	m.invalid("deduplication_window", windowValidator(), "-1h", "720h")
	m.invalid("callback_url", webURL("callback_url"), "example.com")
	m.invalid("endpoints.supersim", apiURL(), "http://example.com")
	m.invalid("sid", sidRule("IP Command", "HG"), "HG1")
	for _, payload := range []struct{ payload, kind string }{{"", "text"}, {strings.Repeat("x", 1301), "text"}, {"x!", "binary"}} {
		m.add("payload", diag.NewErrorDiagnostic("Invalid payload", checkPayload(payload.payload, payload.kind)))
	}
	for _, digits := range []string{"0x01", "01 0"} {
		_, err := hexToBase64(digits)
		m.add(fmt.Sprintf("hex_to_base64(%q)", digits), diag.NewErrorDiagnostic("Error in function call", sentence(err)))
	}
	for _, environment := range []map[string]string{{}, {"TWILIO_API_KEY": "SK0123456789abcdef0123456789abcdef"}} {
		_, diags := providerModel{}.clientConfig(process{
			getenv: func(name string) string { return environment[name] }, home: func() (string, error) { return "/nowhere", nil }, clock: clock.System{},
		})
		m.add(fmt.Sprintf("credentials: %v", environment), diags...)
	}
}
