package benchtest

import (
	"bytes"
	"encoding/json"
)

// nextQuery finds the query of the next page, "?" included, in a page's
// metadata; empty on the last page.
func nextQuery(page []byte) string {
	const key = `"next_page_url":`
	i := bytes.LastIndex(page, []byte(key))
	if i < 0 {
		return ""
	}
	var url string
	if err := json.NewDecoder(bytes.NewReader(page[i+len(key):])).Decode(&url); err != nil {
		return ""
	}
	_, query, ok := bytes.Cut([]byte(url), []byte("?"))
	if !ok {
		return ""
	}
	return "?" + string(query)
}
