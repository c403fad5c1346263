package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"
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

// page is one page of a list of T.
type page[T any] interface {
	// content returns the items, nil when the answer has none of its key or
	// one is without a SID, and the page's metadata.
	content() ([]T, *pageMeta)
}

// identified returns items, or nil where one of them has no SID and so is not
// what the API lists.
func identified[T any](items []T, sid func(T) string) []T {
	if slices.ContainsFunc(items, func(item T) bool { return sid(item) == "" }) {
		return nil
	}
	return items
}

type pageMeta struct {
	// NextPageURL is null on the last page.
	NextPageURL json.RawMessage `json:"next_page_url"`
}

// list iterates over all pages of a list, holding one page at a time. It
// follows meta.next_page_url, but takes only its query: credentials never
// leave the configured host, and a proxy or path prefix stays in place.
func list[T any](ctx context.Context, c *Client, r request, query url.Values, opts ListOptions, newPage func() page[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		left := opts.Limit
		r.query = firstPageQuery(query, opts)
		seen := make(map[string]bool)
		for {
			seen[r.query] = true
			items, next, err := fetchPage(ctx, c, r, newPage)
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
				if left--; left == 0 {
					return
				}
			}
			if next == "" {
				return
			}
			if seen[next] {
				yield(*new(T), fmt.Errorf("GET %s%s: the list does not end: its next page is one that was read before", r.base.Host, r.path))
				return
			}
			r.query = next
		}
	}
}

// largestPage returns the options with the largest page where they name none.
func (o ListOptions) largestPage(size int) ListOptions {
	if o.PageSize == 0 {
		o.PageSize = size
	}
	return o
}

func firstPageQuery(query url.Values, opts ListOptions) string {
	size := opts.PageSize
	if opts.Limit > 0 {
		size = min(size, opts.Limit)
	}
	query.Set("PageSize", strconv.Itoa(size))
	return query.Encode()
}

// fetchPage returns the items of a page and the query of the next one, which
// is empty on the last page.
func fetchPage[T any](ctx context.Context, c *Client, r request, newPage func() page[T]) (items []T, next string, err error) {
	err = c.do(ctx, r, func(body io.Reader) error {
		p := newPage()
		if err := decodeJSON(body, p); err != nil {
			return err
		}
		var meta *pageMeta
		items, meta = p.content()
		if items == nil || meta == nil {
			return errors.New("the answer is not a page of the list")
		}
		next, err = nextQuery(meta)
		return err
	})
	return items, next, err
}

func nextQuery(meta *pageMeta) (string, error) {
	var next *string
	if len(meta.NextPageURL) > 0 {
		if err := json.Unmarshal(meta.NextPageURL, &next); err != nil {
			return "", fmt.Errorf("the address of the next page can't be understood: %w", err)
		}
	}
	if next == nil || *next == "" {
		return "", nil
	}
	u, err := url.Parse(*next)
	if err != nil || u.RawQuery == "" {
		return "", fmt.Errorf("the address of the next page can't be understood: %q", clean(*next))
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
