package twilio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// watcher polls for all that wait in a process for commands of one direction (rules
// R4 and R11), in one goroutine, which there is while anybody waits. Where several
// wait, it reads a list of the newest commands for all, and what that shows is news to
// each. Who is alone, or was not shown, is asked for alone.
//
// The list is never the judge: of those that it shows as queued, one is asked for by
// SID all the same, each in turn.
type watcher struct {
	*IPCommands
	direction string

	mu        sync.Mutex
	waits     []*wait
	isRunning bool
	wake      context.CancelFunc // ends the sleep of the goroutine
	next      time.Time          // when it wakes by itself
	polls     int                // in flight
	// nextList is when a list may be read again, notBefore when it is trusted again.
	nextList, notBefore time.Time
	// left is when the API told by SID that a command had left. Each is held against
	// one list.
	left map[string]time.Time
	// stops are the ends of the contexts of waits.
	stops map[<-chan struct{}]bool
}

// wait is one that waits for news. What changes, changes under the watcher's lock.
type wait struct {
	// done is called when the wait is over, with err.
	done     func(error)
	isOver   bool
	err      error
	stop     <-chan struct{} // the end of its context
	deadline time.Time
	// key has the rows that may be news, and wants reports whether one is; all,
	// whether every such row is wanted, and not only one.
	key   string
	wants func(IPCommand) bool
	all   bool
	// since is when the oldest of them may have been created, by the API's dates.
	since time.Time
	// ask asks the API for this wait alone, until a time.
	ask func(ctx context.Context, until time.Time) ([]IPCommand, error)
	// see reports whether news, the newest first, are what is waited for.
	see func([]IPCommand) bool
	// hidden must not be shown of the message.
	hidden []string

	began time.Time
	// due is when the next poll is, and until when it has to end.
	due, until time.Time
	isAsking   bool  // A poll for it alone is in flight.
	notFound   error // how the last poll ended, if so
	// alone is how often the wait has yet to ask for itself before it is served by a
	// list again, since the last one was of no use to it: the news are too old, or
	// the list is late or could not be read. It begins with misses, which doubles
	// with each such list in a row.
	alone, misses int
	// checks is how often the wait has asked because a list was to be checked.
	checks int
}

const (
	// firstPoll and lastPoll are the least and the most time between two polls of
	// one that waits alone.
	firstPoll = time.Second
	lastPoll  = 10 * time.Second
	// finalPoll is how long the poll that is made when the time is over may take.
	finalPoll = 5 * time.Second
	// maxPolls bounds the polls in flight: more would only queue for the pacer.
	maxPolls = 64
)

func newWatcher(s *IPCommands, direction string) *watcher {
	return &watcher{IPCommands: s, direction: direction, wake: func() {}, left: make(map[string]time.Time), stops: make(map[<-chan struct{}]bool)}
}

// join begins a wait, which ends with ctx at the latest.
func (s *watcher) join(ctx context.Context, w *wait) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = append(s.waits, w)
	w.began, w.stop = s.Clock.Now(), ctx.Done()
	s.plan(w, w.began)
	if err := context.Cause(ctx); err != nil { // stop may come when the time is over.
		w.end(err)
	}
	if !s.stops[w.stop] { // Many may have the same.
		s.stops[w.stop] = true
		context.AfterFunc(ctx, func() { s.stop(w.stop, context.Cause(ctx)) })
	}
	if w.isOver || w.due.Before(s.next) {
		s.wake()
	}
	if !s.isRunning {
		s.isRunning = true
		go s.run(context.WithoutCancel(ctx))
	}
}

// stop ends all waits of a context that has ended.
func (s *watcher) stop(stop <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.waits {
		if w.stop == stop && !w.isOver {
			w.end(err)
		}
	}
	delete(s.stops, stop)
	s.wake()
}

// end ends a wait.
func (w *wait) end(err error) { w.isOver, w.err = true, err }

// run polls until nobody waits.
func (s *watcher) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // What is still read, nobody needs.
	for s.turn(ctx) {
	}
}

