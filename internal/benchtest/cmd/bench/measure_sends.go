package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// The sends that are measured.
const (
	sendCount    = 1000
	sendParallel = 100
	// sendDeadline is the provider's default, timeouts.create.
	sendDeadline = time.Minute
)

// sampleSends measures 1,000 sends by 100 goroutines with a client that has
// no connection yet.
func sampleSends(ctx context.Context, url string) (samples, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	before, err := readStats(ctx, url)
	if err != nil {
		return nil, err
	}
	var failed atomic.Int64
	took, err := wall(func() error {
		return inParallel(sendCount, sendParallel, func(i int) error {
			if err := sendOne(ctx, client, i); err != nil && failed.Add(1) == 1 {
				fmt.Fprintln(os.Stderr, "a send failed:", err)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	after, err := readStats(ctx, url)
	return samples{
		"wall":        took,
		"failed":      float64(failed.Load()),
		"requests":    float64(after.Requests - before.Requests),
		"refused":     float64(after.Refused - before.Refused),
		"connections": float64(after.Connections - before.Connections),
	}, err
}

func sendOne(ctx context.Context, client *twilio.Client, i int) error {
	_, err := client.Send(ctx, twilio.IPCommandParams{
		SIM: benchtest.SIM, Payload: payload(i), PayloadType: twilio.PayloadText, DevicePort: 5683,
	}, time.Now().Add(sendDeadline))
	return err
}

// payload is the i-th message of a fleet.
func payload(i int) string { return fmt.Sprintf("message %d", i) }

// inParallel calls f for each of 0 to n-1 in so many goroutines, and returns
// the first error.
func inParallel(n, parallel int, f func(i int) error) error {
	var next atomic.Int64
	errs := make(chan error, parallel)
	var running sync.WaitGroup
	for range parallel {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if err := f(int(i)); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	running.Wait()
	close(errs)
	return <-errs
}
