package twilio

import (
	"context"
	"time"
)

func (s *IPCommands) WatchUntilSent(ctx context.Context, m *Message, deadline time.Time, done func(error)) {
	go func() { done(s.WaitUntilSent(ctx, m, deadline)) }()
}

func (s *IPCommands) WatchForReply(ctx context.Context, m *Message, f ReplyFilter, deadline time.Time, done func(IPCommand, error)) {
	go func() { done(s.WaitForReply(ctx, m, f, deadline)) }()
}
