package twilio

import (
	"context"
	"time"
)

// send is Send without a window.
func (c *Client) send(ctx context.Context, p MessageParams, deadline time.Time) (*Message, error) {
	return c.IPCommands.Send(ctx, p, SendOptions{Deadline: deadline})
}

// findSent is what Send does first, with a window.
func (c *Client) findSent(ctx context.Context, p MessageParams, window time.Duration, deadline time.Time) (m *Message, found bool, err error) {
	m = Recorded(p, IPCommand{})
	if c.IPCommands.registry.pay(m, p.SIM) {
		return m, false, nil
	}
	err = c.IPCommands.findSentBefore(ctx, m, SendOptions{Window: window, Deadline: deadline})
	return m, m.IsFound, err
}

// giveUp gives up a message that was sent to a SIM as the command with this SID, for
// an equal one if isReplaced.
func (c *Client) giveUp(sid, simSID string, p MessageParams, isReplaced bool) {
	var by *Replacement
	if isReplaced {
		by = &Replacement{p, true}
	}
	c.IPCommands.GiveUp(Recorded(p, IPCommand{SID: sid, SIMSID: &simSID}), by)
}

// waitUntilSent is WaitUntilSent of a copy.
func (c *Client) waitUntilSent(ctx context.Context, m *Message, deadline time.Time) (IPCommand, error) {
	waiting := Recorded(m.Params, m.IPCommand)
	err := c.IPCommands.WaitUntilSent(ctx, waiting, deadline)
	return waiting.IPCommand, err
}

func (c *Client) waitForReply(ctx context.Context, cmd IPCommand, f ReplyFilter, deadline time.Time) (IPCommand, error) {
	return c.IPCommands.WaitForReply(ctx, Recorded(MessageParams{}, cmd), f, deadline)
}

func (c *Client) findReply(ctx context.Context, cmd IPCommand, f ReplyFilter) (reply IPCommand, found bool, err error) {
	return c.IPCommands.FindReply(ctx, Recorded(MessageParams{}, cmd), f)
}

func (c *Client) refresh(ctx context.Context, known IPCommand) (IPCommand, error) {
	m := Recorded(MessageParams{}, known)
	err := c.IPCommands.Refresh(ctx, m)
	return m.IPCommand, err
}
