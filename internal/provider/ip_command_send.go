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

// sender sends a message and tells the user what became of it. It knows
// nothing of the object that asked for it.
type sender struct {
	client *twilio.Client
	// deadline, by the client's clock, ends the waiting; timeout is how long
	// that is, and timeoutName the argument that says so.
	deadline    time.Time
	timeout     time.Duration
	timeoutName string
	// wait reports whether to wait until the message has left (rule R4).
	wait bool
	// window is how old an equal message may be that is taken instead of being
	// sent again (rule R10); zero means not to look for one.
	window time.Duration
	// reply is the answer to wait for (rule R11), and recordReply is called with
	// it; nil means not to wait.
	reply       *replyWait
	recordReply func(twilio.IPCommand) diag.Diagnostics
	// record is called with what is known of the command as soon as it is
	// known, and before anything else happens (rule R3).
	record func(twilio.IPCommand) diag.Diagnostics
	// inState reports whether the command is recorded in the state, as a
	// resource. before is the SID of the command that stays there instead if this
	// one fails; empty where there is none.
	inState bool
	before  string
	// mayBeSent is called where nobody knows whether the message was sent; nil means
	// that nobody wants to know.
	mayBeSent func()
}

// send sends the message. It returns an error when no message went out, when
// nobody can know, or when the message failed; and a warning where the
// message is on its way, but its end was not seen.
func (s sender) send(ctx context.Context, p twilio.IPCommandParams) diag.Diagnostics {
	sent, found, err := s.client.FindSent(ctx, p, s.window, s.deadline)
	if err == nil && !found {
		sent, err = s.client.Send(ctx, p, s.deadline)
	}
	if err != nil {
		return diag.Diagnostics{s.notSent(p, err)}
	}
	diags := s.record(sent.IPCommand)
	if found {
		end := "It is taken for this one"
		if s.inState {
			end = "It is recorded"
		}
		diags.AddWarning("IP Command was sent before", fmt.Sprintf(
			"This message to port %d of SIM %s was sent before, and no different one since: %s, created at %s, within the deduplication_window of %s. %s, and nothing was sent. To send it all the same, change the payload.",
			p.DevicePort, p.SIM, sent.SID, dateText(s.client.Shown(sent.IPCommand, p.Secrets()).DateCreated), s.window, end))
	}
	if sent.Adopted != nil {
		diags.AddWarning("IP Command was found after its answer was lost", fmt.Sprintf(
			"The answer to the request that sent the message to SIM %s was lost (%v). A new command of the SIM that carries the message, %s, was found and taken for it; nothing was sent again.",
			p.SIM, sent.Adopted, sent.SID))
	}
	cmd := sent.IPCommand
	if s.wait {
		var waitErr error
		cmd, waitErr = s.client.WaitUntilSent(ctx, sent, s.deadline)
		diags.Append(s.record(cmd)...)
		switch {
		case waitErr != nil:
			diags.Append(s.stillQueued(ctx, cmd, waitErr))
		case *cmd.Status != twilio.StatusSent && *cmd.Status != twilio.StatusReceived && !cmd.IsFailed():
			diags.AddWarning("IP Command has a status that the provider does not know", fmt.Sprintf(
				"%s is no longer queued, but %q. Whether it has left for the device, this version of the provider can't tell; it will not be sent again.", cmd.SID, *s.client.Shown(cmd, p.Secrets()).Status))
		case s.reply != nil && !cmd.IsFailed():
			diags.Append(s.waitForReply(ctx, cmd, p)...)
		}
	}
	if cmd.IsFailed() {
		detail := failedDetail(s.client.Shown(cmd, p.Secrets()))
		switch {
		case s.before != "":
			detail += fmt.Sprintf(" The state keeps the message before it, %s: the next plan replaces that, which sends a new message.", s.before)
		case s.inState:
			detail += " The resource is marked as tainted: the next apply sends a new message."
		}
		diags.AddError("IP Command failed", detail)
	}
	return diags
}

