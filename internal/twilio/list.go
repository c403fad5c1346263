package twilio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	json "github.com/go-json-experiment/json/v1"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// ListOptions say how much of a list to read.
type ListOptions struct {
	// PageSize is the number of items in a request, 1 to the platform's
	// maximum for the list; zero means that maximum, or Limit where that is
	// less.
	PageSize int
	// Limit ends the list after this many items; zero means none.
	Limit int
}

const (
	// maxBarrenPages is after how many pages in a row without an item that is
	// new a list ends with an error.
	maxBarrenPages = 20
	// maxRecent is how many items at least are remembered as given.
	maxRecent = 1000
	// maxItemBytes bounds an item in an answer: 1,300 bytes of payload that are
	// all escaped in JSON, and what stands around them. maxAnswerBytes bounds
	// a page.
	maxItemBytes   = 64 << 10
	maxAnswerBytes = 16 << 20
)

// list iterates over all pages of a list, whose items are under key, holding
// one page at a time. It follows meta.next_page_url, but takes only its query:
// credentials never leave the configured host, and a proxy or path prefix
// stays in place.
//
// While pages are read, new items come in before those that were read, and move
// some of them to a later page. What was given last is not given again.
func list[T object](ctx context.Context, c *Client, r rest.Request, key string, query url.Values, opts ListOptions) iter.Seq2[T, error] {
	size := opts.PageSize
	if opts.Limit > 0 {
		size = min(size, opts.Limit)
	}
	query.Set("PageSize", strconv.Itoa(size))
	r.Query = query.Encode()
	return func(yield func(T, error) bool) {
		fail := func(err error) { yield(*new(T), err) }
		left, barren := opts.Limit, 0
		pages := map[string]bool{}
		given, before := map[string]bool{}, map[string]bool{} // SIDs, the latest and those before them
		for r := r; ; {
			pages[r.Query] = true
			items, next, err := fetchPage[T](ctx, c, r, key, size)
			if err != nil {
				fail(err)
				return
			}
			barren++
			for _, item := range items {
				sid := item.sid()
				if given[sid] || before[sid] {
					continue
				}
				if len(given) == maxRecent {
					before, given = given, map[string]bool{}
				}
				given[sid] = true
				barren = 0
				if !yield(item, nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			switch {
			case next == "":
				return
			case pages[next]:
				fail(fmt.Errorf("GET %s%s: the list does not end: its next page is one that was read before", r.Base.Host, r.Path))
				return
			case barren == maxBarrenPages:
				fail(fmt.Errorf("GET %s%s: the list does not end: %d pages in a row have nothing new", r.Base.Host, r.Path, barren))
				return
			}
			r.Query = next
		}
	}
}

// fetchPage returns the items of a page and the query of the next one, which
// is empty on the last page.
func fetchPage[T object](ctx context.Context, c *Client, r rest.Request, key string, size int) (items []T, next string, err error) {
	r.MaxAnswer = min(int64(size)*maxItemBytes, maxAnswerBytes)
	r.Decode = func(body []byte) (err error) {
		p := page[T]{key: key, most: size}
		if err = p.decode(body); err == nil {
			items = p.items
			next, err = nextQuery(p.meta.NextPageURL)
		}
		return err
	}
	err = c.Do(ctx, r)
	return items, next, err
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

// nonEmpty builds values without those that are empty.
func nonEmpty(fields map[string]string) url.Values {
	v := url.Values{}
	for name, value := range fields {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}
