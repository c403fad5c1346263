package benchtest

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestFetchPages counts the pages of each kind of list: the floor must read
// all that the client reads.
func TestFetchPages(t *testing.T) {
	t.Parallel()
	const n = 2345
	for name, api := range map[string]http.Handler{
		"simulator": Simulator(n), "replay": Replay(Simulator(n)), "generated": Generated(n), "terse": Terse(n),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var requests atomic.Int64
			client := &http.Client{Transport: Transport{Counted(api, &requests)}}
			for range 2 {
				if pages, err := FetchPages(t.Context(), client, "http://127.0.0.1:1"); err != nil || pages != 3 {
					t.Errorf("%d pages, %v", pages, err)
				}
			}
			if requests.Load() != 6 {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

func TestBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &Busy{Work: time.Second, Limit: 2}
		client := &http.Client{Transport: Transport{api}}
		post := func() int {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1/v1/IpCommands", strings.NewReader(""))
			if err != nil {
				t.Error(err)
				return 0
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Error(err)
				return 0
			}
			defer resp.Body.Close()
			return resp.StatusCode
		}
		for round := range 2 {
			var senders sync.WaitGroup
			for range 2 {
				senders.Go(func() {
					if status := post(); status != http.StatusCreated {
						t.Errorf("status %d", status)
					}
				})
			}
			synctest.Wait()
			if status := post(); status != http.StatusTooManyRequests {
				t.Errorf("status %d with two in flight", status)
			}
			senders.Wait()
			if api.Accepted() != 2*(round+1) || api.Refused() != round+1 {
				t.Errorf("%d accepted, %d refused", api.Accepted(), api.Refused())
			}
		}
	})
}
