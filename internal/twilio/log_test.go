package twilio

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// secrets are what no log line and no error may hold, in any encoding that
// they travel in.
var secrets = []string{
	twiliosim.DefaultAuthToken, twiliosim.DefaultAPISecret, twiliosim.DefaultClientSecret, "Authorization", "Basic ", "Bearer ",
	base64.StdEncoding.EncodeToString([]byte(twiliosim.DefaultAccountSID + ":" + twiliosim.DefaultAuthToken)),
}

// payloads are what no log line may hold besides.
var payloads = []string{"OPEN-VALVE", base64.StdEncoding.EncodeToString([]byte("OPEN-VALVE"))[:12]}

// logCapture keeps all that a client logs.
type logCapture struct {
	mu    sync.Mutex
	lines []string
}

func (l *logCapture) add(_ context.Context, msg string, fields map[string]any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprintf("%s %v", msg, fields))
}

// check fails the test if a secret or a payload was logged: whatever a test
// is about, its log must be clean.
func (l *logCapture) check(t testing.TB) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.lines {
		for _, s := range slices.Concat(secrets, payloads) {
			if strings.Contains(line, s) {
				t.Errorf("the log has %q: %s", s, line)
			}
		}
	}
}

// String returns the log.
func (l *logCapture) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}

// TestLog tells the story of a send that met everything. That no log ever has
// a payload or a secret is checked at the end of every test; see logCapture.
func TestLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *worldConfig) { c.sim.SendDelay = time.Minute })
	w.dials.hook = func(n int) error {
		if n == 1 {
			return errRefused
		}
		return nil
	}
	w.onPost(twiliosim.TooManyRequests("3", 1))
	w.onPost(twiliosim.Fault{Status: 500, Accept: true, Delay: func() { w.clock.Advance(2 * time.Second) }, Body: []byte(`{"code":20500,"message":"cannot send OPEN-VALVE"}`)})
	w.onGet(twiliosim.Fault{Status: 200, Body: []byte("OPEN-VALVE"), Times: 2})
	w.onGet(twiliosim.Fault{Status: 400, Body: []byte(`{"message":"OPEN-VALVE"}`), Times: 1})
	sent, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.waitUntilSent(t.Context(), sent, w.clock.Now().Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	log := w.log.String()
	for _, part := range []string{
		"did not succeed", "attempt:1", "error:connecting: nobody takes connections there", "request_written:false", "repeat_after:250ms",
		"attempt:2", "status:429", "repeat_after:3.25s",
		"attempt:3", "status:500", "outcome of an IP Command's POST is unknown", "error:HTTP 500 Internal Server Error, error code 20500",
		"A look for the IP Command failed", "10 bytes", "error:HTTP 400 Bad Request", "sim:" + w.card.SID,
		"Looked for the IP Command", "adopted:true", "candidates:[" + sent.SID + "]",
		"IP Command is no longer queued", "status:sent", "sid:" + sent.SID,
	} {
		if !strings.Contains(log, part) {
			t.Errorf("the log lacks %q", part)
		}
	}
	if t.Failed() {
		t.Log(log)
	}
}

// TestLog_checked makes sure that the check of logs finds what it looks for.
func TestLog_checked(t *testing.T) {
	t.Parallel()
	for _, s := range []string{textPayload, binaryPayload, twiliosim.DefaultAuthToken, twiliosim.DefaultAPISecret, "map[Authorization:[Basic QUM6eA==]]"} {
		finding := &finding{TB: t}
		l := &logCapture{}
		l.add(t.Context(), "message", map[string]any{"field": s})
		l.check(finding)
		if !finding.found {
			t.Errorf("%q was not found", s)
		}
	}
}

// finding notes errors instead of failing.
type finding struct {
	testing.TB
	found bool
}

// Errorf implements testing.TB.
func (f *finding) Errorf(string, ...any) { f.found = true }

// Helper implements testing.TB.
func (f *finding) Helper() {}
