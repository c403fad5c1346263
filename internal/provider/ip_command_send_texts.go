package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

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
	// isQueued and queued tell of a message whose end was not seen, and noReply of a
	// reply that did not come.
	isQueued, queued, noReply string
	// canImport reports whether a command that may be the message can be imported to
	// the address that the error names.
	canImport bool
}

var byResource = asker{
	keeps: true, again: "apply", canImport: true,
	found:      "It is recorded",
	failed:     " The resource is tainted: the next apply sends a new message. To keep this one, run terraform untaint for the resource.",
	notSent:    " The next apply tries again.",
	notSentYet: " The next apply looks first, and sends it if it is not there.", // It may find the message that this one was to replace.
	isQueued:   " is in the state and",
	queued:     "The next apply records what became of it.",
	noReply:    " reply is null; each plan and apply looks once more, until 31 days have passed.",
}

var byAction = asker{
	again: "invoke the action", found: "It is taken for this one",
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
			"%s, created at %s, is this message, and the newest to port %d of SIM %s. %s, and nothing was sent (deduplication_window = %s). To send it all the same, change the payload.",
			m.SID, dateText(s.ipCommands.Shown(m).DateCreated), m.Params.DevicePort, m.Params.SIM, s.asker.found, s.window))
	}
	if m.Lost != nil {
		diags.AddWarning("IP Command was found after its response was lost", fmt.Sprintf(
			"The response to the request that sent the message to SIM %s was lost. A new command of the SIM that carries it, %s, was found and taken for it; nothing was sent again. Cause: %s",
			m.Params.SIM, m.SID, sentence(m.Lost)))
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
	why := "does not say why"
	switch cmd.ErrorCode {
	case "":
	case "83401":
		why = "says that the device was not attached to a network (error code 83401)"
	default:
		why = fmt.Sprintf("gives the error code %s", cmd.ErrorCode)
	}
	return fmt.Sprintf("%s to SIM %s was accepted, but the API could not send it, and %s. "+
		"Check that the device is on, has coverage and a data connection, and that its SIM's fleet has data enabled.", cmd.SID, orNull(cmd.SIMSID), why)
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
		return diag.NewErrorDiagnostic("IP Command was not sent", fmt.Sprintf("No message was sent to SIM %s. %s%s", p.SIM, sentence(err), next))
	case errors.As(err, &api) && api.StatusCode == http.StatusNotFound:
		return diag.NewAttributeErrorDiagnostic(path.Root("sim"), "IP Command was refused", fmt.Sprintf(
			"The API knows no SIM %s (HTTP 404), and nothing was sent. Give the SID or the unique name of a Super SIM of the account that the provider uses: %s.", p.SIM, api.Credentials))
	}
	return diag.NewErrorDiagnostic("IP Command was refused", fmt.Sprintf("The API refused the message to SIM %s, and nothing was sent. %s", p.SIM, sentence(err)))
}

// unknownOutcome is the error of rule R2: what happened, what was found, and the
// one next step.
func (s sender) unknownOutcome(p twilio.MessageParams, err *twilio.UnknownOutcomeError) diag.Diagnostic {
	var b strings.Builder
	fmt.Fprintf(&b, "The response to the request that sends the message to port %d of SIM %s was lost. The device may or may not get it, and nothing was sent a second time. Cause: %s\n\n", p.DevicePort, p.SIM, sentence(err.Err))
	since := "since this apply began"
	if !err.Since.IsZero() {
		since = "since " + err.Since.UTC().Format(time.RFC3339)
	}
	switch n := len(err.Candidates); {
	case err.LookErr != nil:
		fmt.Fprintf(&b, "Looking for it failed: %s\n\n", sentence(err.LookErr))
	case n == 0:
		fmt.Fprintf(&b, "No command of the SIM carries the message %s.\n\n", since)
	}
	if n := len(err.Candidates); n > 0 {
		fmt.Fprintf(&b, "Of the SIM's commands %s, these carry the same message:\n", since)
		for _, c := range err.Candidates {
			fmt.Fprintf(&b, "  %s  %s  %s\n", c.SID, dateText(c.DateCreated), orNull(c.Status))
		}
		b.WriteString("\n")
	}
	switch {
	case s.window.Duration > 0:
		fmt.Fprintf(&b, "%s again. It looks first, and sends only if the message is not there.", capital(s.again))
	case s.canImport && len(err.Candidates) == 1:
		fmt.Fprintf(&b, "If that is this message, record it, with the address of this resource:\n\n  terraform import 'ADDRESS' %s\n\nOr else the next apply sends the message again.", err.Candidates[0].SID)
	default:
		fmt.Fprintf(&b, "Set deduplication_window = \"1h\" and %s again. It then looks first, and sends only if the message is not there. Without that, it sends the message again.", s.again)
	}
	return diag.NewErrorDiagnostic("IP Command may or may not have been sent", b.String())
}
