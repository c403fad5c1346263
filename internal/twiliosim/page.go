package twiliosim

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
)

// defaultPageSize is the published descriptions'. The largest pages are the
// platform's; see traits.
const defaultPageSize = 50

// listing is what a list request asks for.
type listing struct {
	url   string // of all pages, up to their PageSize
	size  int
	index int // the client's own count of pages; it selects nothing
	token *pageToken
}

// parseListing reads PageSize, Page and PageToken.
func parseListing(query url.Values, maxPageSize int) (l listing, refused *apiError) {
	if n, err := strconv.Atoi(query.Get("PageSize")); err == nil && n > maxPageSize {
		return l, errPageSize(maxPageSize)
	}
	var ok bool
	if l.size, ok = integer(query, "PageSize", 1, maxPageSize, defaultPageSize); !ok {
		return l, errPaging("PageSize", 1, maxPageSize)
	}
	if l.index, ok = integer(query, "Page", 0, math.MaxInt32, 0); !ok {
		return l, errPaging("Page", 0, math.MaxInt32)
	}
	if v := query.Get("PageToken"); v != "" {
		if l.token = parsePageToken(v); l.token == nil {
			return l, errPageToken()
		}
	}
	return l, nil
}

// integer reads a number between two bounds, which are allowed, and reports
// whether it is one.
func integer(values url.Values, name string, least, most, byDefault int) (n int, ok bool) {
	v := values.Get(name)
	if v == "" {
		return byDefault, true
	}
	n, err := strconv.Atoi(v)
	return n, err == nil && least <= n && n <= most
}

// pageToken says where a page lies: just after the resource with this key in
// the list, or just before it. The form is this simulator's own; the real
// API's is opaque too.
type pageToken struct {
	before bool
	key    key
}

// String encodes the token, in 34 characters.
func (t pageToken) String() string {
	return fmt.Sprintf("P%s%016x%016x", pick(t.before, "B", "A"), t.key.created, t.key.arrival)
}

// parsePageToken decodes a token, or returns nil.
func parsePageToken(s string) *pageToken {
	var t pageToken
	var direction rune
	_, err := fmt.Sscanf(s, "P%c%016x%016x", &direction, &t.key.created, &t.key.arrival)
	t.before = direction == 'B'
	if err != nil || t.String() != s {
		return nil
	}
	return &t
}

// start is the key before the first page: that of no resource.
var start = key{math.MaxInt64, math.MaxUint64}

// meta describes a page and how to get to others, as the API does. Its URLs
// are absolute.
type meta struct {
	FirstPageURL    string  `json:"first_page_url"`
	Key             string  `json:"key"`
	NextPageURL     *string `json:"next_page_url"`
	Page            int     `json:"page"`
	PageSize        int     `json:"page_size"`
	PreviousPageURL *string `json:"previous_page_url"`
	URL             string  `json:"url"`
}

// pageURL returns the URL of a page of the list.
func (l listing) pageURL(index int, token *pageToken) *string {
	u := fmt.Sprintf("%sPageSize=%d&Page=%d", l.url, l.size, index)
	if token != nil {
		u += "&PageToken=" + token.String()
	}
	return &u
}

// page finds the entries of the page that l asks for, and describes it.
func page[T any](st *store[T], l listing, match func(*T) bool) ([]*entry[T], meta) {
	from, backwards := start, false
	if l.token != nil {
		from, backwards = l.token.key, l.token.before
	}
	var found []*entry[T]
	more := true // backwards: at least the one that the token stands on, as it was then
	if backwards {
		found = st.newer(from, l.size, match)
	} else {
		found, more = st.older(from, l.size, match)
	}
	first, last := from, from
	if len(found) > 0 {
		first, last = found[0].key, found[len(found)-1].key
	} else if backwards {
		last.arrival++ // what the token stands on is on the next page
	}
	m := meta{FirstPageURL: *l.pageURL(0, nil), Page: l.index, PageSize: l.size, URL: *l.pageURL(l.index, l.token)}
	if more {
		m.NextPageURL = l.pageURL(l.index+1, &pageToken{key: last})
	}
	if l.index > 0 && l.token != nil {
		m.PreviousPageURL = l.pageURL(l.index-1, &pageToken{before: true, key: first})
	}
	return found, m
}
