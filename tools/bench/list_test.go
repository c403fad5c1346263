package bench

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	peer "github.com/twilio/twilio-go/rest/supersim/v1"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/provider"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

const (
	largestPage = 1000 // at Twilio
	korePage    = 100  // the largest at KORE
)

// BenchmarkList reads what a fleet has in its 30 days.
func BenchmarkList(b *testing.B) {
	n := scaled(100_000)
	server := startServer(b, serverConfig{Commands: n})
	client := newClient(b, server.url, 1000)
	name := english.Sprintf("list of %d", n)

	b.Run("requests", func(b *testing.B) {
		for _, size := range []int{largestPage, korePage} {
			b.Run(fmt.Sprint(size), func(b *testing.B) {
				requests := inTurns(b, func() float64 {
					return float64(server.during(b, list(b, client, n, size)).Requests)
				})
				figure{name: english.Sprintf("%s in pages of %d: requests", name, size), promise: "a list costs the fewest requests that the API allows"}.
					atMost(b, count, requests[0], float64((n+size-1)/size))
			})
		}
	})
	b.Run("floor", func(b *testing.B) {
		t := inTurns(b, timed(list(b, client, n, largestPage)), timed(fetch(b, server.url, n, largestPage)))
		figure{name: name, against: "fetching the pages", promise: "reading a list costs little beside fetching it"}.
			compare(b, seconds, t[0], t[1], 4)
	})
	b.Run("data source", func(b *testing.B) {
		t := inTurns(b, timed(readDataSource(b, server.url, n)), timed(list(b, client, n, largestPage)))
		figure{name: name + ": data source", against: "the client's list", promise: "a long list is not slowed down by the framework's reflection"}.
			compare(b, seconds, t[0], t[1], 2)
	})
	b.Run("memory", func(b *testing.B) {
		short := n / 10
		shortClient := newClient(b, startServer(b, serverConfig{Commands: short}).url, 1000)
		heap := inTurns(b, peakHeap(b, client, n, 2*n), peakHeap(b, shortClient, short, 2*n))
		figure{name: name + ": peak extra heap", against: english.Sprintf("a list of %d", short), promise: "memory follows one page, not the list"}.
			compare(b, mebibytes, heap[0], heap[1], 1.5)
	})
}

// BenchmarkListPeer reads a list with the vendor's own client too.
func BenchmarkListPeer(b *testing.B) {
	n := scaled(20_000)
	server := startServer(b, serverConfig{Commands: n})
	client, vendor := newClient(b, server.url, 1000), newPeer(server.url)
	for _, size := range []int{largestPage, 50} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			t := inTurns(b, timed(list(b, client, n, size)), timed(func() {
				commands, err := vendor.ListIpCommand((&peer.ListIpCommandParams{}).SetPageSize(size))
				must(b, err)
				wantCount(b, len(commands), n)
			}))
			figure{name: english.Sprintf("list of %d in pages of %d", n, size), against: "twilio-go", promise: "a list takes at most half as long as with the vendor's library"}.
				compare(b, seconds, t[0], t[1], 0.5)
		})
	}
}

// peakHeap returns a measure of how far the heap grows while a list of n is
// read, again and again until total commands were: so the garbage collector has
// as many opportunities to be late with a short list as with a long one. It is
// the largest size that is seen, garbage included, less what it was before.
func peakHeap(b *testing.B, client *twilio.Client, n, total int) func() float64 {
	inUse := func() float64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
		metrics.Read(s)
		return float64(s[0].Value.Uint64() + s[1].Value.Uint64())
	}
	return func() float64 {
		runtime.GC()
		before := inUse()
		done, peak := make(chan struct{}), make(chan float64)
		go func() {
			most := before
			for looking := true; looking; most = max(most, inUse()) {
				select {
				case <-time.After(500 * time.Microsecond):
				case <-done:
					looking = false
				}
			}
			peak <- most
		}()
		for range total / n {
			list(b, client, n, largestPage)()
		}
		close(done)
		return <-peak - before
	}
}

// readDataSource returns what reads the data source twilio_ip_commands, from
// the provider as the CLI sees it, up to the bytes that go to the CLI.
func readDataSource(b *testing.B, url string, n int) func() {
	b.Helper()
	for _, variable := range credentials(url) {
		name, value, _ := strings.Cut(variable, "=")
		b.Setenv(name, value)
	}
	server := provider.NewServer("bench")()
	schema, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{})
	must(b, err)
	configured, err := server.ConfigureProvider(b.Context(), &tfprotov6.ConfigureProviderRequest{Config: emptyBlock(b, schema.Provider)})
	must(b, err)
	wantNone(b, configured.Diagnostics)

	const name = "twilio_ip_commands"
	config := emptyBlock(b, schema.DataSourceSchemas[name])
	return func() {
		resp, err := server.ReadDataSource(b.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
		must(b, err)
		wantNone(b, resp.Diagnostics)
		// Its content is what acceptance tests check.
		if size := len(resp.State.MsgPack); size < 300*n {
			b.Fatalf("%d commands in %d bytes", n, size)
		}
	}
}

// credentials is the environment of a provider that is to use a server.
func credentials(url string) []string {
	return []string{
		"TWILIO_ACCOUNT_SID=" + accountSID, "TWILIO_AUTH_TOKEN=" + authToken,
		"TWILIO_SUPERSIM_ENDPOINT=" + url, "TWILIO_WIRELESS_ENDPOINT=" + url,
	}
}

// emptyBlock is a block of a schema in which nothing is set.
func emptyBlock(b *testing.B, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	b.Helper()
	object := schema.ValueType().(tftypes.Object)
	attributes := map[string]tftypes.Value{}
	for name, t := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(t, nil)
	}
	block, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, attributes))
	must(b, err)
	return &block
}

func wantNone(b *testing.B, diags []*tfprotov6.Diagnostic) {
	b.Helper()
	for _, d := range diags {
		b.Fatalf("%s: %s", d.Summary, d.Detail)
	}
}
