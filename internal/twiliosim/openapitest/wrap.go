package openapitest

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"testing"
)

// Handler returns next with every request and every answer validated. An
// answer that the handler breaks off is not. A test that garbles answers which
// are described, as successful ones are, must not use it.
func (c *Contract) Handler(t testing.TB, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, body, err := readBody(r)
		if err != nil {
			t.Errorf("openapi: reading a request: %v", err)
			panic(http.ErrAbortHandler)
		}
		described, err := c.request(r, body)
		report(t, err)
		tee := &teeWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(tee, r)
		if described != nil && !tee.hijacked {
			report(t, c.answer(described, tee.status, w.Header().Clone(), tee.body.Bytes()))
		}
	})
}

// Transport returns next with every request and every answer validated. An
// answer that cannot be read to its end is not. A nil next means
// http.DefaultTransport.
func (c *Contract) Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		r, body, err := readBody(r)
		if err != nil {
			return nil, err
		}
		described, err := c.request(r, body)
		report(t, err)
		response, err := next.RoundTrip(r)
		if err != nil {
			return response, err
		}
		answer, readErr := io.ReadAll(response.Body)
		_ = response.Body.Close() // what matters of it has been read
		response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(answer), failing{readErr}))
		if described != nil && readErr == nil {
			report(t, c.answer(described, response.StatusCode, response.Header, answer))
		}
		return response, nil
	})
}

// readBody reads a request's body, and returns a copy of the request that still
// has it.
func readBody(r *http.Request) (*http.Request, []byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return r, nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	_ = r.Body.Close() // it was read to the end
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r, body, nil
}

// report fails the test if there is an error.
func report(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("openapi: %s", oneBlock(err))
	}
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// failing is a reader at its end, or at an error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// teeWriter keeps what a handler writes.
type teeWriter struct {
	http.ResponseWriter
	status   int
	body     bytes.Buffer
	hijacked bool
}

// WriteHeader implements http.ResponseWriter.
func (w *teeWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *teeWriter) Write(p []byte) (int, error) {
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// Hijack implements http.Hijacker.
func (w *teeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.hijacked = true
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *teeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