// turn begins the polls that are due, and sleeps until there is something else to do.
// It reports whether anybody still waits.
func (s *watcher) turn(ctx context.Context) bool {
	sleep, wake := context.WithCancel(ctx)
	defer wake()
	now := s.Clock.Now()
	over, pause, isPolling := s.poll(ctx, now, wake)
	for _, w := range over {
		w.done(w.err)
	}
	if isPolling { // Nobody sleeps through a poll, whoever's clock it is.
		sleep, stop := s.Clock.WithDeadline(sleep, now.Add(pause))
		defer stop()
		<-sleep.Done()
	} else {
		_ = s.Clock.Sleep(sleep, pause) // Whatever ends it, the next turn sees it.
	}
	return pause > 0
}

// poll begins the polls that are due. It returns the waits that are over, for how long
// there is nothing else to do, zero if nobody waits, and whether polls are in flight
// meanwhile.
func (s *watcher) poll(ctx context.Context, now time.Time, wake context.CancelFunc) (over []*wait, pause time.Duration, isPolling bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake = wake
	s.waits = slices.DeleteFunc(s.waits, func(w *wait) bool {
		if !w.isOver && !w.isAsking && !now.Before(w.until) {
			s.plan(w, now) // Its poll has not come in time.
		}
		if w.isOver {
			over = append(over, w)
		}
		return w.isOver
	})
	if s.isRunning = len(s.waits) > 0; !s.isRunning {
		clear(s.left)
		return over, 0, false
	}
	slices.SortFunc(s.waits, func(a, b *wait) int { return a.due.Compare(b.due) }) // Nearly all are sorted already.
	pause = stalePause
	for _, w := range s.waits {
		if w.due.After(now) { // And so are those that follow.
			pause = min(pause, w.due.Sub(now))
			break
		}
		isAlone := w.alone > 0 || !s.isShared(now)
		switch {
		case w.isAsking:
			continue
		case isAlone && s.polls < maxPolls:
			s.polls++
			w.isAsking, w.alone = true, max(0, w.alone-1)
			go s.ask(ctx, w)
			continue
		case isAlone:
		case now.Before(s.nextList):
			pause = min(pause, s.nextList.Sub(now))
		default:
			s.polls++
			s.nextList = now.Add(stalePause) // Until this one has ended.
			waits, left := s.forList(now)
			go s.serve(ctx, now, waits, left)
		}
		pause = min(pause, w.until.Sub(now))
	}
	s.next = now.Add(pause)
	return over, pause, s.polls > 0
}

// isShared reports whether a list serves several. The lock is held.
func (s *watcher) isShared(now time.Time) bool {
	n := 0
	for _, w := range s.waits {
		if w.alone == 0 && !w.isOver {
			n++
		}
		if n == 2 {
			return !now.Before(s.notBefore)
		}
	}
	return false
}

// ask polls for one wait alone.
func (s *watcher) ask(ctx context.Context, w *wait) {
	news, err := w.ask(ctx, w.until)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	if err == nil && !w.all && !news[0].IsQueued() && !now.Before(s.notBefore) {
		s.left[w.key] = now
	}
	w.isAsking = false
	s.polled(w, news, err, now)
	s.polls--
	s.wake()
}

// polled gives a wait what a poll for it ended with. The lock is held.
func (s *watcher) polled(w *wait, news []IPCommand, err error, now time.Time) {
	switch {
	case w.isOver:
	case errors.Is(err, clock.ErrDeadline):
		s.plan(w, now) // So it ends.
	case err != nil && !IsNotFound(err):
		w.end(err)
	case err == nil && w.see(news):
		w.end(nil)
	default:
		w.notFound = err
		s.plan(w, now)
	}
}

// plan plans the next poll of a wait, or ends it. The last poll is due when the time
// is over. The lock is held.
func (s *watcher) plan(w *wait, now time.Time) {
	age, left := now.Sub(w.began), w.deadline.Sub(now)
	// Half of it is jitter, so that processes do not poll in step.
	pause := min(firstPoll+age/2, lastPoll)
	pause = pause/2 + time.Duration(s.Rand()*float64(pause))
	if s.isShared(now) { // A poll that serves several costs each of them little.
		pause = min(firstPoll+age/4, lastPoll) / 2
	}
	switch {
	case left <= 0 && w.notFound != nil:
		w.end(fmt.Errorf("%w; the API did not know the command yet: %w", ErrWaitTimeout, w.notFound))
	case left <= 0:
		w.end(ErrWaitTimeout)
	case pause < left:
		w.due, w.until = now.Add(pause), w.deadline
	default:
		w.due, w.until = w.deadline, w.deadline.Add(finalPoll)
	}
}
