package benchtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// pageSize is the largest page of the lists of Twilio's platform.
const pageSize = 1000

// FetchPages reads all pages of the list of IP Commands at base and throws
// them away, as the floor for whatever does something with them. It returns
// their number. Nothing is decoded, and one buffer serves all pages.
func FetchPages(ctx context.Context, client *http.Client, base string) (pages int, err error) {
	var body bytes.Buffer
	next := "?PageSize=" + strconv.Itoa(pageSize)
	for next != "" {
		if err := get(ctx, client, base+"/v1/IpCommands"+next, &body); err != nil {
			return pages, err
		}
		next = nextQuery(body.Bytes())
		pages++
	}
	return pages, nil
}

// get reads an answer of status 200 into body.
func get(ctx context.Context, client *http.Client, url string, body *bytes.Buffer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body.Reset()
	if _, err := body.ReadFrom(resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return nil
}

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
