package twilio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// Recipients are the SIMs that one message is to be sent to, and what is known of
// whether they have it already (rule R10). One list of the newest messages to all
// SIMs of the account serves all of them. It is not safe for concurrent use.
type Recipients struct {
	s *IPCommands
	// params are those of the message, but for its SIM.
	params MessageParams
	window time.Duration
	// open are the recipients that have not been taken out, by the SID of their SIM.
	open map[string]*recipient
	// names are the SIDs of the SIMs that are given by their unique names.
	names map[string]string
	// readTo is up to when the last list has told of messages, by the server's clock;
	// zero before the first. listed is when it was read, by ours.
	readTo, listed time.Time
}

type recipient struct {
	message *Message
	// isSettled reports whether the message is known not to have been sent before.
	isSettled bool
}

// readAgain is how much of what a list has told of the next one reads again: a list
// may show a command a little late.
const readAgain = 10 * time.Second

// settledFor is for how long a list tells that a message was not sent before. Somebody
// else may send it meanwhile.
const settledFor = 30 * time.Second

// maxListPages bounds the list for all.
const maxListPages = 9_999

// SameSIMError means that two recipients are the same SIM.
type SameSIMError struct{ A, B string }

// Error implements error.
func (e *SameSIMError) Error() string { return fmt.Sprintf("%q and %q are the same SIM", e.A, e.B) }

// NewRecipients returns the recipients of a message, each the SID or the unique name
// of a Super SIM. Unique names are looked up in the list of SIMs, as long as that
// costs fewer requests than to look for each message by itself. Its error is a
// *SameSIMError, or trouble with the list.
func (s *IPCommands) NewRecipients(ctx context.Context, sims *SIMs, p MessageParams, recipients []string, window time.Duration) (*Recipients, error) {
	r := &Recipients{s: s, params: p, window: window, open: make(map[string]*recipient, len(recipients)), names: map[string]string{}}
	unknown := map[string]bool{}
	for _, sim := range recipients {
		if !IsSID("HS", sim) {
			unknown[sim] = true
		}
	}
	if n := len(unknown); n > 0 {
		opts := rest.ListOptions{PageSize: sims.maxPage}
		if n == len(recipients) { // Otherwise a name may be one of the SIDs, however far the list goes.
			opts.MaxPages = n
		}
		request := sims.get(simsPath)
		s.fresh(&request) // A name may have moved to another SIM.
		for sim, err := range rest.List[SIM](ctx, s.Client, request, "sims", SIMFilter{}.query(), opts) {
			if errors.Is(err, rest.ErrTooMany) {
				break
			}
			if err != nil {
				return nil, err
			}
			if sim.UniqueName != nil && unknown[*sim.UniqueName] {
				r.names[*sim.UniqueName] = sim.SID
				delete(unknown, *sim.UniqueName)
			}
			if len(unknown) == 0 {
				break
			}
		}
	}
	for _, sim := range recipients {
		p.SIM = sim
		sid := r.sid(sim)
		if before := r.open[sid]; before != nil {
			return nil, &SameSIMError{before.message.Params.SIM, sim}
		}
		if sid != "" {
			r.open[sid] = &recipient{message: Recorded(p, IPCommand{})}
		}
	}
	return r, nil
}

// sid returns the SID of a recipient, in the letter case in which it is compared;
// empty where it is not known.
func (r *Recipients) sid(sim string) string {
	if IsSID("HS", sim) {
		return strings.ToLower(sim)
	}
	return strings.ToLower(r.names[sim])
}

// FindSentBefore is rule R10 for all recipients that have not been taken out: it lists
// the newest messages to all SIMs, back to the beginning of the window or, later, to
// the last list, and returns those that are found, which no other message of the
// process will take for its own. The list is bounded by what it costs to look for
// each message by itself. deadline, by the client's clock, ends it; zero means none.
//
// An error means that nothing is known, and that nothing is to be sent.
func (r *Recipients) FindSentBefore(ctx context.Context, deadline time.Time) (found []*Message, err error) {
	if len(r.open) == 0 {
		return nil, nil
	}
	request := r.s.get(ipCommandsPath)
	request.Secrets = r.params.hidden()
	request.Deadline = deadline
	date, isWhole := r.s.fresh(&request), true
	before, isFirst := r.readTo, r.readTo.IsZero()
	r.readTo = time.Time{}
	isOlder := func(cmd IPCommand) bool {
		if r.readTo.IsZero() {
			r.readTo = date.Add(-readAgain) // By the Date of the first page.
		}
		return isFromBefore(cmd, date.Add(-r.window)) || isFromBefore(cmd, before)
	}
	decided := map[string]bool{}
	opts := rest.ListOptions{PageSize: r.s.maxPage, MaxPages: min(len(r.open), maxListPages)}
	for cmd, err := range r.s.newest(ctx, request, IPCommandFilter{Direction: DirectionToSIM}, opts, isOlder) {
		// What the list does not tell in time, or of which SIM it is, each is looked for
		// alone.
		isCut := errors.Is(err, rest.ErrTooMany) || errors.Is(err, clock.ErrDeadline)
		if isCut || err == nil && cmd.SIMSID == nil && !r.params.isElsewhere(cmd) {
			isWhole = false
			break
		}
		if err == nil && cmd.SIMSID == nil {
			continue
		}
		if err != nil {
			return found, fmt.Errorf("looking for the message among those that were sent before failed: %w", err)
		}
		sid := strings.ToLower(*cmd.SIMSID)
		to := r.open[sid]
		if to == nil || decided[sid] || to.message.Params.isElsewhere(cmd) {
			continue
		}
		taking, err := r.s.take(cmd, to.message)
		switch taking {
		case passedOver:
			continue
		case taken:
			found = append(found, to.message)
			delete(r.open, sid)
		default:
			to.isSettled = taking == isNot && err == nil
		}
		decided[sid] = true
	}
	r.listed = r.s.Clock.Now()
	if r.readTo.IsZero() { // The list is empty.
		r.readTo = date.Add(-readAgain)
	}
	for sid, to := range r.open {
		if !decided[sid] && (isFirst || !isWhole) {
			to.isSettled = isWhole
		}
	}
	return found, nil
}

// Take takes a recipient out, and returns the window with which the message to it is
// to be sent: zero where it is known not to have been sent before.
func (r *Recipients) Take(sim string) (window time.Duration) {
	to := r.open[r.sid(sim)]
	delete(r.open, r.sid(sim))
	if to != nil && to.isSettled && r.s.Clock.Now().Sub(r.listed) < settledFor {
		return 0
	}
	return r.window
}
