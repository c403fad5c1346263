package bench

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// waiting is what a fleet waits for.
type waiting struct {
	name             string
	n, pageSize      int
	server           serverConfig
	most             float64 // reads for each
	promise, latency string
	// wait sends the message p, and returns how long ago that was which it
	// waited for.
	wait func(ctx context.Context, client *twilio.Client, p twilio.MessageParams) (late time.Duration, err error)
}

// leaves is after how long each message leaves.
const leaves = 2 * time.Second

// untilSent is waiting.wait for a message to leave.
func untilSent(ctx context.Context, client *twilio.Client, p twilio.MessageParams) (time.Duration, error) {
	sent, err := client.IPCommands.Send(ctx, p, twilio.SendOptions{})
	if err != nil {
		return 0, err
	}
	taken := time.Now()
	err = client.IPCommands.WaitUntilSent(ctx, sent, taken.Add(time.Minute))
	return time.Since(taken) - leaves, err
}

// BenchmarkWaits counts what a fleet reads while it waits, with the largest page of
// each platform, and measures how soon it sees the end.
func BenchmarkWaits(b *testing.B) {
	const replies = 3 * time.Second
	forReply := func(ctx context.Context, client *twilio.Client, p twilio.MessageParams) (time.Duration, error) {
		sent, err := client.IPCommands.Send(ctx, p, twilio.SendOptions{})
		if err != nil {
			return 0, err
		}
		taken := time.Now()
		_, err = client.IPCommands.WaitForReply(ctx, sent, twilio.ReplyFilter{DevicePort: p.DevicePort}, taken.Add(time.Minute))
		return time.Since(taken) - replies, err
	}
	inWindow := func(ctx context.Context, client *twilio.Client, p twilio.MessageParams) (time.Duration, error) {
		_, err := client.IPCommands.Send(ctx, p, twilio.SendOptions{Window: time.Hour})
		return 0, err
	}
	const shared = "all that wait share what they read"
	for _, w := range []waiting{
		{"until %d messages have left, pages of %d", 1000, 1000, serverConfig{SendDelay: leaves}, 0.1, shared, "the end of a wait is seen soon", untilSent},
		{"until %d messages have left, pages of %d", 1000, 100, serverConfig{SendDelay: leaves}, 0.3, shared, "the end of a wait is seen soon", untilSent},
		{"for the replies of %d devices, pages of %d", 200, 1000, serverConfig{AnswerAfter: replies}, 0.1, shared, "a reply is seen soon", forReply},
		{"%d sends with a deduplication window, pages of %d", 1000, 1000, serverConfig{}, 1, "a window costs one look for each message", "", inWindow},
	} {
		w.n = scaled(w.n)
		b.Run(english.Sprintf(w.name, w.n, w.pageSize), w.run)
	}
}

func (w waiting) run(b *testing.B) {
	w.server.Devices = w.n
	var reads, late []float64
	for b.Loop() {
		server := startServer(b, w.server) // Each time one that has no messages yet.
		client := newClient(b, server.url, w.pageSize)
		seen := make([]float64, w.n)
		saw := server.during(b, func() {
			failed := inParallel(w.n, func(i int) error {
				p := messageNo(i)
				p.SIM = deviceName(i)
				took, err := w.wait(b.Context(), client, p)
				seen[i] = took.Seconds()
				return err
			})
			if failed > 0 {
				b.Fatalf("%d of %d failed", failed, w.n)
			}
		})
		reads, late = append(reads, float64(saw.Requests-int64(w.n))/float64(w.n)), append(late, median(seen))
	}
	name := english.Sprintf(w.name, w.n, w.pageSize)
	figure{name: name + ": reads for each", promise: w.promise}.atMost(b, ratio, median(reads), w.most)
	if w.latency != "" {
		figure{name: name + ": seen after", promise: w.latency}.atMost(b, seconds, median(late), 0.5)
	}
}

// BenchmarkStalledLists has no list for all that wait ever come. It measures how
// long each waits, in the mean, beside one whose lists come.
func BenchmarkStalledLists(b *testing.B) {
	n := scaled(1000)
	wait := func(c serverConfig) func() float64 {
		return func() float64 {
			client := newClient(b, startServer(b, c).url, 1000)
			var waited atomic.Int64
			failed := inParallel(n, func(i int) error {
				late, err := untilSent(b.Context(), client, messageNo(i))
				waited.Add(int64(leaves + late))
				return err
			})
			if failed > 0 {
				b.Fatalf("%d of %d failed", failed, n)
			}
			return time.Duration(waited.Load()).Seconds() / float64(n)
		}
	}
	t := inTurns(b, wait(serverConfig{SendDelay: leaves, StallLists: true}), wait(serverConfig{SendDelay: leaves}))
	figure{
		name: english.Sprintf("until each of %d messages has left, lists stall", n), against: "lists come",
		promise: "the list is help: without it, waiting ends all the same",
	}.compare(b, seconds, t[0], t[1], 1.33)
}
