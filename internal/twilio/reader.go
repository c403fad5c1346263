package twilio

import (
	"context"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// reader serves all that wait in a process (rule R4): whoever's turn it is to
// look at his command reads the list of the newest ones for all, and what it
// shows is news to each. Who is alone, or was not shown, asks by SID.
type reader struct {
	mu      sync.Mutex
	waiting map[string]*waiter // by SID
	reading *reading           // nil when nobody reads
}

// reading is a list that somebody reads.
type reading struct {
	began time.Time
	ended chan struct{}
}

// waiter waits for news of its command.
type waiter struct {
	queued  IPCommand
	secrets []string
	joined  time.Time
	// hidden reports whether the last list that should have shown the command
	// did not: it is too old, or the list is late.
	hidden bool
	// news is what a list shows of the command, and nobody has taken yet.
	news *IPCommand
	// wake ends the sleep of the waiter.
	wake context.CancelFunc
}

// minReadPage is the least page size of a list that is read for all.
const minReadPage = 50

func newReader() *reader { return &reader{waiting: make(map[string]*waiter)} }

// join makes the command one that is waited for, until leave is called.
func (r *reader) join(sent Sent, now time.Time) (w *waiter, leave func()) {
	w = &waiter{queued: sent.IPCommand, secrets: sent.secrets, joined: now, wake: func() {}}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting[sent.SID] = w
	return w, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, sent.SID)
	}
}

// next returns what the API tells of the waiter's command: what others have
// read, as soon as it comes, and after some time what the waiter itself has.
// What it reads ends at the deadline until.
func (c *Client) next(ctx context.Context, w *waiter, after time.Duration, until time.Time) (IPCommand, error) {
	sleep, wake := context.WithCancel(ctx)
	defer wake()
	c.reader.arm(w, wake)
	_ = c.Clock.Sleep(sleep, after) // Whatever ended it, ctx knows whether to go on.
	if ctx.Err() != nil {
		return IPCommand{}, context.Cause(ctx)
	}
	ctx, cancel := c.Clock.WithDeadline(ctx, until)
	defer cancel()
	for {
		news, other, mine := c.reader.turn(w, c.Clock.Now())
		switch {
		case news != nil:
			return *news, nil
		case mine != nil:
			rows, err := c.readNewest(ctx, until)
			if err != nil {
				c.Log(ctx, "The list for all that wait could not be read", map[string]any{"error": rest.LogText(err)})
			}
			// Where its reader was stopped, the list says nothing.
			c.reader.end(mine, rows, ctx.Err() == nil)
			if ctx.Err() != nil {
				return IPCommand{}, context.Cause(ctx)
			}
		case other != nil:
			select {
			case <-other.ended:
			case <-ctx.Done():
				return IPCommand{}, context.Cause(ctx)
			}
		default:
			return c.fetchIPCommand(ctx, w.queued.SID, until, w.secrets)
		}
	}
}

// arm has news of the command end a sleep.
func (r *reader) arm(w *waiter, wake context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.wake = wake
	if w.news != nil {
		wake()
	}
}

// isShared reports whether a list serves several.
func (r *reader) isShared() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shown() > 1
}

// turn says what a waiter is to do whose time it is: take the news, wait for
// the list that another reads, read one, or, where all are nil, ask by SID.
func (r *reader) turn(w *waiter, now time.Time) (news *IPCommand, other, mine *reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case w.news != nil:
		news, w.news = w.news, nil
		return news, nil, nil
	case w.hidden:
		return nil, nil, nil
	case r.reading != nil:
		return nil, r.reading, nil
	case r.shown() < 2:
		return nil, nil, nil
	}
	r.reading = &reading{began: now, ended: make(chan struct{})}
	return nil, nil, r.reading
}

// shown returns how many commands a list is expected to show. The lock is held.
func (r *reader) shown() int {
	n := 0
	for _, w := range r.waiting {
		if !w.hidden {
			n++
		}
	}
	return n
}

// end gives out the rows that a list has shown. complete reports whether it
// would have shown others.
func (r *reader) end(reading *reading, rows map[string]IPCommand, complete bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for sid, w := range r.waiting {
		row, ok := rows[sid]
		switch {
		case ok:
			w.news, w.hidden = &row, false
			w.wake()
		case complete && !w.joined.After(reading.began):
			w.hidden = true
		}
	}
	r.reading = nil
	close(reading.ended)
}

// readNewest lists the newest commands to SIMs, back to the oldest of those
// that a list is expected to show, and returns those that are waited for. It
// makes at most one request more than asking by SID for each that is missing.
func (c *Client) readNewest(ctx context.Context, until time.Time) (map[string]IPCommand, error) {
	c.reader.mu.Lock()
	missing := make(map[string]bool)
	wanted := make(map[string]bool)
	r := c.superSIMRequest(ipCommandsPath)
	var oldest time.Time
	for sid, w := range c.reader.waiting {
		wanted[sid] = true
		r.Secrets = append(r.Secrets, w.secrets...)
		if created := createdAt(w.queued); !w.hidden {
			missing[sid] = true
			if oldest.IsZero() || created.Before(oldest) {
				oldest = created
			}
		}
	}
	c.reader.mu.Unlock()

	r.Deadline = until
	r.Once = true // What it does not show, others ask for.
	size := min(c.platform.MaxIPCommandsPage, max(minReadPage, 2*len(missing)))
	rows := make(map[string]IPCommand)
	read, older := 0, 0
	for cmd, err := range list[IPCommand](ctx, c, r, ipCommandsKey, IPCommandFilter{Direction: DirectionToSIM}.query(), ListOptions{PageSize: size}) {
		if err != nil {
			return rows, err
		}
		if wanted[cmd.SID] {
			rows[cmd.SID] = cmd
			delete(missing, cmd.SID)
		}
		if older++; !createdAt(cmd).Before(oldest) {
			older = 0
		}
		if read++; len(missing) == 0 || older == lookOlder || read%size == 0 && read/size >= len(missing) {
			break
		}
	}
	return rows, nil
}
