package twilio

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// reader serves all that wait in a process for commands of one direction (rules
// R4 and R11): whoever's turn it is reads the list of the newest ones for all,
// and what it shows is news to each. Who is alone, or was not shown, asks for
// itself. The list is never the judge: of those that it shows as queued, one asks
// by SID all the same, each in turn.
type reader struct {
	direction string
	// left is when the API told by SID that a command had left (SID: time.Time).
	left sync.Map

	mu      sync.Mutex
	waiting map[*waiter]bool
	reading *reading // nil when nobody reads
	// notBefore is when a list may be read again.
	notBefore time.Time
}

// reading is a list that somebody reads for those that wait.
type reading struct {
	waiters []*waiter
	ended   chan struct{}
}

// waiter is one that waits for news.
type waiter struct {
	// wants reports whether a command is news, all whether every such command is
	// wanted and not only one.
	wants func(IPCommand) bool
	all   bool
	// since is when the oldest of them may have been created, by the API's dates.
	since time.Time
	// ask asks the API for this waiter alone, until a deadline.
	ask func(ctx context.Context, until time.Time) ([]IPCommand, error)
	// hidden must not be shown of the message that is waited for.
	hidden []string

	// alone is how often the waiter has yet to ask for itself before it is served
	// by a list again, since the last one was of no use to it: the news are too
	// old, or the list is late or could not be read. It begins with misses, which
	// doubles with each such list in a row.
	alone, misses int
	// checks is how often the waiter has asked because a list was to be checked.
	checks int
	// news are what a list has shown and nobody has taken yet, the newest first,
	// if isShown.
	news    []IPCommand
	isShown bool
	// wake ends the sleep of the waiter.
	wake context.CancelFunc
}

const (
	// minReadPage is the least page size of a list that is read for all.
	minReadPage = 50
	// listTimeout bounds how long all wait for a page of it, the pacer's queue not
	// counted. After a list that stalls, nobody reads another for stallPause.
	listTimeout = 3 * time.Second
	stallPause  = 10 * listTimeout
	// listLag is how far a list may lag behind what the API tells by SID. One that
	// lags further is stale: nobody reads another for stalePause, which is for good.
	listLag    = time.Second
	stalePause = 365 * 24 * time.Hour
)

var errStalled, errStale = errors.New("it stalls"), errors.New("it is stale: what had left before it was asked for is queued in it")

func newReader(direction string) *reader {
	return &reader{direction: direction, waiting: make(map[*waiter]bool)}
}

// join makes the waiter one that is served, until leave is called.
func (r *reader) join(w *waiter) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.wake = func() {}
	r.waiting[w] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.waiting, w)
	}
}

// next returns news: what others have read, as soon as it comes, and after some
// time what the waiter itself has. What it reads ends at the deadline until.
func (s *IPCommands) next(ctx context.Context, r *reader, w *waiter, after time.Duration, until time.Time) ([]IPCommand, error) {
	sleep, wake := context.WithCancel(ctx)
	defer wake()
	r.arm(w, wake)
	_ = s.Clock.Sleep(sleep, after) // Whatever ended it, ctx knows whether to go on.
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	ctx, cancel := s.Clock.WithDeadline(ctx, until)
	defer cancel()
	for {
		news, isShown, other, mine := r.turn(w, s.Clock.Now())
		switch {
		case isShown:
			return news, nil
		case mine != nil:
			rows, err := s.readNewest(ctx, r, mine, until)
			if err != nil {
				s.Log(ctx, "The list for all that wait could not be read", map[string]any{"error": rest.LogText(err)})
			}
			stopped := ctx.Err() != nil
			if stopped {
				mine.waiters = nil // The list says nothing of theirs.
			}
			r.end(mine, rows)
			if stopped {
				return nil, context.Cause(ctx)
			}
		case other != nil:
			select {
			case <-other.ended:
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		default:
			return w.ask(ctx, until)
		}
	}
}

// arm has news end a sleep.
func (r *reader) arm(w *waiter, wake context.CancelFunc) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w.wake = wake
	if w.isShown {
		wake()
	}
}

// isShared reports whether a list serves several.
func (r *reader) isShared(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.served(now) > 1
}

