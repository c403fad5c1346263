package twilio

import (
	"context"
	"errors"
	"time"
)

// ErrWaitTimeout means that what was waited for had not come when the time was
// over.
var ErrWaitTimeout = errors.New("the time to wait is over")

// WaitUntilSent is rule R4: it waits until a message is no longer queued, and has its
// command as it last was. deadline is by the client's clock. All waits of a process
// share what is read.
//
// An error means that it is not known whether the message has left: ErrWaitTimeout,
// the error of ctx, or trouble while reading. A 404 is none, since a command may not
// be readable at once after it was created.
func (s *IPCommands) WaitUntilSent(ctx context.Context, m *Message, deadline time.Time) error {
	ended := make(chan error, 1)
	s.WatchUntilSent(ctx, m, deadline, func(err error) { ended <- err })
	err := <-ended
	if err == nil {
		s.Log(ctx, "IP Command is no longer queued", map[string]any{"sid": m.SID, "status": *m.Status})
	}
	return err
}

// WatchUntilSent is WaitUntilSent for many messages, each with its own deadline: it
// returns at once, and calls done with the error later. Until then nobody else may
// touch the message. One goroutine waits for all messages and calls done for each, so
// done must not block.
func (s *IPCommands) WatchUntilSent(ctx context.Context, m *Message, deadline time.Time, done func(error)) {
	if !m.IsQueued() {
		done(nil)
		return
	}
	sid, hidden := m.SID, m.hidden
	s.toSIM.join(ctx, &wait{
		done: done, deadline: deadline, key: sid, since: createdAt(m.IPCommand), hidden: hidden,
		// What a list does not tell, or tells of as failed, is asked for by SID: the
		// error of a message that failed has the next apply send it again.
		wants: func(row IPCommand) bool { return row.Status != nil && !row.IsFailed() },
		ask: func(ctx context.Context, until time.Time) ([]IPCommand, error) {
			row, err := s.fetch(ctx, sid, until, hidden)
			return []IPCommand{row}, err
		},
		see: func(rows []IPCommand) bool {
			m.IPCommand = m.updatedBy(rows[0])
			return !m.IsQueued()
		},
	})
}
