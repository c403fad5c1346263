package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	peerclient "github.com/twilio/twilio-go/client"
	peer "github.com/twilio/twilio-go/rest/supersim/v1"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// newClient returns a client as the provider makes it, of a platform with a page
// of at most so many commands.
func newClient(b *testing.B, url string, maxPage int) *twilio.Client {
	b.Helper()
	platform := twilio.Twilio
	platform.MaxIPCommandsPage = maxPage
	client, err := twilio.New(twilio.Config{
		Platform:    platform,
		SuperSIMURL: url, WirelessURL: url,
		Config: rest.Config{
			MaxRetries:  twilio.DefaultMaxRetries,
			Credentials: rest.BasicAuth{Username: accountSID, Password: authToken},
		},
	})
	must(b, err)
	return client
}

// list returns what reads a list to its end.
func list(b *testing.B, client *twilio.Client, n, pageSize int) func() {
	return func() {
		read := 0
		for _, err := range client.IPCommands.List(b.Context(), twilio.IPCommandFilter{}, rest.ListOptions{PageSize: pageSize}) {
			must(b, err)
			read++
		}
		wantCount(b, read, n)
	}
}

// fetch returns what reads all pages of a list and throws them away, as the
// floor for whatever does something with them: nothing is decoded, and one
// buffer serves all pages.
func fetch(b *testing.B, url string, n, pageSize int) func() {
	return func() {
		var body bytes.Buffer
		read := 0
		for next := fmt.Sprintf("?PageSize=%d", pageSize); next != ""; next = nextQuery(body.Bytes()) {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/v1/IpCommands"+next, nil)
			must(b, err)
			req.SetBasicAuth(accountSID, authToken)
			resp, err := http.DefaultClient.Do(req)
			must(b, err)
			body.Reset()
			_, err = body.ReadFrom(resp.Body)
			resp.Body.Close()
			must(b, err)
			read += pageSize
		}
		wantCount(b, min(read, n), n)
	}
}

// nextQuery finds the query of the next page in a page's metadata, "?"
// included. It is empty on the last page.
func nextQuery(page []byte) string {
	const key = `"next_page_url":`
	var next string
	_ = json.NewDecoder(bytes.NewReader(page[bytes.LastIndex(page, []byte(key))+len(key):])).Decode(&next)
	if i := strings.IndexByte(next, '?'); i >= 0 {
		return next[i:]
	}
	return ""
}

func wantCount(b *testing.B, got, want int) {
	b.Helper()
	if got != want {
		b.Fatalf("%d commands, want %d", got, want)
	}
}

// newPeer returns the vendor's own client, which takes no address: its requests
// are redirected on their way.
func newPeer(url string) *peer.ApiService {
	return peer.NewApiServiceWithClient(&peerclient.Client{
		Credentials: peerclient.NewCredentials(accountSID, authToken),
		HTTPClient: &http.Client{
			Timeout:   10 * time.Second, // As it has by itself.
			Transport: redirected{strings.TrimPrefix(url, "http://"), &http.Transport{MaxIdleConnsPerHost: parallel}},
		},
	})
}

// redirected sends every request to one host, without TLS.
type redirected struct {
	host      string
	transport http.RoundTripper
}

func (t redirected) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host = "http", t.host
	return t.transport.RoundTrip(r)
}