// turn says what a waiter is to do whose time it is: take the news, wait for
// the list that another reads, read one, or, where it says nothing, ask.
func (r *reader) turn(w *waiter, now time.Time) (news []IPCommand, isShown bool, other, mine *reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case w.isShown:
		news, w.news, w.isShown = w.news, nil, false
		return news, true, nil, nil
	case w.alone > 0:
		w.alone--
		return nil, false, nil, nil
	case r.reading != nil:
		return nil, false, r.reading, nil
	case r.served(now) < 2:
		return nil, false, nil, nil
	}
	r.reading = &reading{ended: make(chan struct{})}
	for w := range r.waiting {
		if w.alone == 0 {
			r.reading.waiters = append(r.reading.waiters, w)
		}
	}
	return nil, false, nil, r.reading
}

// served returns how many are expected to be served by a list. The lock is held.
func (r *reader) served(now time.Time) int {
	n := 0
	for w := range r.waiting {
		if w.alone == 0 && !now.Before(r.notBefore) {
			n++
		}
	}
	return n
}

// rows are what a list has shown to those that wait.
type rows struct {
	of map[*waiter][]IPCommand
	// unread are those for whom the list was not read back far enough.
	unread map[*waiter]bool
	// notBefore is when the next list may be read.
	notBefore time.Time
}

// end gives out what a list has shown.
func (r *reader) end(reading *reading, shown rows) {
	r.mu.Lock()
	defer r.mu.Unlock()
	// The oldest is the likeliest to have left.
	slices.SortFunc(reading.waiters, func(a, b *waiter) int { return cmp.Or(a.checks-b.checks, a.since.Compare(b.since)) })
	isChecked := false
	for _, w := range reading.waiters {
		news := shown.of[w]
		if !isChecked && !w.all && len(news) > 0 && news[0].IsQueued() {
			isChecked, news = true, nil
			w.checks, w.misses = w.checks+1, 0
		}
		if len(news) > 0 && !w.all || w.all && !shown.unread[w] {
			w.news, w.isShown, w.misses = news, true, 0
			w.wake()
		} else {
			w.misses = max(1, 2*w.misses)
			w.alone = w.misses
		}
	}
	r.reading, r.notBefore = nil, shown.notBefore
	close(reading.ended)
}

// readNewest lists the newest commands, back to the oldest that anybody waits
// for, and returns those that are waited for. It reads at most as many pages as
// there are waiters for whom it has not been read far enough: they can ask for
// themselves.
func (s *IPCommands) readNewest(ctx context.Context, r *reader, reading *reading, until time.Time) (rows, error) {
	request := s.get(ipCommandsPath)
	request.Deadline = until
	request.RepeatOnce = true // What it does not show, others ask for.
	shown := rows{of: make(map[*waiter][]IPCommand), unread: make(map[*waiter]bool)}
	for _, w := range reading.waiters {
		request.Secrets = append(request.Secrets, w.hidden...)
		shown.unread[w] = true
	}
	asked := s.Clock.Now()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	timeout := time.AfterFunc(listTimeout, func() { stop(errStalled) })
	timeout.Stop() // Until the pacer has let an attempt through.
	request.BeforeAttempt, request.AfterRefusal = func() { timeout.Reset(listTimeout) }, func() { timeout.Stop() }
	size := min(s.maxPage, max(minReadPage, 2*len(reading.waiters)))
	read := 0
	var last [lookOlder]time.Time // when the last rows were created: if all are too old for a waiter, so is what follows
	for cmd, err := range s.list(ctx, request, IPCommandFilter{Direction: r.direction}, rest.ListOptions{PageSize: size}) {
		timeout.Stop() // The page is there, and the next one may have to queue.
		if errors.Is(err, errStalled) {
			shown.notBefore = s.Clock.Now().Add(stallPause)
		}
		if err != nil {
			return shown, err
		}
		// What had left a moment before the list was asked for is queued in none that
		// is honest, however long it queued itself; what has left since may be.
		if at, ok := r.left.Load(cmd.SID); ok && cmd.Status != nil && cmd.IsQueued() && asked.Sub(at.(time.Time)) >= listLag {
			return rows{notBefore: asked.Add(stalePause)}, errStale
		}
		last[read%lookOlder] = createdAt(cmd)
		read++
		newest := slices.MaxFunc(last[:], time.Time.Compare)
		for _, w := range reading.waiters {
			isWanted := w.wants(cmd)
			if isWanted {
				shown.of[w] = append(shown.of[w], cmd)
			}
			if isWanted && !w.all || read >= lookOlder && newest.Before(w.since) {
				delete(shown.unread, w)
			}
		}
		if n := len(shown.unread); n == 0 || read%size == 0 && read/size >= n {
			return shown, nil
		}
	}
	clear(shown.unread)
	return shown, nil
}
