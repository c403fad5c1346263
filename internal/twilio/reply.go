package twilio

import (
	"context"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// ReplyFilter says what a device's reply to a message is (rule R11).
type ReplyFilter struct {
	// DevicePort is the UDP port that it comes from, 1 to 65535.
	DevicePort int64
	// Pattern, when not nil, matches somewhere in the reply: in its text where
	// the bytes are UTF-8, else in their lower-case hexadecimal digits.
	Pattern *regexp.Regexp
}

// mayReply returns what may be a reply to a message: from its SIM and the port,
// no older than it by the API's dates, and with the pattern, which Terraform has in
// one normalisation, and the device perhaps in another.
func (f ReplyFilter) mayReply(message IPCommand) func(IPCommand) bool {
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

// replies are those that messages of this process have, so that no two
// have the same.
type replies struct {
	mu    sync.Mutex
	taken map[string]bool // by SID
}

// take takes the oldest of the candidates, newest first, that nobody has.
func (r *replies) take(candidates []IPCommand) (IPCommand, bool) {
	slices.Reverse(candidates)
	slices.SortStableFunc(candidates, func(a, b IPCommand) int { return createdAt(a).Compare(createdAt(b)) })
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, reply := range candidates {
		if !r.taken[reply.SID] {
			r.taken[reply.SID] = true
			return reply, true
		}
	}
	return IPCommand{}, false
}

// ErrReplyNotTold is a message of which the API does not tell what its reply is
// recognised by.
var ErrReplyNotTold = errors.New("the API does not tell its SIM and when it was created, without which nobody knows what replies to it")

// WaitForReply is rule R11: it waits until the device has replied to a message that
// has left, and returns the oldest reply that no other message of the process has.
// deadline is by the client's clock. All waits of a process share what is read.
//
// An error means that there is no reply yet, or that nobody knows: ErrWaitTimeout,
// the error of ctx, or trouble while reading.
func (s *IPCommands) WaitForReply(ctx context.Context, m *Message, f ReplyFilter, deadline time.Time) (reply IPCommand, err error) {
	ended := make(chan struct{})
	s.WatchForReply(ctx, m, f, deadline, func(r IPCommand, e error) {
		reply, err = r, e
		close(ended)
	})
	<-ended
	if err == nil {
		s.Log(ctx, "The device has replied", map[string]any{"sid": m.SID, "reply": reply.SID})
	}
	return reply, err
}

// WatchForReply is WaitForReply for many messages, as WatchUntilSent is WaitUntilSent.
func (s *IPCommands) WatchForReply(ctx context.Context, m *Message, f ReplyFilter, deadline time.Time, done func(IPCommand, error)) {
	since, dated := m.Created()
	if !dated || m.SIMSID == nil {
		done(IPCommand{}, ErrReplyNotTold)
		return
	}
	var reply IPCommand
	sim, hidden, mayReply := *m.SIMSID, m.hidden, f.mayReply(m.IPCommand)
	s.fromSIM.join(ctx, &wait{
		done:     func(err error) { done(reply, err) },
		deadline: deadline, key: strings.ToLower(sim), wants: mayReply, all: true, since: since, hidden: hidden,
		ask: func(ctx context.Context, until time.Time) (candidates []IPCommand, err error) {
			r := s.get(ipCommandsPath)
			r.Deadline, r.Secrets = until, hidden
			isOlder := func(cmd IPCommand) bool { return createdAt(cmd).Before(since) }
			opts := rest.ListOptions{PageSize: lookPageSize, MaxPages: lookPages}
			for cmd, err := range s.newest(ctx, r, IPCommandFilter{SIM: sim, Direction: DirectionFromSIM}, opts, isOlder) {
				if err != nil {
					return nil, err
				}
				if mayReply(cmd) {
					candidates = append(candidates, cmd)
				}
			}
			return candidates, nil
		},
		see: func(candidates []IPCommand) (ok bool) {
			reply, ok = s.replies.take(candidates)
			return ok
		},
	})
}

// lateReplyPages bounds how many pages FindReply reads, of the largest size.
const lateReplyPages = 2

// FindReply is the late look of rule R11: it looks once for the reply to a
// message, in one list of both directions. It knows only the API, and not which
// replies other messages have, so it takes what cannot be another's: the oldest
// reply before the next message to that port, or to the SIM where the reply comes
// from another port than the message went to. A message that failed is passed over:
// nothing replies to it.
func (s *IPCommands) FindReply(ctx context.Context, m *Message, f ReplyFilter) (reply IPCommand, found bool, err error) {
	message := m.IPCommand
	since, dated := message.Created()
	if !dated || message.SIMSID == nil {
		return IPCommand{}, false, ErrReplyNotTold
	}
	r := s.get(ipCommandsPath)
	r.Secrets = m.hidden
	mayReply := f.mayReply(message)
	isNext := func(cmd IPCommand) bool {
		samePort := message.DevicePort == nil || f.DevicePort != *message.DevicePort || cmd.DevicePort == nil || *cmd.DevicePort == *message.DevicePort
		return cmd.Direction != nil && *cmd.Direction == DirectionToSIM && samePort && !cmd.IsFailed()
	}
	isOlder := func(cmd IPCommand) bool { return createdAt(cmd).Before(since) }
	opts := rest.ListOptions{PageSize: s.maxPage, MaxPages: lateReplyPages}
	for cmd, err := range s.newest(ctx, r, IPCommandFilter{SIM: *message.SIMSID}, opts, isOlder) {
		switch {
		case err != nil:
			return IPCommand{}, false, err
		case cmd.SID == message.SID:
			return reply, found, nil
		case isNext(cmd):
			reply, found = IPCommand{}, false // What is newer is a reply to that one.
		case mayReply(cmd):
			reply, found = cmd, true
		}
	}
	return reply, found, nil
}
