package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestPacer_allRequests lets one request be refused: others that begin
// meanwhile, to either API, wait with it.
func TestPacer_allRequests(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		seeded := w.twin(time.Time{})
		w.onGet(twiliosim.TooManyRequests("30", 1))
		began := time.Now()
		refused := make(chan error, 1)
		go func() {
			_, err := w.client.FetchIPCommand(w.t.Context(), seeded.SID)
			refused <- err
		}()
		time.Sleep(time.Second)
		ends := make(chan time.Duration, 2)
		go func() {
			if _, err := w.client.Send(w.t.Context(), w.message(), time.Time{}); err != nil {
				w.t.Error(err)
			}
			ends <- time.Since(began)
		}()
		go func() {
			if _, err := collect(w.client.ListCommands(w.t.Context(), CommandFilter{}, ListOptions{})); err != nil {
				w.t.Error(err)
			}
			ends <- time.Since(began)
		}()
		for range 2 {
			// Retry-After and half of the jitter of half a second.
			if end := <-ends; end < 30*time.Second || end > 31*time.Second {
				w.t.Errorf("a request was made after %s", end)
			}
		}
		if err := <-refused; err != nil {
			w.t.Error(err)
		}
		w.wantRequests(1, 3)
	})
}

// TestPacer_deadline lets another request be refused for longer than a send
// has time: it must not be made late.
func TestPacer_deadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	w.onGet(twiliosim.TooManyRequests("90", 1))
	_, err := w.client.FetchIPCommand(t.Context(), "HG1")
	wantText(t, err, "HTTP 429")
	_, err = w.client.Send(t.Context(), w.message(), w.clock.Now().Add(time.Minute))
	wantText(t, err, "was not made", "429", "1m30s")
	if !errors.As(err, new(*NotSentError)) {
		t.Errorf("%T: %v", err, err)
	}
	w.wantRequests(0, 1)
	if w.clock.Now() != epoch {
		t.Errorf("waited for %s", w.clock.Now().Sub(epoch))
	}
	if _, err = w.client.Send(t.Context(), w.message(), w.clock.Now().Add(2*time.Minute)); err != nil {
		t.Error(err)
	}
	w.wantRequests(1, 1)
	if waited := w.clock.Now().Sub(epoch); waited != 90*time.Second {
		t.Errorf("waited for %s", waited)
	}
}

// TestPacer_cancelledLook cancels a send whose answer is lost, while a limit
// holds requests back: the look for its outcome waits for its turn (rule R3).
func TestPacer_cancelledLook(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onGet(twiliosim.TooManyRequests("", 1))
		w.sim.Inject(twiliosim.Fault{Method: http.MethodGet, PathPrefix: "/v1/Commands", Times: 1, Delay: func() { time.Sleep(3 * time.Second) }})
		lost := twiliosim.LostAnswer(0)
		lost.Delay = func() {
			// Another request is refused, so that a third waits for the POST.
			if _, err := w.client.FetchIPCommand(w.t.Context(), "HG1"); err == nil {
				w.t.Error("the request was not refused")
			}
			go func() {
				if _, err := collect(w.client.ListCommands(w.t.Context(), CommandFilter{}, ListOptions{})); err != nil {
					w.t.Error(err)
				}
			}()
			time.Sleep(5 * time.Second)
		}
		w.onPost(lost)
		w.noRetries()
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		sent, err := w.client.Send(ctx, w.message(), time.Time{})
		if got := endingOf(w.t, sent, err); got != isAdopted {
			w.t.Errorf("%s: %v", got, err)
		}
		if took := time.Since(began); took != 8*time.Second {
			w.t.Errorf("it took %s", took)
		}
		w.wantRequests(1, 3)
	})
}

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
		api := &busy{work: work, limit: limit}
		listener := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		server := &http.Server{Handler: api, ReadHeaderTimeout: time.Hour}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(listener) })
		defer serving.Wait()
		defer server.Close() //nolint:errcheck // It has nothing to say.
		network := &dials{dial: listener.dial}
		transport := rest.NewTransport()
		transport.DialContext = network.Dial
		defer transport.CloseIdleConnections()
		client := fleetClient(t, transport)

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

		if n := api.accepted.Load(); n != messages {
			t.Errorf("%d messages were accepted, of %d", n, messages)
		}
		if refused := api.refused.Load(); refused*10 > messages+refused {
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
