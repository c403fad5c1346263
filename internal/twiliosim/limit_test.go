package twiliosim_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestLimit sends requests while others are in flight, and when these are done.
func TestLimit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		limit      twiliosim.Limit
		retryAfter string
		refused    int // of three requests at a time
	}{
		"none":                {twiliosim.Limit{}, "", 0},
		"with Retry-After":    {twiliosim.Limit{InFlight: 1, RetryAfter: 7}, "7", 2},
		"without Retry-After": {twiliosim.Limit{InFlight: 2}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := twiliosim.New(twiliosim.Config{
					Latency: time.Second, Limit: tc.limit, SIMs: []twiliosim.SIM{{UniqueName: "valve-01"}},
				})
				for range 2 {
					responses := make(chan *httptest.ResponseRecorder, 3)
					begun := time.Now()
					for range cap(responses) {
						go func() { responses <- call(t, s, http.MethodPost, "/v1/IpCommands", message("valve-01", "x")) }()
					}
					refused := 0
					for range cap(responses) {
						w := <-responses
						if w.Code == http.StatusCreated {
							if took := time.Since(begun); took != time.Second {
								t.Errorf("a request took %s", took)
							}
							continue
						}
						refused++
						got := decode[apiError](t, w, http.StatusTooManyRequests)
						if got.Code != 20429 || w.Header().Get("Retry-After") != tc.retryAfter || time.Since(begun) != 0 {
							t.Errorf("refused with %+v, %v after %s", got, w.Header(), time.Since(begun))
						}
					}
					if refused != tc.refused {
						t.Errorf("%d were refused, want %d", refused, tc.refused)
					}
				}
				if got := len(s.IPCommands()); got != 6-2*tc.refused {
					t.Errorf("%d commands exist", got)
				}
			})
		})
	}
}

// TestLimitSeesNoFault has a request over the limit: a fault is not spent on it.
func TestLimitSeesNoFault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := twiliosim.New(twiliosim.Config{Latency: time.Second, Limit: twiliosim.Limit{InFlight: 1}})
		s.Inject(twiliosim.ServerError(500, 1))
		go call(t, s, http.MethodGet, "/v1/Sims", nil)
		synctest.Wait()
		for _, want := range []int{429, 429} {
			if w := call(t, s, http.MethodGet, "/v1/Sims", nil); w.Code != want {
				t.Errorf("status %d, want %d", w.Code, want)
			}
		}
		time.Sleep(2 * time.Second)
		if r := s.Requests(); r[0].Status != 500 || r[1].Status != 429 {
			t.Errorf("got %+v", r)
		}
	})
}
