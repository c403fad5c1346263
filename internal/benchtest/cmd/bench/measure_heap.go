package main

import (
	"context"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

const (
	// heapEvery is how often the heap is looked at.
	heapEvery = 500 * time.Microsecond
	// heapCommands is how many commands are read: a short list is read again
	// and again, so that the garbage collector has as many opportunities to be
	// late as with a long one.
	heapCommands = 1_000_000
)

// sampleHeap measures how far the heap grows while a list is iterated over:
// the largest HeapInuse, garbage included, less what it was before.
func sampleHeap(ctx context.Context, url string) (samples, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	if _, err := list(ctx, client, twilio.ListOptions{Limit: 1}); err != nil {
		return nil, err
	}
	runtime.GC()
	before := heapInUse()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(heapEvery)
		defer ticker.Stop()
		most := before
		for {
			select {
			case <-ticker.C:
				most = max(most, heapInUse())
			case <-done:
				peak <- most
				return
			}
		}
	}()
	n, total := 0, 0
	for err == nil && total < heapCommands {
		n, err = list(ctx, client, twilio.ListOptions{})
		total += max(n, 1)
	}
	close(done)
	return samples{"heap": float64(<-peak - before), "commands": float64(n)}, err
}

// heapInUse is runtime.MemStats.HeapInuse, without stopping the world.
func heapInUse() uint64 {
	s := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
	}
	metrics.Read(s)
	return s[0].Value.Uint64() + s[1].Value.Uint64()
}
