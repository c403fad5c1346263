package twilio

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const (
	// minReadPage is the least page size of a list that is read for all, and
	// listPause the least time between two.
	minReadPage = 50
	listPause   = firstPoll / 2
	// listTimeout bounds how long all wait for a page of it, the pacer's queue not
	// counted. After a list that stalls, no other is read for stallPause.
	listTimeout = 3 * time.Second
	stallPause  = 10 * listTimeout
	// listLag is how far a list may lag behind what the API tells by SID. One that
	// lags further is stale: no other is read for stalePause, which is for good.
	listLag    = time.Second
	stalePause = 365 * 24 * time.Hour
)

var errStalled, errStale = errors.New("it stalls"), errors.New("it is stale: what had left before it was asked for is queued in it")

// serve polls for several, with a list of the newest commands.
func (s *watcher) serve(ctx context.Context, asked time.Time, waits []*wait, left map[string]bool) {
	shown, unread, err := s.read(ctx, waits, left)
	if err != nil {
		s.Log(ctx, "The list for all that wait could not be read", map[string]any{"error": rest.LogText(err)})
	}
	s.end(asked, waits, shown, unread, err)
}

// end gives waits what a list has shown.
func (s *watcher) end(asked time.Time, waits []*wait, shown map[*wait][]IPCommand, unread map[*wait]bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Clock.Now()
	switch {
	case errors.Is(err, errStalled):
		s.notBefore = now.Add(stallPause)
	case errors.Is(err, errStale):
		s.notBefore = now.Add(stalePause)
	}
	// The oldest is the likeliest to have left.
	slices.SortFunc(waits, func(a, b *wait) int { return cmp.Or(a.checks-b.checks, a.since.Compare(b.since)) })
	isChecked := false
	for _, w := range waits {
		news := shown[w]
		if !isChecked && !w.isOver && !w.all && len(news) > 0 && news[0].IsQueued() {
			isChecked, news = true, nil
			w.checks, w.misses = w.checks+1, 0
		}
		if len(news) > 0 && !w.all || w.all && !unread[w] {
			w.misses = 0
			s.polled(w, news, nil, now)
		} else {
			w.misses = max(1, 2*w.misses)
			w.alone = w.misses
		}
	}
	s.polls--
	s.nextList = asked.Add(listPause)
	s.wake()
}

// forList returns the waits that a list serves, and which commands had left a moment
// before it is asked for: they are queued in none that is honest. The lock is held.
func (s *watcher) forList(now time.Time) (waits []*wait, left map[string]bool) {
	for _, w := range s.waits {
		if w.alone == 0 && !w.isAsking {
			waits = append(waits, w)
		}
	}
	left = make(map[string]bool)
	for sid, told := range s.left {
		if now.Sub(told) >= listLag {
			left[sid] = true
			delete(s.left, sid)
		}
	}
	return waits, left
}

// read lists the newest commands, back to the oldest that anybody waits for. It returns
// the news of each wait, and for which waits it has not read back far enough: it reads
// at most as many pages as there are such, since these can be asked for alone.
func (s *watcher) read(ctx context.Context, waits []*wait, left map[string]bool) (news map[*wait][]IPCommand, unread map[*wait]bool, err error) {
	r := s.get(ipCommandsPath)
	r.RepeatOnce = true // What it does not show is asked for.
	s.mu.Lock()
	r.Deadline = slices.MaxFunc(waits, func(a, b *wait) int { return a.until.Compare(b.until) }).until
	s.mu.Unlock()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	arrived := func() bool { return true }
	r.AfterRefusal = func() { arrived() }
	r.BeforeAttempt = func() { // The pacer has let it through.
		page, _ := s.Clock.WithDeadline(ctx, s.Clock.Now().Add(listTimeout))
		arrived = context.AfterFunc(page, func() { stop(errStalled) })
	}
	news, unread = make(map[*wait][]IPCommand), make(map[*wait]bool)
	byKey, hidden := make(map[string][]*wait), make(map[string]bool)
	for _, w := range waits {
		unread[w] = true
		byKey[w.key] = append(byKey[w.key], w)
		for _, text := range w.hidden {
			hidden[text] = true
		}
	}
	r.Secrets = slices.Collect(maps.Keys(hidden))
	newestFirst := slices.SortedFunc(slices.Values(waits), func(a, b *wait) int { return b.since.Compare(a.since) })
	size := min(s.maxPage, max(minReadPage, 2*len(waits)))
	read := 0
	var last [lookOlder]time.Time // when the last rows were created: if all are too old for a wait, so is what follows
	for cmd, err := range s.list(ctx, r, IPCommandFilter{Direction: s.direction}, rest.ListOptions{PageSize: size}) {
		arrived() // The page is there, and the next one may have to queue.
		switch {
		case err != nil:
			return news, unread, err
		case left[cmd.SID] && cmd.Status != nil && cmd.IsQueued():
			return nil, nil, errStale
		}
		for _, w := range byKey[s.key(cmd)] {
			if w.wants(cmd) {
				news[w] = append(news[w], cmd)
				if !w.all {
					delete(unread, w)
				}
			}
		}
		last[read%lookOlder] = createdAt(cmd)
		read++
		oldest := slices.MaxFunc(last[:], time.Time.Compare)
		for read >= lookOlder && len(newestFirst) > 0 && oldest.Before(newestFirst[0].since) {
			delete(unread, newestFirst[0])
			newestFirst = newestFirst[1:]
		}
		if n := len(unread); n == 0 || read%size == 0 && read/size >= n {
			return news, unread, nil
		}
	}
	return news, nil, nil
}

// key returns the key of the waits that a command may be news to.
func (s *watcher) key(cmd IPCommand) string {
	if s.direction == DirectionToSIM || cmd.SIMSID == nil {
		return cmd.SID
	}
	return strings.ToLower(*cmd.SIMSID)
}
