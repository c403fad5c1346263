package bench

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	peer "github.com/twilio/twilio-go/rest/supersim/v1"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// parallel is how many messages are sent at a time.
const parallel = 100

// limited is an API that takes less than it is asked to.
var limited = serverConfig{Work: 50 * time.Millisecond, Limit: 25}

// ideal is how long a limited API needs for n messages, and for one wait if it
// asks for that, in seconds.
func (c serverConfig) ideal(n int) float64 {
	return max(float64(n)/float64(c.Limit), 1)*c.Work.Seconds() + float64(c.RetryAfter)
}

// BenchmarkSends sends the messages of a fleet, each time with a client that
// has no connection yet.
func BenchmarkSends(b *testing.B) {
	for _, c := range []struct{ messages, limit, retryAfter int }{
		{1000, 25, 0}, {200, 10, 0}, {200, 10, 1}, {200, 10, 3}, {200, 10, 30}, {1000, 10, 1}, {1000, 10, 3}, {1000, 10, 30},
	} {
		b.Run(fmt.Sprint(c), func(b *testing.B) {
			sends(b, scaled(c.messages), serverConfig{Work: limited.Work, Limit: c.limit, RetryAfter: c.retryAfter})
		})
	}
}

func sends(b *testing.B, n int, limited serverConfig) {
	server := startServer(b, limited)
	var refused, connections []float64
	t := inTurns(b, func() (took float64) {
		client := newClient(b, server.url, 1000)
		saw := server.during(b, func() {
			took = timed(func() {
				if failed := inParallel(n, send(b, client)); failed > 0 {
					b.Fatalf("%d of %d sends failed", failed, n)
				}
			})()
		})
		refused = append(refused, float64(saw.Refused)/float64(saw.Requests))
		connections = append(connections, float64(saw.Connections))
		return took
	})
	name, against := english.Sprintf("%d sends, %d at a time", n, parallel), fmt.Sprintf("ideal, %d at a time", limited.Limit)
	promise := "a thousand commands go out as fast as the API takes them"
	if limited.RetryAfter > 0 {
		name += fmt.Sprintf(", Retry-After %d", limited.RetryAfter)
		against, promise = against+" and one wait", "a wait that the API asks for is paid once"
	}
	figure{name: name, against: against, promise: promise}.compare(b, seconds, t[0], limited.ideal(n), 1.25)
	figure{name: name + ": refused", promise: "finding the API's limit costs it little"}.
		atMost(b, percent, median(refused), 0.1)
	if n == scaled(1000) && limited.RetryAfter == 0 {
		figure{name: name + ": connections", promise: "connections are reused"}.
			atMost(b, count, slices.Max(connections), parallel)
	}
}

// BenchmarkSendsPeer sends messages with the vendor's own client too.
func BenchmarkSendsPeer(b *testing.B) {
	n := 200
	server := startServer(b, limited)
	fates := func(send func(i int) error) (fates string, lost int) {
		saw := server.during(b, func() { lost = inParallel(n, send) })
		accepted := int(saw.Requests - saw.Refused)
		if accepted+lost != n {
			b.Errorf("of %d messages, %d were accepted and %d lost", n, accepted, lost)
		}
		return fmt.Sprintf("%d / %d / %d", accepted, lost, saw.Requests), lost
	}
	f := figure{
		name:    english.Sprintf("%d sends, %d at a time: accepted / lost / requests", n, parallel),
		against: "twilio-go", target: "0 lost", promise: "a limit of the API loses no message",
	}
	allLost := 0
	for b.Loop() {
		var lost int
		f.other, _ = fates(sendPeer(newPeer(server.url)))
		f.ours, lost = fates(send(b, newClient(b, server.url, 1000)))
		allLost += lost
	}
	report(b, map[string]float64{"lost": float64(allLost)})
	f.add(allLost == 0)
}

func messageNo(i int) twilio.MessageParams {
	return twilio.MessageParams{SIM: simName, Payload: fmt.Sprint("message ", i), PayloadType: twilio.PayloadText, DevicePort: 5683}
}

func send(b *testing.B, client *twilio.Client) func(i int) error {
	return func(i int) error {
		_, err := client.IPCommands.Send(b.Context(), messageNo(i), twilio.SendOptions{Deadline: time.Now().Add(time.Minute)}) // As timeouts.create by default.
		return err
	}
}

func sendPeer(vendor *peer.ApiService) func(i int) error {
	return func(i int) error {
		_, err := vendor.CreateIpCommand((&peer.CreateIpCommandParams{}).SetSim(simName).SetPayload(fmt.Sprint("message ", i)).SetDevicePort(5683))
		return err
	}
}

// inParallel calls f for each of 0 to n-1, parallel at a time, and returns how
// many calls failed.
func inParallel(n int, f func(i int) error) int {
	var next, failed atomic.Int64
	var running sync.WaitGroup
	for range parallel {
		running.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				if f(int(i)) != nil {
					failed.Add(1)
				}
			}
		})
	}
	running.Wait()
	return int(failed.Load())
}
