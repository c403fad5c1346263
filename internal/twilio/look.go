package twilio

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const (
	// lookPageSize is that of a look: what is looked for is among the newest.
	lookPageSize = 50
	// lookMost bounds how many commands a look reads.
	lookMost = 20 * lookPageSize
	// lookOlder is after how many older commands in a row a look ends. The API
	// lists the newest first, but does not promise it.
	lookOlder = 20
)

// ErrTooMany means that a SIM has more commands that are new enough than a look
// reads.
var ErrTooMany = fmt.Errorf("the SIM has more than %d commands since then, which is more than are looked at", lookMost)

// errNoDate is a look without the server's clock.
var errNoDate = errors.New("the API's answer has no Date, or is a cache's, so that nobody knows how old its commands are")

// look lists a SIM's commands in one direction, newest first, without those that
// are older than the caller wants (rules R2, R10 and R11). It ends where only such
// follow. r may qualify the request.
func (c *Client) look(ctx context.Context, r rest.Request, sim, direction string, isOlder func(IPCommand) (bool, error)) iter.Seq2[IPCommand, error] {
	query := IPCommandFilter{SIM: sim, Direction: direction}.query()
	return func(yield func(IPCommand, error) bool) {
		read, older := 0, 0
		for cmd, err := range list[IPCommand](ctx, c, r, ipCommandsKey, query, ListOptions{PageSize: lookPageSize}) {
			tooOld := false
			if err == nil {
				tooOld, err = isOlder(cmd)
			}
			if err != nil {
				yield(IPCommand{}, err)
				return
			}
			if tooOld {
				if older++; older == lookOlder {
					return
				}
				continue
			}
			older = 0
			if read++; read > lookMost {
				yield(IPCommand{}, ErrTooMany)
				return
			}
			if !yield(cmd, nil) {
				return
			}
		}
	}
}
