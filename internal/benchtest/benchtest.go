// Package benchtest is what benchmarks and the tests of their bounds share:
// APIs with long lists, an API that takes only so much at a time, and floors
// to compare with. The command that prints the table of figures is in
// cmd/bench.
package benchtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// SIM is the unique name of the SIM that every server of this package knows.
const SIM = "valve"

// Simulator returns a simulator that knows n IP Commands of the last days.
func Simulator(n int) *twiliosim.Simulator {
	sim := twiliosim.New(twiliosim.Config{})
	sim.AddSIM(twiliosim.SIM{UniqueName: SIM})
	now := time.Now()
	for i := range n {
		sim.AddIPCommand(twiliosim.IPCommand{
			Payload:     fmt.Sprintf(`{"seq":%d,"set":"report_interval","seconds":3600}`, i),
			DateCreated: now.Add(time.Duration(i-n) * time.Second),
		})
	}
	return sim
}

// Pages serves a list of n IP Commands at a loopback address, at next to no
// cost: the simulator makes each page once, and it is sent from memory after
// that. It returns the base URL. The pages have 1,000 commands.
func Pages(tb testing.TB, n int) string {
	tb.Helper()
	url := Served(tb, Replay(Simulator(n)))
	if pages := Fetch(tb, url); pages != (n+pageSize-1)/pageSize {
		tb.Fatalf("%d pages for %d commands", pages, n)
	}
	return url
}

// Served serves an API at a loopback address until the test ends. It returns
// the base URL.
func Served(tb testing.TB, api http.Handler) string {
	tb.Helper()
	server := httptest.NewServer(api)
	tb.Cleanup(server.Close)
	return server.URL
}

// Fetch is FetchPages in a benchmark.
func Fetch(tb testing.TB, base string) int {
	tb.Helper()
	pages, err := FetchPages(tb.Context(), http.DefaultClient, base)
	if err != nil {
		tb.Fatal(err)
	}
	return pages
}

// CPU is CPUTime in a benchmark.
func CPU(tb testing.TB) time.Duration {
	tb.Helper()
	used, err := CPUTime()
	if err != nil {
		tb.Fatal(err)
	}
	return used
}
