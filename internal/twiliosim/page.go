package twiliosim

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// paging is what a list request asks for.
type paging struct {
	size  int
	index int // the client's own count of pages; it selects nothing
	token *pageToken
}

// pageToken says where a page lies: just after the command with this key in
// the list, or just before it. The form is this simulator's own; the real
// API's is opaque too.
type pageToken struct {
	before bool
	key    key
}

// start is the key before the first page: that of no command.
var start = key{math.MaxInt64, math.MaxUint64}

// The two kinds of token, and their length in all.
const (
	tokenAfter  = "PA"
	tokenBefore = "PB"
	tokenLength = 34
)

// String encodes the token.
func (t pageToken) String() string {
	return fmt.Sprintf("%s%016x%016x", pick(t.before, tokenBefore, tokenAfter), uint64(t.key.created), t.key.arrival) //nolint:gosec // the bits come back as they are.
}

// parsePageToken decodes a token.
func parsePageToken(s string) (*pageToken, bool) {
	if len(s) != tokenLength || !strings.HasPrefix(s, tokenAfter) && !strings.HasPrefix(s, tokenBefore) {
		return nil, false
	}
	created, err1 := strconv.ParseUint(s[2:18], 16, 64)
	arrival, err2 := strconv.ParseUint(s[18:], 16, 64)
	if err1 != nil || err2 != nil {
		return nil, false
	}
	return &pageToken{before: strings.HasPrefix(s, tokenBefore), key: key{int64(created), arrival}}, true //nolint:gosec // see String.
}

// parsePaging reads PageSize, at most maxPageSize, Page and PageToken.
func parsePaging(query url.Values, maxPageSize int) (paging, *apiError) {
	p := paging{size: defaultPageSize}
	var err error
	if v := query.Get("PageSize"); v != "" {
		if p.size, err = strconv.Atoi(v); err != nil || p.size < 1 {
			return p, errInvalid("PageSize", fmt.Sprintf("must be an integer from 1 to %d", maxPageSize))
		}
		if p.size > maxPageSize {
			return p, errPageSize(maxPageSize)
		}
	}
	if v := query.Get("Page"); v != "" {
		if p.index, err = strconv.Atoi(v); err != nil || p.index < 0 {
			return p, errInvalid("Page", "must be an integer of at least 0")
		}
	}
	if v := query.Get("PageToken"); v != "" {
		token, ok := parsePageToken(v)
		if !ok {
			return p, errInvalid("PageToken", "is not a token of this API")
		}
		p.token = token
	}
	return p, nil
}

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

// listing is what a list request found its way to.
type listing struct {
	url     string      // of the list, without a query
	key     string      // the name of the array in the answer
	filters [][2]string // in the order in which page URLs have them
	paging  paging
}

// pageURL returns the URL of a page of the list.
func (l listing) pageURL(index int, token *pageToken) string {
	var b strings.Builder
	b.WriteString(l.url)
	b.WriteByte('?')
	for _, f := range l.filters {
		fmt.Fprintf(&b, "%s=%s&", f[0], url.QueryEscape(f[1]))
	}
	fmt.Fprintf(&b, "PageSize=%d&Page=%d", l.paging.size, index)
	if token != nil {
		fmt.Fprintf(&b, "&PageToken=%s", token)
	}
	return b.String()
}

// page finds the entries of the page that l asks for, and describes it.
func page[T any](st *store[T], l listing, match func(*T) bool) ([]*entry[T], meta) {
	p := l.paging
	from, backwards := start, false
	if p.token != nil {
		from, backwards = p.token.key, p.token.before
	}
	var found []*entry[T]
	var more bool
	if backwards {
		found = st.newer(from, p.size, match)
		more = true // at least the one that the token stands on, as it was then
	} else {
		found, more = st.older(from, p.size, match)
	}
	m := meta{
		FirstPageURL: l.pageURL(0, nil), Key: l.key, Page: p.index, PageSize: p.size,
		URL: l.pageURL(p.index, p.token),
	}
	first, last := from, from
	if len(found) > 0 {
		first, last = found[0].key, found[len(found)-1].key
	} else if backwards {
		last.arrival++ // what the token stands on is on the next page
	}
	if more {
		next := l.pageURL(p.index+1, &pageToken{key: last})
		m.NextPageURL = &next
	}
	if p.index > 0 && p.token != nil {
		previous := l.pageURL(p.index-1, &pageToken{before: true, key: first})
		m.PreviousPageURL = &previous
	}
	return found, m
}
