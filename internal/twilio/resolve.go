package twilio

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
)

// looks are the waits before each look for a lost message. An answer that
// timed out may belong to a command that the API has yet to create.
var looks = []time.Duration{0, 2 * time.Second, 5 * time.Second, 10 * time.Second}

// lookPageSize is that of a look: the message is among the newest.
const lookPageSize = 50

// lookOlder is after how many older commands in a row a look ends.
const lookOlder = 20

// resolve is rule R2: it finds out what became of a POST that ended without a
// definite answer, by looking at the SIM's commands. Exactly one that fits is
// the message. With none after a few spaced looks, or with several, nobody
// knows; there is never a second POST.
func (c *Client) resolve(ctx context.Context, s *send, cause error) (Sent, error) {
	unresolved := &UnknownOutcomeError{Err: cause}
	for _, wait := range looks {
		if err := c.clock.Sleep(ctx, wait); err != nil && wait > 0 {
			break
		}
		candidates, since, err := c.look(ctx, s)
		if !since.earliest.IsZero() {
			unresolved.Since = since.earliest
		}
		unresolved.LookErr = err
		if err != nil {
			c.log(ctx, "A look for the IP Command failed", map[string]any{"sim": s.params.SIM, "error": logText(err)})
			continue
		}
		// An equal message in flight may have created one of the candidates
		// and be about to read its answer.
		for _, landed := range c.sends.inFlight(s) {
			<-landed
		}
		choice, unclaimed := c.sends.adopt(s, candidates, since)
		c.log(ctx, "Looked for the IP Command", map[string]any{"sim": s.params.SIM, "candidates": sids(unclaimed), "adopted": choice != nil})
		if choice != nil {
			return Sent{IPCommand: *choice, Adopted: cause}, nil
		}
		unresolved.Candidates = unclaimed
		if len(unclaimed) > 0 {
			break
		}
	}
	return Sent{}, unresolved
}

// errNoDate is a look without the server's clock.
var errNoDate = errors.New("the API's answer has no Date, so that nobody knows which of its commands are older than the request")

// look lists the commands that may be the message of s: sent to its SIM since
// its POST began, with its port, type and payload. since is that moment, zero
// where it is not known.
//
// A cancelled apply still wants to know: cancelling ctx does not cut off the
// look, only the waiting for an API that refuses it.
func (c *Client) look(ctx context.Context, s *send) (candidates []IPCommand, since moment, err error) {
	r := c.superSIMRequest(http.MethodGet, ipCommandsPath)
	// The looks are repetitions themselves.
	r.maxRetries = min(1, c.maxRetries)
	r.waiting = ctx
	r.onAnswer = func(h http.Header) {
		if date, ok := serverDate(h); ok {
			monotonic, wall := c.clock.Elapsed(s.began)
			since = momentBefore(date, monotonic, wall)
		}
	}
	filter := IPCommandFilter{SIM: s.params.SIM, Direction: DirectionToSIM}
	opts := ListOptions{PageSize: lookPageSize}
	older := 0
	for cmd, err := range list(context.WithoutCancel(ctx), c, r, filter.query(), opts, func() page[IPCommand] { return new(ipCommandPage) }) {
		if err != nil {
			return nil, since, err
		}
		if since.earliest.IsZero() {
			// By our clock, a command that is older could seem to be newer.
			return nil, since, errNoDate
		}
		at, ok := cmd.Created()
		if ok && isBefore(at, since.earliest) {
			// The API lists the newest first, but does not promise it: many
			// older ones in a row are the end.
			if older++; older == lookOlder {
				break
			}
			continue
		}
		older = 0
		// Of a command without a date nobody knows that it is not older. One
		// that moves to the next page while they are read comes twice.
		if ok && fits(cmd, s.params) && !slices.ContainsFunc(candidates, func(c IPCommand) bool { return c.SID == cmd.SID }) {
			candidates = append(candidates, cmd)
		}
	}
	return candidates, since, nil
}

// moment is when something of ours happened by the server's clock: at some time
// between the two.
type moment struct{ earliest, latest time.Time }

// momentBefore is as long before date as has passed by our two clocks: where
// they disagree, nobody knows which is right.
func momentBefore(date time.Time, monotonic, wall time.Duration) moment {
	return moment{date.Add(-max(monotonic, wall)), date.Add(-min(monotonic, wall))}
}

// isBefore tells that a command created at this time is older than since. Both
// the server's Date and date_created are cut to whole seconds, so only one
// that is more than a second older certainly is.
func isBefore(created, since time.Time) bool { return !created.Add(time.Second).After(since) }

// fits tells whether cmd carries the message p to its SIM. The list was asked
// for the SIM's commands only; where p names it by SID, that is checked.
func fits(cmd IPCommand, p IPCommandParams) bool {
	if cmd.SIMSID != nil && IsSID("HS", p.SIM) && *cmd.SIMSID != p.SIM {
		return false
	}
	if cmd.DevicePort == nil || *cmd.DevicePort != p.DevicePort || cmd.Payload == nil {
		return false
	}
	if cmd.Direction != nil && *cmd.Direction != DirectionToSIM {
		return false
	}
	if cmd.PayloadType != nil && *cmd.PayloadType != p.payloadType() {
		return false
	}
	got, ok := payloadBytes(*cmd.Payload, p.payloadType())
	want, _ := payloadBytes(p.Payload, p.payloadType())
	return ok && bytes.Equal(got, want)
}

// IsSID tells whether s is a SID with this prefix of two letters, which 32
// hexadecimal digits follow.
func IsSID(prefix, s string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	return ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

func sids(cmds []IPCommand) []string {
	var s []string
	for _, c := range cmds {
		s = append(s, c.SID)
	}
	return s
}
