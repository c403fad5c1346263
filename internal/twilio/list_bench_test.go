package twilio

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// benchClient is a client of an API at a loopback address, or, with a
// transport, in memory.
func benchClient(tb testing.TB, url string, transport http.RoundTripper) *Client {
	tb.Helper()
	if transport == nil {
		pooled := pooledTransport().(*http.Transport)
		tb.Cleanup(pooled.CloseIdleConnections)
		transport = pooled
	}
	client, err := New(Config{
		SuperSIMURL: url, Transport: transport, MaxRetries: DefaultMaxRetries,
		Credentials: BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return client
}

// memory is the URL of an API that a transport has in memory.
const memory = "http://127.0.0.1:1"

// BenchmarkDecodePage decodes a page of 1,000 commands.
func BenchmarkDecodePage(b *testing.B) {
	page := benchtest.Page(1000)
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		var p ipCommandPage
		if err := decodeJSON(bytes.NewReader(page), &p); err != nil || len(p.IPCommands) != 1000 {
			b.Fatal(len(p.IPCommands), err)
		}
	}
}

// BenchmarkList lists 10,000 commands from pages in memory, over loopback.
func BenchmarkList(b *testing.B) {
	const n = 10_000
	client := benchClient(b, benchtest.Pages(b, n), nil)
	b.ReportAllocs()
	for b.Loop() {
		count := 0
		for _, err := range client.ListIPCommands(b.Context(), IPCommandFilter{}, ListOptions{}) {
			if err != nil {
				b.Fatal(err)
			}
			count++
		}
		if count != n {
			b.Fatal(count)
		}
	}
}
