package openapitest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/iotest"
)

// Transport returns next with every request and every response validated. A
// response that cannot be read to its end is not. A test that garbles responses
// which are described, as successful ones are, must not use it.
func (c *Contract) Transport(t testing.TB, next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, err
			}
			_ = r.Body.Close() // it was read to the end
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		described, err := c.request(r, body)
		report(t, err)
		response, err := next.RoundTrip(r)
		if err != nil {
			return response, err
		}
		content, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // what matters of it has been read
		if err != nil {
			response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(content), iotest.ErrReader(err)))
			return response, nil
		}
		response.Body = io.NopCloser(bytes.NewReader(content))
		if described != nil {
			report(t, c.response(described, response.StatusCode, response.Header, content))
		}
		return response, nil
	})
}

// Handler is Transport for a handler. The handler sees no connection, so a
// response that it breaks off reaches the client as a broken connection at once.
func (c *Contract) Handler(t testing.TB, next http.Handler) http.Handler {
	direct := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Body == nil { // a server's request has one
			r.Body = http.NoBody
		}
		w := httptest.NewRecorder()
		next.ServeHTTP(w, r)
		return w.Result(), nil
	})
	return &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, Transport: c.Transport(t, direct)}
}

// report fails the test if there is an error, in one block of its output.
func report(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("openapi: %s", strings.ReplaceAll(err.Error(), "\n", "\n\t"))
	}
}

// roundTripper is a function as an http.RoundTripper.
type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
