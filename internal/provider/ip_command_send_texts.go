package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// asker is who has a message sent, by what the user reads.
type asker struct {
	// keeps reports whether the message is in the state. What is not known in the end
	// is then a warning: an error would taint the resource, and the next apply send
	// the message again. An action has nothing to lose by an error.
	keeps bool
	// again is what the user does to have the message sent.
	again string
	// Each of these ends a text: on a message that was sent before, on one that
	// failed, and on one that was not sent, without a window and with one.
	found, failed, notSent, notSentYet string
	// queued and noReply are what becomes of a message whose end was not seen, and of
	// a reply that did not come.
	isQueued, queued, noReply string
	// canImport reports whether a command that may be the message can be imported to
	// the address that the error names.
	canImport bool
}

var byResource = asker{
	keeps: true, again: "apply", canImport: true,
	found:      "It is recorded",
	failed:     " The resource is marked as tainted: the next apply sends a new message.",
	notSent:    ", and the next apply tries again.",
	notSentYet: ". The next apply looks first, and sends it if it is not the newest to this port.", // It may find the message that this one was to replace.
	isQueued:   " is in the state and",
	queued:     "The next apply records what became of it.",
	noReply:    " reply is null; each plan and apply looks once more, until 31 days have passed.",
}

var byAction = asker{
	again: "invoke the action",
	found: "It is taken for this one", notSent: ".", notSentYet: ".",
	queued:  "The data source twilio_ip_command reads what became of it.",
	noReply: " The data source twilio_ip_commands (direction from_sim) reads what the device sends later.",
}

// byUpdate is a resource that keeps the message before this one if this one fails.
func byUpdate(before string) asker {
	a := byResource
	a.canImport = false
	a.failed = fmt.Sprintf(" The state keeps the message before it, %s: the next plan replaces that, which sends a new message.", before)
	return a
}

// found warns of a message that was not sent now, or whose response was lost.
func (s sender) found(m *twilio.Message) (diags diag.Diagnostics) {
	if m.IsFound {
		diags.AddWarning("IP Command was sent before", fmt.Sprintf(
			"This message to port %d of SIM %s was sent before, and no different one since: %s, created at %s, within the deduplication_window of %s. %s, and nothing was sent. To send it all the same, change the payload.",
			m.Params.DevicePort, m.Params.SIM, m.SID, dateText(s.ipCommands.Shown(m).DateCreated), s.window, s.asker.found))
	}
	if m.Lost != nil {
		diags.AddWarning("IP Command was found after its response was lost", fmt.Sprintf(
			"The response to the request that sent the message to SIM %s was lost (%v). A new command of the SIM that carries the message, %s, was found and taken for it; nothing was sent again.",
			m.Params.SIM, m.Lost, m.SID))
	}
	return diags
}

func (s sender) strangeStatus(m *twilio.Message) diag.Diagnostic {
	return diag.NewWarningDiagnostic("IP Command has a status that the provider does not know", fmt.Sprintf(
		"%s is no longer queued, but %q. Whether it has left for the device, this version of the provider can't tell; it will not be sent again.", m.SID, *s.ipCommands.Shown(m).Status))
}

func (s sender) failed(m *twilio.Message) diag.Diagnostic {
	return diag.NewErrorDiagnostic("IP Command failed", failedDetail(s.ipCommands.Shown(m))+s.asker.failed)
}

// failedDetail says of a message that failed why, as far as the API tells, and
// what to check.
func failedDetail(cmd twilio.IPCommand) string {
	code := "The API does not say why."
	if cmd.ErrorCode != "" {
		code = fmt.Sprintf("Its error code is %s.", cmd.ErrorCode)
	}
	return fmt.Sprintf("%s to SIM %s has the status failed: the API accepted the message, but could not send it. %s "+
		"Error 83401 means that the device was not attached to a network, 83400 any other reason. "+
		"Check that the device is switched on, has coverage and a data connection, and that its SIM's fleet has data enabled; beyond that, only the platform's support can tell.",
		cmd.SID, orNull(cmd.SIMSID), code)
}

// stillQueued is a message whose end was not seen (rule R4). An action that waits for
// a reply has none, which is an error.
func (s sender) stillQueued(ctx context.Context, m *twilio.Message, err error) diag.Diagnostic {
	var why string
	switch {
	case errors.Is(err, twilio.ErrWaitTimeout) && twilio.IsNotFound(err):
		why = fmt.Sprintf("the API did not know it yet after %s (%s)", s.timeout, s.timeoutName)
	case errors.Is(err, twilio.ErrWaitTimeout):
		why = fmt.Sprintf("it was still queued after %s (%s)", s.timeout, s.timeoutName)
	case ctx.Err() != nil:
		why = "apply was interrupted"
	default:
		why = "its status could not be read: " + strings.TrimRight(err.Error(), ".")
	}
	summary := "IP Command was accepted but is still queued"
	detail := fmt.Sprintf("%s%s will not be sent again: %s. %s", m.SID, s.isQueued, why, s.queued)
	if s.reply != nil && !s.keeps {
		return diag.NewErrorDiagnostic(summary, detail+" So there is no reply from the device.")
	}
	return diag.NewWarningDiagnostic(summary, detail)
}

