package twilio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

const (
	// firstPoll and lastPoll are the least and the most time between two polls
	// of one that waits alone.
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
	// finalPoll is how long the poll that is made when the time is over may
	// take.
	finalPoll = 5 * time.Second
)

// ErrWaitTimeout means that what was waited for had not come when the time was
// over.
var ErrWaitTimeout = errors.New("the time to wait is over")

// WaitUntilSent is rule R4: it waits until a message is no longer queued, and has its
// command as it last was. deadline is by the client's clock. All that wait share what
// they read.
//
// An error means that it is not known whether the message has left: ErrWaitTimeout,
// the error of ctx, or trouble while reading. A 404 is none, since a command may not
// be readable at once after it was created.
func (s *IPCommands) WaitUntilSent(ctx context.Context, m *Message, deadline time.Time) error {
	sid := m.SID
	w := &waiter{
		// What a list does not tell, or tells of as failed, is asked for by SID: the
		// error of a message that failed has the next apply send it again.
		wants:  func(row IPCommand) bool { return row.SID == sid && row.Status != nil && !row.IsFailed() },
		since:  createdAt(m.IPCommand),
		hidden: m.hidden,
		ask: func(ctx context.Context, until time.Time) ([]IPCommand, error) {
			row, err := s.fetch(ctx, sid, until, m.hidden)
			if err == nil && !row.IsQueued() {
				s.toSIM.left.Store(sid, s.Clock.Now())
			}
			return []IPCommand{row}, err
		},
	}
	if m.IsQueued() {
		defer s.toSIM.join(w)()
		if err := s.wait(ctx, s.toSIM, w, deadline, func(rows []IPCommand) bool {
			m.IPCommand = m.updatedBy(rows[0])
			return !m.IsQueued()
		}); err != nil {
			return err
		}
	}
	s.Log(ctx, "IP Command is no longer queued", map[string]any{"sid": m.SID, "status": *m.Status})
	return nil
}

// wait shows the waiter's news to see until that reports that they are what was
// waited for.
func (s *IPCommands) wait(ctx context.Context, r *reader, w *waiter, deadline time.Time, see func([]IPCommand) bool) error {
	began := s.Clock.Now()
	var notFound error
	for {
		now := s.Clock.Now()
		left := deadline.Sub(now)
		if left <= 0 {
			if notFound != nil {
				return fmt.Errorf("%w; the API did not know the command yet: %w", ErrWaitTimeout, notFound)
			}
			return ErrWaitTimeout
		}
		pause, until := s.interval(r, now.Sub(began)), deadline
		if pause >= left {
			pause, until = left, deadline.Add(finalPoll)
		}
		news, err := s.next(ctx, r, w, pause, until)
		switch {
		case errors.Is(err, clock.ErrDeadline):
			// The next turn of the loop says so.
		case IsNotFound(err):
			notFound = err
		case err != nil:
			return err
		case see(news):
			return nil
		default:
			notFound = nil
		}
	}
}

// interval returns how long to wait for the next poll of one that has waited for
// so long. Polls that serve several cost each of them little, and are made more
// often.
func (s *IPCommands) interval(r *reader, age time.Duration) time.Duration {
	if r.isShared(s.Clock.Now()) {
		return min(firstPoll+age/4, lastPoll) / 2
	}
	// Half of it is jitter, so that processes do not poll in step.
	interval := min(firstPoll+age/2, lastPoll)
	return interval/2 + time.Duration(s.Rand()*float64(interval))
}
