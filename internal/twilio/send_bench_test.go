package twilio

import (
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
)

func fleetMessage(i int64) IPCommandParams {
	return IPCommandParams{SIM: benchtest.SIM, Payload: fmt.Sprintf("message %d", i), PayloadType: PayloadText, DevicePort: 5683}
}

// BenchmarkSend sends messages, one at a time and a hundred at a time, to an
// API over loopback that accepts them at once.
func BenchmarkSend(b *testing.B) {
	for _, parallel := range []int{1, 100} {
		b.Run(fmt.Sprintf("%d at a time", parallel), func(b *testing.B) {
			client := benchClient(b, benchtest.Served(b, &benchtest.Busy{Limit: math.MaxInt}), nil)
			b.ReportAllocs()
			b.SetParallelism(max(1, parallel/runtime.GOMAXPROCS(0)))
			var n atomic.Int64
			send := func() {
				if _, err := client.Send(b.Context(), fleetMessage(n.Add(1)), time.Time{}); err != nil {
					b.Error(err)
				}
			}
			if parallel == 1 {
				for b.Loop() {
					send()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					send()
				}
			})
		})
	}
}
