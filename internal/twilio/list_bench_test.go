package twilio

import (
	"net/http"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// benchClient is a client of an API at a loopback address, or, with a
// transport, in memory.
func benchClient(tb testing.TB, url string, transport http.RoundTripper) *Client {
	tb.Helper()
	if transport == nil {
		pooled := rest.NewTransport()
		tb.Cleanup(pooled.CloseIdleConnections)
		transport = pooled
	}
	client, err := New(Config{
		SuperSIMURL: url,
		Config: rest.Config{
			Transport: transport, MaxRetries: DefaultMaxRetries,
			Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
		},
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
	body := benchtest.Page(1000)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		p := pageOfIPCommands(1000)
		if err := p.decode(body); err != nil || len(p.items) != 1000 {
			b.Fatal(len(p.items), err)
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
