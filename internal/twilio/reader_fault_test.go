package twilio

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestReader_R4_notShown has lists that are of no use, because they are late,
// empty, refused or broken: each waits for its message by SID, with hardly
// more requests than if there were no lists.
func TestReader_R4_notShown(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliosim.Fault{
		"late":    {},
		"empty":   {Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)},
		"refused": twiliosim.ServerError(403, 0),
		"broken":  {Status: 200, Body: []byte(`<html>`)},
		"down":    twiliosim.ServerError(503, 0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.takesTime()
				w.onList(fault)
				if name == "late" {
					w.client.IPCommands.Transport = &lateLists{next: w.client.IPCommands.Transport}
				}
				got := w.waitForFleet(50, 25)
				t.Logf("%d reads, %d of them lists, seen after %s in the median and %s at most", got.reads, got.lists, got.late[25], got.late[49])
				if got.reads-got.lists > 4*50 || got.lists > 25 {
					w.t.Errorf("%d reads for 50 messages, %d of them lists", got.reads, got.lists)
				}
				if got.late[49] > 4*time.Second {
					w.t.Errorf("seen after %s", got.late[49])
				}
			}, slowFleet)
		})
	}
}

// lateLists shows lists as they were three seconds ago.
type lateLists struct {
	next  http.RoundTripper
	mu    sync.Mutex
	lists []lateList
}

type lateList struct {
	at   time.Time
	body []byte
}

// RoundTrip implements http.RoundTripper.
func (l *lateLists) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet || r.URL.Path != ipCommandsPath {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lists = append(l.lists, lateList{time.Now(), body})
	shown := []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)
	for _, list := range l.lists {
		if time.Since(list.at) >= 3*time.Second {
			shown = list.body
		}
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(shown)), int64(len(shown))
	return resp, nil
}

// TestReader_R4_recovers has lists fail or be late for a while: all ask for
// themselves meanwhile, and then a list serves them again.
func TestReader_R4_recovers(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]twiliosim.Fault{
		"down":    twiliosim.ServerError(503, 2), // A list is repeated once.
		"refused": twiliosim.TooManyRequests("1", 2),
		"broken":  {Status: 200, Body: []byte(`<html>`), Times: 2},
		"late":    {Status: 200, Body: []byte(`{"ip_commands":[],"meta":{"next_page_url":null}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(w *world) {
				w.onList(fault)
				if name == "late" {
					time.AfterFunc(3*time.Second, w.sim.ClearFaults)
				}
				got := w.waitForFleet(100, 100)
				t.Logf("%d reads", got.reads)
				if got.reads > 350 {
					w.t.Errorf("%d reads for 100 messages", got.reads)
				}
			}, func(cfg *worldConfig) { cfg.sim.SendDelay = 40 * time.Second })
		})
	}
}
