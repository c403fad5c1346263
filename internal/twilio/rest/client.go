// Package rest makes requests of an HTTP API whose POSTs must not be repeated
// carelessly. It knows nothing of the API's objects.
//
// Do (do.go) is the one loop in which every attempt of every request is made:
// the pacer admits it, the credentials sign it, the attempt is made, the
// verdict says whether there may be another, and the wait comes before that.
package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// DefaultRequestTimeout is what a Config without a RequestTimeout means.
const DefaultRequestTimeout = 30 * time.Second

// Config configures a Client.
type Config struct {
	// Credentials sign every request; required.
	Credentials Credentials
	// Dialect is what the platform's errors look like; required.
	Dialect Dialect
	// RequestTimeout bounds one attempt, from connecting to the last byte of
	// the response; zero means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxRetries is how often a request may be repeated, where it may be
	// repeated at all; zero means never.
	MaxRetries int
	// UserAgent is sent with every request.
	UserAgent string
	// Clock is waited on between attempts; nil means clock.System.
	Clock clock.Clock
	// Rand returns a number in [0, 1) for jitter; nil means math/rand.
	Rand func() float64
	// Log receives the story of each request, without payloads or secrets;
	// nil means no log.
	Log LogFunc
	// Transport carries the requests; nil means NewTransport.
	Transport http.RoundTripper
}

// LogFunc writes a debug message with fields.
type LogFunc func(ctx context.Context, msg string, fields map[string]any)

// Client makes requests. It is safe for concurrent use; one Client should
// serve a whole process, since the reaction to 429, the token and the
// connection pool are its own.
type Client struct {
	Config
	tokens *tokens // nil where requests are signed without one
	pacer  *pacer
}

// NewClient returns a client for cfg. It makes no request. Its errors say
// which setting is wrong.
func NewClient(cfg Config) (*Client, error) {
	if cfg.Credentials == nil {
		return nil, errors.New("no credentials are configured")
	}
	if cfg.Dialect == nil {
		return nil, errors.New("no dialect is configured")
	}
	if cfg.RequestTimeout < 0 || cfg.MaxRetries < 0 {
		return nil, errors.New("the request timeout and the number of retries can't be negative")
	}
	if cfg.RequestTimeout == 0 {
		cfg.RequestTimeout = DefaultRequestTimeout
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	if cfg.Log == nil {
		cfg.Log = func(context.Context, string, map[string]any) {}
	}
	if cfg.Transport == nil {
		cfg.Transport = NewTransport()
	}
	c := &Client{Config: cfg, pacer: newPacer(cfg.Clock)}
	if oauth, ok := cfg.Credentials.(OAuth); ok {
		var err error
		if c.tokens, err = newTokens(c, oauth); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// NewTransport returns Go's default transport with as many idle connections to
// a host as Terraform's -parallelism can use, so that none is opened twice. It
// honours HTTPS_PROXY and SSL_CERT_FILE.
//
// It speaks HTTP/1.1 only, for rule R1: there, Go repeats a POST by itself only
// where nothing of it was written. Over HTTP/2 it also does after a
// PROTOCOL_ERROR of the server, and one broken connection would lose the
// responses to all POSTs in flight.
func NewTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	fromEnvironment := t.Proxy
	t.Proxy = func(req *http.Request) (*url.URL, error) {
		if req.URL.Scheme == "http" {
			// Plain http is for loopback alone (ParseBaseURL). A proxy would
			// see the credentials, and Go's rules for which names are
			// loopback are not ours.
			return nil, nil //nolint:nilnil // No proxy, as http.Transport has it.
		}
		return fromEnvironment(req)
	}
	t.OnProxyConnectResponse = func(_ context.Context, proxy *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		// Go's error has only the words of the status, as the proxy wrote them.
		return &ownError{fmt.Sprintf("the proxy at %s refused to connect, with %s, and nothing was sent. Check HTTPS_PROXY", proxy.Host, statusText(resp.StatusCode)),
			resp.StatusCode/100 == 4}
	}
	t.MaxIdleConns = 0 // No limit over all hosts.
	t.MaxIdleConnsPerHost = 512
	// Less than the minute after which many load balancers close an idle
	// connection: a POST that meets the closing is one of unknown outcome.
	t.IdleConnTimeout = 50 * time.Second
	t.ForceAttemptHTTP2 = false
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	// The clone offers what the original does, HTTP/2 included.
	t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	return t
}