// stillQueued is a warning and not an error, since an error would taint the
// resource and have the next apply send the message again (rule R4). An action
// that is to wait for an answer has none, which is an error.
func (s sender) stillQueued(ctx context.Context, cmd twilio.IPCommand, err error) diag.Diagnostic {
	var why string
	switch {
	case errors.Is(err, twilio.ErrWaitTimeout) && rest.IsNotFound(err):
		why = fmt.Sprintf("the API did not know it yet after %s (%s)", s.timeout, s.timeoutName)
	case errors.Is(err, twilio.ErrWaitTimeout):
		why = fmt.Sprintf("it was still queued after %s (%s)", s.timeout, s.timeoutName)
	case ctx.Err() != nil:
		why = "apply was interrupted"
	default:
		why = "its status could not be read: " + strings.TrimRight(err.Error(), ".")
	}
	detail := fmt.Sprintf("%s will not be sent again: %s. The data source twilio_ip_command reads what became of it.", cmd.SID, why)
	if s.inState {
		detail = fmt.Sprintf("%s is in the state and will not be sent again: %s. The next apply records what became of it.", cmd.SID, why)
	}
	summary := "IP Command was accepted but is still queued"
	if s.reply != nil && !s.inState { // Rule R11.
		return diag.NewErrorDiagnostic(summary, detail+" So there is no answer from the device.")
	}
	return diag.NewWarningDiagnostic(summary, detail)
}

// notSent is the error for a message that did not go out, or of which nobody
// knows whether it did.
func (s sender) notSent(p twilio.IPCommandParams, err error) diag.Diagnostic {
	var unknown *twilio.UnknownOutcomeError
	if errors.As(err, &unknown) {
		if s.mayBeSent != nil {
			s.mayBeSent()
		}
		return s.unknownOutcome(p, unknown)
	}
	var notSent *twilio.NotSentError
	if errors.As(err, &notSent) {
		next := "."
		switch {
		case s.inState && s.window > 0: // It may find a message that this one was to replace.
			next = ". The next apply looks first, and sends it if it is not the newest to this port."
		case s.inState:
			next = ", and the next apply tries again."
		}
		return diag.NewErrorDiagnostic("IP Command was not sent", fmt.Sprintf("No message was sent to SIM %s%s %s", p.SIM, next, sentence(err)))
	}
	detail := fmt.Sprintf("The API did not accept the message to SIM %s; nothing was sent. %s", p.SIM, sentence(err))
	if api := (*rest.APIError)(nil); errors.As(err, &api) && api.StatusCode == http.StatusNotFound {
		detail += " Check that sim is the SID or the unique name of a Super SIM of the account that the provider uses."
	}
	return diag.NewErrorDiagnostic("IP Command was refused", detail)
}

// unknownOutcome is the error of rule R2: what happened, what was found, and the
// one next step.
func (s sender) unknownOutcome(p twilio.IPCommandParams, err *twilio.UnknownOutcomeError) diag.Diagnostic {
	var b strings.Builder
	fmt.Fprintf(&b, "The answer to the request that sends the message to SIM %s (port %d, %s) was lost, so the device may or may not get the message. Nothing was sent a second time.\n\n", p.SIM, p.DevicePort, p.PayloadType)
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
	again := "apply"
	if !s.inState {
		again = "invoke the action"
	}
	switch {
	case s.window > 0:
		fmt.Fprintf(&b, "%s again. It looks first, as far back as the deduplication_window of %s, and sends only if the message is not the newest one to this port.", capital(again), s.window)
	case s.inState && s.before == "" && len(err.Candidates) == 1:
		fmt.Fprintf(&b, "If it is this one, record it, or else the next apply sends the message again:\n\n  terraform import 'ADDRESS' %s\n\nADDRESS is the resource that this error names first.", err.Candidates[0].SID)
	default:
		fmt.Fprintf(&b, "Set deduplication_window = \"1h\" and %s again: it then looks first, and sends only if the message is not the newest one to this port. Without that, it sends the message again.", again)
	}
	return diag.NewErrorDiagnostic("IP Command may or may not have been sent", b.String())
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