// noReply is a message that has left and got no reply (rule R11).
func (s sender) noReply(ctx context.Context, m *twilio.Message, err error) diag.Diagnostic {
	var why string
	switch {
	case errors.Is(err, twilio.ErrWaitTimeout):
		why = fmt.Sprintf("there was none within %s (wait_for_reply.timeout)", s.reply.timeout)
	case ctx.Err() != nil:
		why = "apply was interrupted"
	default:
		why = "its messages could not be read: " + strings.TrimRight(err.Error(), ".")
	}
	detail := fmt.Sprintf("%s has left for the device, but no reply from port %d is known: %s. The message will not be sent again.%s", m.SID, s.reply.DevicePort, why, s.asker.noReply)
	if s.keeps {
		return diag.NewWarningDiagnostic("No reply from the device yet", detail)
	}
	return diag.NewErrorDiagnostic("No reply from the device", detail)
}

// notSent is the error for a message that did not go out, or of which nobody
// knows whether it did.
func (s sender) notSent(p twilio.MessageParams, err error) diag.Diagnostic {
	var unknown *twilio.UnknownOutcomeError
	var api *rest.APIError
	switch {
	case errors.As(err, &unknown):
		return s.unknownOutcome(p, unknown)
	case errors.As(err, new(*twilio.NotSentError)):
		next := s.asker.notSent
		if s.window.Duration > 0 {
			next = s.notSentYet
		}
		return diag.NewErrorDiagnostic("IP Command was not sent", fmt.Sprintf("No message was sent to SIM %s%s %s", p.SIM, next, sentence(err)))
	}
	detail := fmt.Sprintf("The API did not accept the message to SIM %s; nothing was sent. %s", p.SIM, sentence(err))
	if errors.As(err, &api) && api.StatusCode == http.StatusNotFound {
		detail += " Check that sim is the SID or the unique name of a Super SIM of the account that the provider uses."
	}
	return diag.NewErrorDiagnostic("IP Command was refused", detail)
}

// unknownOutcome is the error of rule R2: what happened, what was found, and the
// one next step.
func (s sender) unknownOutcome(p twilio.MessageParams, err *twilio.UnknownOutcomeError) diag.Diagnostic {
	var b strings.Builder
	fmt.Fprintf(&b, "The response to the request that sends the message to SIM %s (port %d, %s) was lost, so the device may or may not get the message. Nothing was sent a second time.\n\n", p.SIM, p.DevicePort, p.PayloadType)
	fmt.Fprintf(&b, "Cause: %s\n\n", sentence(err.Err))
	since := "since this apply began"
	if !err.Since.IsZero() {
		since = "since " + err.Since.UTC().Format(time.RFC3339)
	}
	if err.LookErr != nil {
		fmt.Fprintf(&b, "Looking for it failed: %s\n\n", sentence(err.LookErr))
	}
	switch n := len(err.Candidates); {
	case n == 0 && err.LookErr == nil:
		fmt.Fprintf(&b, "No command of the SIM carries the message %s. It may still appear.\n\n", since)
	case n == 1:
		fmt.Fprintf(&b, "One command of the SIM carries the same message %s. It may be this one, or an equal one from elsewhere:\n", since)
	case n > 1:
		fmt.Fprintf(&b, "%d commands of the SIM carry the same message %s. Any of them, or none, may be this one:\n", n, since)
	}
	for _, c := range err.Candidates {
		fmt.Fprintf(&b, "  %s  %s  %s\n", c.SID, dateText(c.DateCreated), orNull(c.Status))
	}
	if len(err.Candidates) > 0 {
		b.WriteString("\n")
	}
	switch {
	case s.window.Duration > 0:
		fmt.Fprintf(&b, "%s again. It looks first, as far back as the deduplication_window of %s, and sends only if the message is not the newest one to this port.", capital(s.again), s.window)
	case s.canImport && len(err.Candidates) == 1:
		fmt.Fprintf(&b, "If it is this one, record it, or else the next apply sends the message again:\n\n  terraform import 'ADDRESS' %s\n\nADDRESS is the resource that this error names first.", err.Candidates[0].SID)
	default:
		fmt.Fprintf(&b, "Set deduplication_window = \"1h\" and %s again: it then looks first, and sends only if the message is not the newest one to this port. Without that, it sends the message again.", s.again)
	}
	return diag.NewErrorDiagnostic("IP Command may or may not have been sent", b.String())
}
