package twiliosim

import (
	"cmp"
	"slices"
	"time"
)

// key is a resource's place in the order of a list: by date_created, which has
// a resolution of a second, and within a second by arrival. It never changes,
// so a page token that carries it stays good whatever comes or goes.
type key struct {
	created int64 // Unix time in seconds
	arrival uint64
}

// compare orders keys from old to new.
func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.created, other.created), cmp.Compare(k.arrival, other.arrival))
}

// entry is a resource in a store.
type entry[T any] struct {
	key   key
	sid   string
	gone  bool // no longer in the store
	value T
}

// store holds the resources of one kind, commands or SIMs, in the order of their
// keys. Its zero value is empty and ready.
type store[T any] struct {
	entries []*entry[T] // oldest first
	bySID   map[string]*entry[T]
	arrived uint64
}

// add stores a resource, replacing another with the same SID.
func (st *store[T]) add(sid string, created time.Time, value T) *entry[T] {
	st.remove(sid)
	if st.bySID == nil {
		st.bySID = map[string]*entry[T]{}
	}
	st.arrived++
	e := &entry[T]{key: key{created.Unix(), st.arrived}, sid: sid, value: value}
	st.entries = slices.Insert(st.entries, st.position(e.key), e)
	st.bySID[sid] = e
	return e
}

// remove forgets a resource, if it is there.
func (st *store[T]) remove(sid string) {
	e, ok := st.bySID[sid]
	if !ok {
		return
	}
	i := st.position(e.key)
	st.entries = slices.Delete(st.entries, i, i+1)
	st.drop(e)
}

// expire forgets every resource created at or before limit.
func (st *store[T]) expire(limit time.Time) {
	n := 0
	for n < len(st.entries) && st.entries[n].key.created <= limit.Unix() {
		st.drop(st.entries[n])
		n++
	}
	st.entries = slices.Delete(st.entries, 0, n)
}

// drop marks an entry that is being taken out.
func (st *store[T]) drop(e *entry[T]) {
	delete(st.bySID, e.sid)
	e.gone = true
}

// position returns the index of the first entry with a key of at least k.
func (st *store[T]) position(k key) int {
	i, _ := slices.BinarySearchFunc(st.entries, k, func(e *entry[T], k key) int {
		return e.key.compare(k)
	})
	return i
}

// older returns up to n matching entries, newest first, that come after the
// entry with the key k in a list, and whether there are more.
func (st *store[T]) older(k key, n int, match func(*T) bool) (found []*entry[T], more bool) {
	for i := st.position(k) - 1; i >= 0; i-- {
		if e := st.entries[i]; match(&e.value) {
			if len(found) == n {
				return found, true
			}
			found = append(found, e)
		}
	}
	return found, false
}

// newer returns up to n matching entries, newest first, that come just before
// the entry with the key k in a list.
func (st *store[T]) newer(k key, n int, match func(*T) bool) []*entry[T] {
	var found []*entry[T]
	k.arrival++ // the first key after k
	for i := st.position(k); i < len(st.entries) && len(found) < n; i++ {
		if e := st.entries[i]; match(&e.value) {
			found = append(found, e)
		}
	}
	slices.Reverse(found)
	return found
}

// all returns a copy of every resource, oldest first.
func (st *store[T]) all() []T {
	values := make([]T, len(st.entries))
	for i, e := range st.entries {
		values[i] = e.value
	}
	return values
}
