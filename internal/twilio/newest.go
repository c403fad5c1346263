package twilio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const (
	// lookPageSize is that of a look: what is looked for is among the newest.
	lookPageSize = 50
	// lookPages bounds how many pages a look reads.
	lookPages = 20
	// lookOlder is after how many older commands in a row a look ends. The API
	// lists the newest first, but does not promise it.
	lookOlder = 20
	// maxStale is how much older than now, by the server's clock, the Date of a
	// list may be that a look trusts.
	maxStale = time.Minute
)

var (
	// errNoDate is a look without the server's clock.
	errNoDate = errors.New("it has no Date, so that nobody knows how old its commands are")
	// errOld is the list of a cache.
	errOld = errors.New("it is an old one, from a cache, which may lack the newest commands")
)

// newest lists a SIM's commands, the newest first, without those that are older than
// the caller wants (rules R2, R10 and R11). It ends where only such follow, and with
// an error at the limit. r may qualify the request.
func (s *IPCommands) newest(ctx context.Context, r rest.Request, f IPCommandFilter, opts rest.ListOptions, isOlder func(IPCommand) bool) iter.Seq2[IPCommand, error] {
	return func(yield func(IPCommand, error) bool) {
		older := 0
		for cmd, err := range s.list(ctx, r, f, opts) {
			switch {
			case errors.Is(err, rest.ErrTooMany):
				yield(IPCommand{}, fmt.Errorf("the SIM has many commands since then: %w", err))
				return
			case err != nil:
				yield(IPCommand{}, err)
				return
			case isOlder(cmd):
				if older++; older == lookOlder {
					return
				}
				continue
			}
			older = 0
			if !yield(cmd, nil) {
				return
			}
		}
	}
}

// sentTo lists the newest messages to a SIM.
func (s *IPCommands) sentTo(ctx context.Context, r rest.Request, sim string, isOlder func(IPCommand) bool) iter.Seq2[IPCommand, error] {
	return s.newest(ctx, r, IPCommandFilter{SIM: sim, Direction: DirectionToSIM}, rest.ListOptions{PageSize: lookPageSize, MaxPages: lookPages}, isOlder)
}

// fresh has a request trust no response that may be an old one. It returns where
// the Date of the last response will be.
func (s *IPCommands) fresh(r *rest.Request) *time.Time {
	date := new(time.Time)
	r.IsFresh = func(h http.Header) (err error) {
		*date, err = s.freshDate(h)
		return err
	}
	return date
}

// freshDate returns the Date of a list, or why the list may be an old one.
func (s *IPCommands) freshDate(h http.Header) (time.Time, error) {
	date, ok := rest.ServerDate(h)
	now, isKnown := s.serverClock.At(s.Clock.Now())
	switch {
	case rest.IsCached(h):
		return date, errOld
	case !ok:
		return date, errNoDate
	case isKnown && date.Before(now.Earliest.Add(-maxStale)):
		return date, errOld
	}
	return date, nil
}
