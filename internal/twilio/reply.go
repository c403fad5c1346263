package twilio

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// ReplyFilter says what a device's answer to a message is (rule R11).
type ReplyFilter struct {
	// DevicePort is the UDP port that it comes from, 1 to 65535.
	DevicePort int64
	// Pattern, when not nil, matches somewhere in the answer: in its text where
	// the bytes are UTF-8, else in their lower-case hexadecimal digits.
	Pattern *regexp.Regexp
}

// Bytes returns what was sent or received, and false where the API does not
// tell.
func (c IPCommand) Bytes() ([]byte, bool) {
	switch {
	case c.Payload == nil:
		return nil, false
	case c.PayloadType != nil && *c.PayloadType == PayloadText:
		return []byte(*c.Payload), true
	}
	bytes, err := base64.StdEncoding.DecodeString(*c.Payload)
	return bytes, err == nil
}

// mayAnswer returns what may be an answer to a message: from its SIM and the port,
// no older than it by the API's dates, and with the pattern, which Terraform has in
// one normalisation, and the device perhaps in another.
func (f ReplyFilter) mayAnswer(message IPCommand) func(IPCommand) bool {
	return func(cmd IPCommand) bool {
		if cmd.Direction == nil || *cmd.Direction != DirectionFromSIM || cmd.SIMSID == nil || !strings.EqualFold(*cmd.SIMSID, *message.SIMSID) ||
			cmd.DevicePort == nil || *cmd.DevicePort != f.DevicePort || createdAt(cmd).Before(createdAt(message)) {
			return false
		}
		payload, ok := cmd.Bytes()
		switch {
		case !ok || f.Pattern == nil:
			return ok
		case utf8.Valid(payload):
			return f.Pattern.MatchString(nfc(string(payload)))
		}
		return f.Pattern.MatchString(hex.EncodeToString(payload))
	}
}

// replies are the answers that messages of this process have, so that no two
// have the same.
type replies struct {
	mu    sync.Mutex
	taken map[string]bool // by SID
}

// take takes the oldest of the answers, newest first, that nobody has.
func (r *replies) take(answers []IPCommand) (IPCommand, bool) {
	slices.Reverse(answers)
	slices.SortStableFunc(answers, func(a, b IPCommand) int { return createdAt(a).Compare(createdAt(b)) })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, answer := range answers {
		if !r.taken[answer.SID] {
			r.taken[answer.SID] = true
			return answer, true
		}
	}
	return IPCommand{}, false
}

// ErrReplyNotTold is a message of which the API does not tell what its answer is
// recognised by.
var ErrReplyNotTold = errors.New("the API does not tell its SIM and when it was created, without which nobody knows what answers it")

// WaitForReply is rule R11: it waits until the device has answered a message that
// has left, and returns the oldest answer that no other message of the process
// has. deadline is by the client's clock. All that wait share what they read.
// secrets are what must not be shown of the message.
//
// An error means that there is no answer yet, or that nobody knows: ErrWaitTimeout,
// the error of ctx, or trouble while reading.
func (c *Client) WaitForReply(ctx context.Context, message IPCommand, f ReplyFilter, deadline time.Time, secrets []string) (reply IPCommand, err error) {
	w, err := c.replyWaiter(message, f, secrets)
	if err != nil {
		return IPCommand{}, err
	}
	defer c.fromSIM.join(w)()
	err = c.wait(ctx, c.fromSIM, w, deadline, func(answers []IPCommand) (ok bool) {
		reply, ok = c.replies.take(answers)
		return ok
	})
	if err == nil {
		c.Log(ctx, "The device has answered", map[string]any{"sid": message.SID, "reply": reply.SID})
	}
	return reply, err
}

// lateReplyPages bounds how many pages FindReply reads, of the largest size.
const lateReplyPages = 2

// FindReply is the late look of rule R11: it looks once for the answer to a
// message, in one list of both directions. It knows only the API, and not which
// answers other messages have, so it takes what cannot be another's: the oldest
// answer before the next message to that port, or to the SIM where the answer comes
// from another port than the message went to. A message that failed is passed over:
// nothing answers it.
func (c *Client) FindReply(ctx context.Context, message IPCommand, f ReplyFilter, secrets []string) (reply IPCommand, found bool, err error) {
	since, dated := message.Created()
	if !dated || message.SIMSID == nil {
		return IPCommand{}, false, ErrReplyNotTold
	}
	r := c.superSIMRequest(ipCommandsPath)
	r.Secrets = secrets
	mayAnswer := f.mayAnswer(message)
	isNext := func(cmd IPCommand) bool {
		samePort := message.DevicePort == nil || f.DevicePort != *message.DevicePort || cmd.DevicePort == nil || *cmd.DevicePort == *message.DevicePort
		return cmd.Direction != nil && *cmd.Direction == DirectionToSIM && samePort && !cmd.IsFailed()
	}
	isOlder := func(cmd IPCommand) bool { return createdAt(cmd).Before(since) }
	opts := ListOptions{PageSize: c.platform.MaxIPCommandsPage, MaxPages: lateReplyPages}
	for cmd, err := range c.look(ctx, r, IPCommandFilter{SIM: *message.SIMSID}, opts, isOlder) {
		switch {
		case err != nil:
			return IPCommand{}, false, err
		case cmd.SID == message.SID:
			return reply, found, nil
		case isNext(cmd):
			reply, found = IPCommand{}, false // What is newer is answered to that one.
		case mayAnswer(cmd):
			reply, found = cmd, true
		}
	}
	return reply, found, nil
}

func (c *Client) replyWaiter(message IPCommand, f ReplyFilter, secrets []string) (*waiter, error) {
	since, dated := message.Created()
	if !dated || message.SIMSID == nil {
		return nil, ErrReplyNotTold
	}
	w := &waiter{wants: f.mayAnswer(message), all: true, since: since, secrets: secrets}
	w.ask = func(ctx context.Context, until time.Time) ([]IPCommand, error) {
		r := c.superSIMRequest(ipCommandsPath)
		r.Deadline, r.Secrets = until, secrets
		isOlder := func(cmd IPCommand) bool { return createdAt(cmd).Before(since) }
		var answers []IPCommand
		for cmd, err := range c.look(ctx, r, IPCommandFilter{SIM: *message.SIMSID, Direction: DirectionFromSIM}, ListOptions{PageSize: lookPageSize, MaxPages: lookPages}, isOlder) {
			if err != nil {
				return nil, err
			}
			if w.wants(cmd) {
				answers = append(answers, cmd)
			}
		}
		return answers, nil
	}
	return w, nil
}
