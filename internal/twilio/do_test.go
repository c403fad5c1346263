package twilio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestDo_retries has what a GET is repeated for, how often, and after how
// long: with random numbers of 0.5, the backoff is 250ms, 500ms, 1s, 2s, 4s.
func TestDo_retries(t *testing.T) {
	t.Parallel()
	const all = 7750 * time.Millisecond
	for _, test := range []struct {
		name   string
		fault  twiliosim.Fault
		dial   func(n int) error
		gets   int
		slept  time.Duration
		errors []string // none: it succeeds
	}{
		{name: "429 once", fault: twiliosim.TooManyRequests("", 1), gets: 2, slept: 250 * time.Millisecond},
		{name: "429 in seconds", fault: twiliosim.TooManyRequests("7", 2), gets: 3, slept: 14*time.Second + 500*time.Millisecond},
		{name: "429 for ever", fault: twiliosim.TooManyRequests("", 0), gets: 6, slept: all, errors: []string{"HTTP 429", "20429", "made 6 times"}},
		{name: "429 for longer than anybody waits", fault: twiliosim.TooManyRequests("3600", 0), gets: 1, errors: []string{"HTTP 429", "asks to wait for 1h0m0s"}},
		{name: "500 for ever", fault: twiliosim.ServerError(500, 0), gets: 6, slept: all, errors: []string{"HTTP 500", "20500", "made 6 times"}},
		{name: "503 with Retry-After", fault: twiliosim.Fault{Status: 503, Times: 1, Header: http.Header{"Retry-After": {"9"}}}, gets: 2, slept: 9*time.Second + 250*time.Millisecond},
		{name: "reset once", fault: twiliosim.LostRequest(1), gets: 2, slept: 250 * time.Millisecond},
		{name: "reset for ever", fault: twiliosim.LostRequest(0), gets: 6, slept: all, errors: []string{"GET ", "/v1/IpCommands/", "after 6 attempts"}},
		{name: "400", fault: twiliosim.ServerError(400, 0), gets: 1, errors: []string{"HTTP 400"}},
		{name: "408", fault: twiliosim.ServerError(408, 0), gets: 1, errors: []string{"HTTP 408"}},
		{
			name: "refused once", fault: twiliosim.Fault{Skip: 99}, gets: 1, slept: 250 * time.Millisecond,
			dial: func(n int) error {
				if n == 1 {
					return errRefused
				}
				return nil
			},
		},
		{
			name: "unknown host", fault: twiliosim.Fault{Skip: 99}, slept: all, errors: []string{"lookup nonexistent.invalid: nobody knows this name", "after 6 attempts"},
			dial: func(int) error {
				return &net.DNSError{Err: "no such host", Name: "nonexistent.invalid", IsNotFound: true}
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.dials.hook = test.dial
			seeded := w.twin(time.Time{})
			w.onGet(test.fault)
			got, err := w.client.IPCommands.Fetch(t.Context(), seeded.SID)
			if test.errors != nil {
				wantText(t, err, test.errors...)
			} else if err != nil || got.SID != seeded.SID {
				t.Errorf("%v, %v", got.SID, err)
			}
			w.wantRequests(0, test.gets)
			if slept := w.clock.Now().Sub(epoch); slept != test.slept {
				t.Errorf("waited for %s, want %s", slept, test.slept)
			}
		})
	}
}

// TestDo_permanent has servers that are not what the endpoint says. Nothing
// is gained by asking them again.
func TestDo_permanent(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request was made") })
	for _, test := range []struct {
		name, want string
		start      func(*httptest.Server)
	}{
		{"certificate that nobody trusts", "certificate", (*httptest.Server).StartTLS},
		{"http behind https", "HTTP response to HTTPS client", (*httptest.Server).Start},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(handler)
			server.Config.ErrorLog = discard
			test.start(server)
			t.Cleanup(server.Close)
			w := newWorld(t, func(c *worldConfig) { c.SuperSIMURL = "https://" + server.Listener.Addr().String() })
			_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
			wantText(t, err, test.want)
			_, err = w.client.send(t.Context(), w.message(), time.Time{})
			wantText(t, err, test.want)
			if !errors.As(err, new(*NotSentError)) {
				t.Errorf("%T: %v", err, err)
			}
			if n := w.dials.n(); n != 2 || w.clock.Now() != epoch {
				t.Errorf("%d connections for two requests, and waited for %s", n, w.clock.Now().Sub(epoch))
			}
		})
	}
}

// TestDo_redirects follows none, since they would carry the credentials and the
// message elsewhere.
func TestDo_redirects(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		w := newWorld(t)
		elsewhere, check := foreign(t)
		w.sim.Inject(twiliosim.Fault{Status: status, Header: http.Header{"Location": {elsewhere + "/v1/IpCommands"}}})
		_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
		wantText(t, err, fmt.Sprint("HTTP ", status), "not followed")
		w.wantRequests(0, 1)
		wantUnknown(t, errOf(w.send()))
		w.wantRequests(1, 1+len(looks))
		check()
	}
}

func TestDo_cancelled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		gets  int
	}{
		{"in flight", twiliosim.Stalled(false, 0), 1},
		{"while the response is read", twiliosim.Fault{TruncateBody: 10, Stall: true}, 1},
		{"between two attempts", twiliosim.TooManyRequests("60", 0), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				seeded := w.twin(time.Time{})
				w.onGet(test.fault)
				ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
				defer cancel()
				began := time.Now()
				_, err := w.client.IPCommands.Fetch(ctx, seeded.SID)
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
					w.t.Errorf("after %s: %v", time.Since(began), err)
				}
				w.wantRequests(0, test.gets)
			})
		})
	}
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := w.client.IPCommands.Fetch(ctx, "HG1"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		w.wantRequests(0, 0)
	})
}

// TestDo_notBuilt has a request that cannot be made at all: nothing is sent,
// and that is certain.
func TestDo_notBuilt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	err := w.client.IPCommands.Do(t.Context(), rest.Request{Method: "NO METHOD", Base: w.client.IPCommands.base})
	wantText(t, err, "building the request")
	if outcomeOf(err) != notProcessed {
		t.Errorf("%v is not taken for a message that was not sent", err)
	}
	w.wantRequests(0, 0)
}
