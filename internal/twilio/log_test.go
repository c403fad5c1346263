package twilio

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

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
