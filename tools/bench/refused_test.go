package bench

import (
	"testing"
	"time"
)

// BenchmarkRefused reads each command of a plan, while the API asks all to wait
// for an hour, which is longer than any of them has time.
func BenchmarkRefused(b *testing.B) {
	n := scaled(1000)
	refusing := serverConfig{Work: limited.Work, Limit: 1, RetryAfter: int(time.Hour / time.Second)}
	server := startServer(b, refusing)
	t := inTurns(b, timed(func() {
		client := newClient(b, server.url, 1000)
		failed := inParallel(n, func(int) error {
			_, err := client.IPCommands.Fetch(b.Context(), "HG00000000000000000000000000000001")
			return err
		})
		if failed != n {
			b.Fatalf("%d of %d reads failed", failed, n)
		}
	}))
	figure{
		name:    english.Sprintf("plan over %d queued commands, %d at a time, Retry-After beyond the deadline", n, parallel),
		against: "one request each", promise: "a wait that nobody has the time for ends all at once",
	}.compare(b, seconds, t[0], max(float64(n)/parallel, 1)*refusing.Work.Seconds(), 1)
}
