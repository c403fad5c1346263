package rest

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

// dated is the header of a response that was written at this time by the
// server's clock.
func dated(at time.Time) http.Header {
	return http.Header{"Date": {at.UTC().Format(http.TimeFormat)}}
}

// TestServerClock_R2 has responses that take any time on either way: the truth
// is always within the bounds, and many responses narrow them.
func TestServerClock_R2(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	some := func(most time.Duration) time.Duration { return time.Duration(r.Int64N(int64(most))) }
	for range 500 {
		ahead := some(48*time.Hour) - 24*time.Hour
		var server ServerClock
		now := epoch
		for responses := range 50 {
			now = now.Add(some(10 * time.Second))
			slow := []time.Duration{time.Millisecond, time.Second, 20 * time.Second}[r.IntN(3)]
			sent := now
			written := sent.Add(some(slow))
			now = written.Add(some(slow))
			server.observe(dated(written.Add(ahead)), sent, now)
			at := epoch.Add(some(time.Hour))
			got, ok := server.At(at)
			if truth := at.Add(ahead); !ok || truth.Before(got.Earliest) || !truth.Before(got.Latest) {
				t.Fatalf("after %d responses %s is taken for %v", responses+1, truth, got)
			}
		}
		if got, _ := server.At(now); got.Latest.Sub(got.Earliest) > 600*time.Millisecond {
			t.Errorf("50 responses leave %s", got.Latest.Sub(got.Earliest))
		}
	}
}

// TestServerClock_jumps has a clock set, or two servers that do not agree:
// nothing is certain within what both say.
func TestServerClock_jumps(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{-time.Hour, -2 * time.Second, 2 * time.Second, time.Hour} {
		var server ServerClock
		server.observe(http.Header{}, epoch, epoch)
		server.observe(http.Header{"Date": dated(epoch)["Date"], "Age": {"7"}}, epoch, epoch)
		if _, ok := server.At(epoch); ok {
			t.Error("known without a Date, or from a cache")
		}
		for i := range 7 {
			server.observe(dated(epoch.Add(time.Duration(i%2)*jump)), epoch, epoch)
		}
		got, _ := server.At(epoch)
		for _, at := range []time.Time{epoch, epoch.Add(jump)} {
			if at.Before(got.Earliest) || !at.Before(got.Latest) {
				t.Errorf("%s: %s is out of %v", jump, at, got)
			}
		}
	}
}
