package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// sender sends a message, and records and reports what becomes of it. What it says
// is in ip_command_send_texts.go.
type sender struct {
	// asker is who has the message sent.
	asker
	ipCommands *twilio.IPCommands
	// deadline, by the client's clock, ends the waiting; timeout is how long
	// that is, and timeoutName the argument that says so.
	deadline    time.Time
	timeout     duration
	timeoutName string
	// wait reports whether to wait until the message has left (rule R4).
	wait bool
	// window is how old an equal message may be that is taken instead of being
	// sent again (rule R10); zero means not to look for one.
	window duration
	// reply is the reply to wait for (rule R11), and recordReply is called with
	// it; nil means not to wait.
	reply       *replyWait
	recordReply func(twilio.IPCommand) diag.Diagnostics
	// record is called with the message as soon as anything new is known of it, and
	// before anything else happens (rule R3).
	record func(*twilio.Message) diag.Diagnostics
	// mayBeSent is called where nobody knows whether the message was sent; nil means
	// that nobody wants to know.
	mayBeSent func()
}

// send sends the message. It returns an error when no message went out, when
// nobody can know, or when the message failed; and a warning where the
// message is on its way, but its end was not seen.
func (s sender) send(ctx context.Context, p twilio.MessageParams) diag.Diagnostics {
	m, err := s.ipCommands.Send(ctx, p, twilio.SendOptions{Window: s.window.Duration, Deadline: s.deadline})
	if err != nil {
		if s.mayBeSent != nil && errors.As(err, new(*twilio.UnknownOutcomeError)) {
			s.mayBeSent()
		}
		return diag.Diagnostics{s.notSent(p, err)}
	}
	diags := s.record(m)
	diags.Append(s.found(m)...)
	if s.wait {
		err = s.ipCommands.WaitUntilSent(ctx, m, s.deadline)
		diags.Append(s.record(m)...)
	}
	switch {
	case m.IsFailed():
		diags.Append(s.failed(m))
	case err != nil:
		diags.Append(s.stillQueued(ctx, m, err))
	case s.wait && *m.Status != twilio.StatusSent && *m.Status != twilio.StatusReceived:
		diags.Append(s.strangeStatus(m))
	case s.wait && s.reply != nil:
		reply, err := s.ipCommands.WaitForReply(ctx, m, s.reply.ReplyFilter, s.ipCommands.Clock.Now().Add(s.reply.timeout.Duration))
		if err != nil {
			diags.Append(s.noReply(ctx, m, err))
		} else {
			diags.Append(s.recordReply(reply)...)
		}
	}
	return diags
}
