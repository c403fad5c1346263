package twilio

import (
	"fmt"
	"math"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
)

// TestSend_fleet sends the messages of a fleet, as many at a time as
// -parallelism=100 does, to an API that takes fewer: hardly any is refused, no
// time is lost, and no connection is opened for nothing. Time passes only
// while everybody waits.
func TestSend_fleet(t *testing.T) {
	t.Parallel()
	const (
		messages, parallel = 1000, 100
		work, limit        = 50 * time.Millisecond, 25
	)
	synctest.Test(t, func(t *testing.T) {
		api := &benchtest.Busy{Work: work, Limit: limit}
		listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: api, ReadHeaderTimeout: time.Hour}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(listener) })
		defer serving.Wait()
		defer server.Close() //nolint:errcheck // It has nothing to say.
		network := &dials{dial: listener.dial}
		transport := pooledTransport().(*http.Transport)
		transport.DialContext = network.Dial
		defer transport.CloseIdleConnections()
		client := benchClient(t, memory, transport)

		began := time.Now()
		var next atomic.Int64
		var senders sync.WaitGroup
		for range parallel {
			senders.Go(func() {
				for i := next.Add(1); i <= messages; i = next.Add(1) {
					if _, err := client.Send(t.Context(), fleetMessage(i), time.Now().Add(time.Minute)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		senders.Wait()
		took := time.Since(began)

		if n := api.Accepted(); n != messages {
			t.Errorf("%d messages were accepted, of %d", n, messages)
		}
		if refused := api.Refused(); refused*10 > messages+refused {
			t.Errorf("%d requests were refused, of %d", refused, messages+refused)
		}
		if n := network.n(); n > parallel {
			t.Errorf("%d connections were opened for %d requests at a time", n, parallel)
		}
		if ideal := messages * work / limit; took > ideal*5/4 {
			t.Errorf("it took %s, and could have taken %s", took, ideal)
		}
	})
}

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
