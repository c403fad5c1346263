package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	json "github.com/go-json-experiment/json/v1"
)

// ListOptions say how much of a list to read.
type ListOptions struct {
	// PageSize is the number of items in a request, 1 or more, or Limit where that
	// is less.
	PageSize int
	// Limit ends the list after this many items; zero means none.
	Limit int
	// MaxPages ends the list with ErrTooMany where more pages than this follow;
	// zero means 10,000, and another error.
	MaxPages int
}

const (
	// maxPages bounds a list that never ends although each page has something
	// new. Its full pages hold more than Terraform could.
	maxPages = 10_000
	// maxBarrenPages is after how many pages in a row without an item that is
	// new a list ends with an error.
	maxBarrenPages = 20
	// maxRecent is how many items at least are remembered as given.
	maxRecent = 1000
	// MaxItemBytes bounds an item in a response, and maxPageBytes a page.
	MaxItemBytes = 64 << 10
	maxPageBytes = 16 << 20
)

// ErrTooMany means that a list has more pages than ListOptions.MaxPages.
var ErrTooMany = errors.New("more follow than are read")

// List iterates over all pages of a list, whose items are under key, holding one
// page at a time. It follows meta.next_page_url, but takes only its query:
// credentials never leave the configured host, and a proxy or path prefix stays
// in place. A failure ends the iteration with an error.
//
// While pages are read, new items come in before those that were read, and move
// some of them to a later page. What was given last is not given again. Each page
// is held against query before any of its items is given.
func List[T Object](ctx context.Context, c *Client, r Request, key string, query url.Values, opts ListOptions) iter.Seq2[T, error] {
	size := opts.PageSize
	if opts.Limit > 0 {
		size = min(size, opts.Limit)
	}
	query.Set("PageSize", strconv.Itoa(size))
	r.Query = query.Encode()
	return func(yield func(T, error) bool) {
		fail := func(err error) { yield(*new(T), err) }
		failList := func(why string) { fail(fmt.Errorf("GET %s%s: %s", r.Base.Host, r.Path, why)) }
		asked, left, barren := maps.Clone(query), opts.Limit, 0
		pages := map[string]bool{}
		given, before := map[string]bool{}, map[string]bool{} // IDs, the latest and those before them
		for r := r; ; {
			pages[r.Query] = true
			page, next, err := fetchPage[T](ctx, c, r, key, size)
			if err != nil {
				fail(err)
				return
			}
			for _, item := range page.items {
				if filter := item.Excluded(asked); filter != "" {
					failList("the filter " + filter + " was not kept: the list has rows that it excludes. A proxy or a cache on the way may have dropped it; check what is between here and the API")
					return
				}
			}
			barren++
			for _, item := range page.items {
				id := item.ID()
				if given[id] || before[id] {
					continue
				}
				if len(given) == maxRecent {
					before, given = given, map[string]bool{}
				}
				given[id] = true
				barren = 0
				if !yield(item, nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			switch {
			case page.meta.NextPageURL == nil && len(page.items) == size:
				failList("the list may be cut short: a page is full, and does not say whether another follows (its meta has no next_page_url)")
				return
			case next == "":
				return
			case pages[next]:
				failList("the list does not end: its next page is one that was read before")
				return
			case len(pages) == opts.MaxPages:
				fail(fmt.Errorf("%w (%d pages of %d)", ErrTooMany, opts.MaxPages, size))
				return
			case len(pages) == maxPages:
				failList(fmt.Sprintf("the list does not end: more than %d pages; a larger page size needs fewer", len(pages)))
				return
			case barren == maxBarrenPages:
				failList(fmt.Sprintf("the list does not end: %d pages in a row have nothing new", barren))
				return
			}
			r.Query = next
		}
	}
}

// fetchPage returns a page and the query of the next one, which is empty on the
// last page.
func fetchPage[T Object](ctx context.Context, c *Client, r Request, key string, size int) (p page[T], next string, err error) {
	r.MaxBytes = min(int64(size)*MaxItemBytes, maxPageBytes)
	r.Decode = func(body []byte) (err error) {
		p = page[T]{key: key, most: size}
		if err = p.decode(body); err == nil {
			next, err = nextQuery(p.meta.NextPageURL)
		}
		return err
	}
	err = c.Do(ctx, r)
	return p, next, err
}

// nextQuery returns the query of the address of the next page, a value of JSON.
func nextQuery(address jsontext.Value) (string, error) {
	var text string
	if len(address) > 0 && json.Unmarshal(address, &text) != nil {
		return "", errors.New("the address of the next page is no text")
	}
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.RawQuery == "" {
		return "", errors.New("the address of the next page can't be understood")
	}
	return u.RawQuery, nil
}
