package twilio

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

// bodies is a transport that counts the answers whose bodies are still open.
// Whatever a test is about, none may be at its end.
type bodies struct {
	*http.Transport
	open atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (b *bodies) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.Transport.RoundTrip(r)
	if err == nil {
		b.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, open: &b.open}
	}
	return resp, err
}

func (b *bodies) check(t testing.TB) {
	t.Helper()
	if n := b.open.Load(); n != 0 {
		t.Errorf("%d answers were not closed", n)
	}
}

type countedBody struct {
	io.ReadCloser
	open   *atomic.Int64
	closed atomic.Bool
}

// Close implements io.Closer.
func (b *countedBody) Close() error {
	if !b.closed.Swap(true) {
		b.open.Add(-1)
	}
	return b.ReadCloser.Close()
}
