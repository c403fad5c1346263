package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestGet_retries has what a GET is repeated for, how often, and after how
// long: with random numbers of 0.5, the backoff is 250ms, 500ms, 1s, 2s, 4s.
func TestGet_retries(t *testing.T) {
	t.Parallel()
	const all = 7750 * time.Millisecond
	httpDate := func(d time.Duration) string { return epoch.Add(d).Format(http.TimeFormat) }
	for _, test := range []struct {
		name   string
		fault  twiliosim.Fault
		dial   func(n int) error
		gets   int
		slept  time.Duration
		errors []string // none: it succeeds
	}{
		{name: "no fault", fault: twiliosim.Fault{Status: 500, Skip: 99}, gets: 1},
		{name: "429 once", fault: twiliosim.TooManyRequests("", 1), gets: 2, slept: 250 * time.Millisecond},
		{name: "429 in seconds", fault: twiliosim.TooManyRequests("7", 2), gets: 3, slept: 14*time.Second + 500*time.Millisecond},
		{name: "429 with a date", fault: twiliosim.TooManyRequests(httpDate(20*time.Second), 1), gets: 2, slept: 20*time.Second + 250*time.Millisecond},
		{name: "429 for ever", fault: twiliosim.TooManyRequests("", 0), gets: 6, slept: all, errors: []string{"HTTP 429", "20429", "made 6 times"}},
		{name: "429 for longer than anybody waits", fault: twiliosim.TooManyRequests("3600", 0), gets: 1, errors: []string{"HTTP 429", "asks to wait for 1h0m0s"}},
		{name: "500 once", fault: twiliosim.ServerError(500, 1), gets: 2, slept: 250 * time.Millisecond},
		{name: "500 for ever", fault: twiliosim.ServerError(500, 0), gets: 6, slept: all, errors: []string{"HTTP 500", "20500", "made 6 times"}},
		{name: "502 in HTML for ever", fault: twiliosim.HTMLBadGateway(0), gets: 6, slept: all, errors: []string{"HTTP 502", "not the API's own response, but an HTML page, 118 bytes"}},
		{name: "503 with Retry-After", fault: twiliosim.Fault{Status: 503, Times: 1, Header: http.Header{"Retry-After": {"9"}}}, gets: 2, slept: 9*time.Second + 250*time.Millisecond},
		{name: "501 once", fault: twiliosim.ServerError(501, 1), gets: 2, slept: 250 * time.Millisecond},
		{name: "reset once", fault: twiliosim.LostRequest(1), gets: 2, slept: 250 * time.Millisecond},
		{name: "answer lost twice", fault: twiliosim.LostAnswer(2), gets: 3, slept: 750 * time.Millisecond},
		{name: "reset for ever", fault: twiliosim.LostRequest(0), gets: 6, slept: all, errors: []string{"GET ", "/v1/IpCommands/", "after 6 attempts"}},
		{name: "400", fault: twiliosim.ServerError(400, 0), gets: 1, errors: []string{"HTTP 400"}},
		{name: "401", fault: twiliosim.ServerError(401, 0), gets: 1, errors: []string{"HTTP 401"}},
		{name: "404", fault: twiliosim.ServerError(404, 0), gets: 1, errors: []string{"HTTP 404"}},
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

func TestGet_noRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t).noRetries()
	w.onGet(twiliosim.ServerError(503, 0))
	_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
	wantText(t, err, "HTTP 503")
	w.wantRequests(0, 1)
}

// TestGet_permanent has servers that are not what the endpoint says. Nothing
// is gained by asking them again.
func TestGet_permanent(t *testing.T) {
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

// TestRedirectsAreNotFollowed, since they would carry the credentials and the
// message elsewhere.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(statusText(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			elsewhere, check := foreign(t)
			w.sim.Inject(twiliosim.Fault{Status: status, Header: http.Header{"Location": {elsewhere + "/v1/IpCommands"}}})
			_, err := w.client.IPCommands.Fetch(t.Context(), "HG1")
			wantText(t, err, statusText(status), "not followed")
			_, err = collect(w.client.Commands.List(t.Context(), CommandFilter{}, rest.ListOptions{}))
			wantText(t, err, statusText(status), "not followed")
			w.wantRequests(0, 2)
			_, err = w.client.send(t.Context(), w.message(), time.Time{})
			wantText(t, err, statusText(status))
			if !errors.As(err, new(*UnknownOutcomeError)) {
				t.Errorf("%T: %v", err, err)
			}
			w.wantRequests(1, 2+len(looks))
			check()
		})
	}
}

func TestGet_cancelled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		fault twiliosim.Fault
		gets  int
	}{
		{"in flight", twiliosim.Stalled(false, 0), 1},
		{"while the answer is read", twiliosim.Fault{TruncateBody: 10, Stall: true}, 1},
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

// TestGet_stalled has attempts that end under the request timeout.
func TestGet_stalled(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		seeded := w.twin(time.Time{})
		w.onGet(twiliosim.Stalled(false, 2))
		began := time.Now()
		if _, err := w.client.IPCommands.Fetch(w.t.Context(), seeded.SID); err != nil {
			w.t.Error(err)
		}
		if got, want := time.Since(began), 2*rest.DefaultRequestTimeout+750*time.Millisecond; got != want {
			w.t.Errorf("it took %s, want %s", got, want)
		}
		w.wantRequests(0, 3)
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
