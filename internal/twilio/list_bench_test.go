package twilio

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"weak"

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

// TestListIPCommands_fewestRequests lists what a fleet has in 30 days, as the
// platforms allow: 1,000 commands in a page, and 100 on KORE's.
func TestListIPCommands_fewestRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ commands, pageSize, requests int }{
		{100_000, 0, 100},
		{100_000, 100, 1000},
	} {
		t.Run(fmt.Sprintf("%d in pages of %d", test.commands, test.pageSize), func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			client := benchClient(t, memory, benchtest.Transport{Handler: benchtest.Counted(benchtest.Terse(test.commands), &requests)})
			n := 0
			for _, err := range client.ListIPCommands(t.Context(), IPCommandFilter{}, ListOptions{PageSize: test.pageSize}) {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != test.commands || requests.Load() != int64(test.requests) {
				t.Errorf("%d commands with %d requests, want %d with %d", n, requests.Load(), test.commands, test.requests)
			}
		})
	}
}

// TestListIPCommands_memoryByPage wants of a list that memory follows the
// page: what came before the present one is garbage, however long the list.
func TestListIPCommands_memoryByPage(t *testing.T) {
	t.Parallel()
	const pages, size = 50, 20
	client := benchClient(t, memory, benchtest.Transport{Handler: benchtest.Generated(pages * size)})
	var payloads []weak.Pointer[string] // of the first command of each page
	n := 0
	for c, err := range client.ListIPCommands(t.Context(), IPCommandFilter{}, ListOptions{PageSize: size}) {
		if err != nil {
			t.Fatal(err)
		}
		if n%size == 0 {
			runtime.GC()
			for page, p := range payloads {
				if p.Value() != nil {
					t.Errorf("page %d is still held on page %d", page, n/size)
				}
			}
			payloads = append(payloads, weak.Make(c.Payload))
		}
		n++
	}
	if len(payloads) != pages {
		t.Errorf("%d pages", len(payloads))
	}
}

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
