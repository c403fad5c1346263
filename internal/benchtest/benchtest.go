// Package benchtest is what the benchmarks of several packages share.
package benchtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// Pages serves a list of n IP Commands at a loopback address, at next to no
// cost: the simulator makes each page once, and it is sent from memory after
// that. It returns the base URL. The pages have 1,000 commands.
func Pages(tb testing.TB, n int) string {
	tb.Helper()
	sim := twiliosim.New(twiliosim.Config{})
	sim.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	now := time.Now()
	for i := range n {
		sim.AddIPCommand(twiliosim.IPCommand{
			Payload:     fmt.Sprintf(`{"seq":%d,"set":"report_interval","seconds":3600}`, i),
			DateCreated: now.Add(time.Duration(i-n) * time.Second),
		})
	}
	server := httptest.NewServer(replay(sim))
	tb.Cleanup(server.Close)
	if pages := Fetch(tb, server.URL); pages != (n+999)/1000 {
		tb.Fatalf("%d pages for %d commands", pages, n)
	}
	return server.URL
}

// replay answers each request as h did the first time.
func replay(h http.Handler) http.Handler {
	var answers sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers.Load(r.URL.String())
		if !ok {
			recorder := httptest.NewRecorder()
			h.ServeHTTP(recorder, r)
			answer = recorder.Body.Bytes()
			answers.Store(r.URL.String(), answer)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer.([]byte)) //nolint:errcheck // A client that goes away is not our concern.
	})
}

// Fetch reads all pages of the list at base and throws them away, as the
// floor for whatever does something with them. It returns their number. The
// page tokens are found without decoding.
func Fetch(tb testing.TB, base string) int {
	tb.Helper()
	next := "?PageSize=1000"
	for n := 1; ; n++ {
		body := get(tb, base+"/v1/IpCommands"+next)
		if next = nextQuery(body); next == "" {
			return n
		}
	}
}

func get(tb testing.TB, url string) []byte {
	req, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	req.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		tb.Fatal(resp.Status, err)
	}
	return body
}

// CPU is the processor time, of user and system, that this process has used.
func CPU(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
