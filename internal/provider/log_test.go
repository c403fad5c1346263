package provider

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// basicAuth is what the provider's default credentials are on the wire.
var basicAuth = base64.StdEncoding.EncodeToString([]byte(twiliosim.DefaultAccountSID + ":" + twiliosim.DefaultAuthToken))

// TestAccLog_tellsTheStory reads the debug log of a send that was refused once and
// whose response was lost then: attempts, waits, decisions and SIDs are there.
// (TestAccNoLeaks has what is not.)
func TestAccLog_tellsTheStory(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	refused := twiliosim.TooManyRequests("0", 1).On("POST", "/")
	refused.Header["Date"] = nil // The clock that it would tell stands still, and the provider's does not.
	w.Inject(refused)
	w.Inject(twiliosim.LostResponse(1).On("POST", "/"))
	log := c.logs("DEBUG")
	c.write(w.provider() + valve(""))
	c.succeeds(c.apply())
	story := log()
	for _, text := range []string{
		"status=429", "repeat_after=", "attempt=2", "The outcome of an IP Command's POST is unknown",
		"Looked for the IP Command", "adopted=true", w.IPCommands()[0].SID, "IP Command is no longer queued",
	} {
		i := strings.Index(story, text)
		if i < 0 {
			t.Fatalf("the log does not go on with %q:\n%s", text, story)
		}
		story = story[strings.LastIndex(story[:i], "\n")+1:] // The fields of a line have no order.
	}
}

// unasked serves the world's API on connections on which each request comes
// back, unasked, after the response.
func (w *world) unasked(t *testing.T) (url string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, r) // It parses the form.
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close() //nolint:errcheck // The provider may have closed it.
		resp := recorder.Result()
		resp.ContentLength = int64(recorder.Body.Len())
		_ = resp.Write(conn)
		// The provider takes the connection back. If it asks again, another serves it.
		_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			return
		}
		_, _ = conn.Write([]byte(r.Header.Get("Authorization") + " " + r.URL.String() + " " + r.PostForm.Encode()))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestAccLog_unasked reads the whole log of a provider to which a server sends
// its own requests, unasked: net/http prints that through the standard logger,
// whose output the CLI takes into its log.
func TestAccLog_unasked(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	log := c.logs("TRACE")
	const payload = "open-sesame"
	provider := strings.ReplaceAll(w.provider(), w.url, w.unasked(t))
	c.write(provider + strings.Replace(valve(`timeouts = { create = "5s" }`), `"open"`, quoted(payload), 1))
	if got := c.apply(); got.exit != 0 || w.posts() != 1 || w.gets() < 2 {
		t.Fatalf("%d POSTs and %d GETs: %s", w.posts(), w.gets(), got.output)
	}
	content := log()
	if !strings.Contains(content, "API request succeeded") {
		t.Error("the provider's own log is not in it")
	}
	for line := range strings.Lines(content) {
		if strings.Contains(line, "Unsolicited") || strings.Contains(line, basicAuth[:20]) || strings.Contains(line, "Payload="+payload) {
			t.Errorf("the log tells %s", line)
		}
	}
}
