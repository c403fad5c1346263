package provider

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// unasked serves the world's API on connections on which each request comes
// back, unasked, once the provider makes no other for a while.
func (w *world) unasked(t *testing.T) (url string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serveUnasked(conn)
		}
	}()
	return "http://" + listener.Addr().String()
}

func (w *world) serveUnasked(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // The provider may have closed it.
	in := bufio.NewReader(conn)
	for last := ""; ; {
		if last != "" {
			_ = conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		}
		r, err := http.ReadRequest(in)
		if err != nil {
			_, _ = conn.Write([]byte(last))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		last = r.Header.Get("Authorization") + " " + r.URL.String() + " " + string(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		w.ServeHTTP(recorder, r)
		resp := recorder.Result()
		resp.ContentLength = int64(recorder.Body.Len())
		if resp.Write(conn) != nil {
			return
		}
	}
}

// TestAccLog_unasked reads the whole log of a provider to which a server sends
// its own requests, unasked: net/http prints that through the standard logger,
// whose output the CLI takes into its log.
func TestAccLog_unasked(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.useBinary(t)
	log := filepath.Join(t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	const payload = "open-sesame"
	provider := strings.ReplaceAll(w.provider(), w.url, w.unasked(t))
	c.write(provider + strings.Replace(valve(`timeouts = { create = "5s" }`), `"open"`, quoted(payload), 1))
	if got := c.apply(); got.exit != 0 || w.posts() != 1 || w.gets() < 2 {
		t.Fatalf("%d POSTs and %d GETs: %s", w.posts(), w.gets(), got.output)
	}
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "API request succeeded") {
		t.Error("the provider's own log is not in it")
	}
	basic := base64.StdEncoding.EncodeToString([]byte(twiliosim.DefaultAccountSID + ":" + twiliosim.DefaultAuthToken))
	for line := range strings.Lines(string(content)) {
		if strings.Contains(line, "Unsolicited") || strings.Contains(line, basic[:20]) || strings.Contains(line, "Payload="+payload) {
			t.Errorf("the log tells %s", line)
		}
	}
}
