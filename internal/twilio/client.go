// Package twilio is a client for the two APIs that carry messages to and from
// SIMs: Super SIM IP Commands and Programmable Wireless Commands. It knows
// nothing of Terraform.
//
// Sending follows the rules R1 to R4 of the design: see send.go (one POST),
// resolve.go (unknown outcomes) and wait.go (waiting until a command has left).
package twilio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

const (
	// DefaultRequestTimeout is what a Config without a RequestTimeout means.
	DefaultRequestTimeout = 30 * time.Second
	// DefaultMaxRetries is the number of retries for who has no other; a
	// Config without one means none.
	DefaultMaxRetries = 5
)

// Config configures a Client.
type Config struct {
	// Credentials sign every request; required.
	Credentials Credentials
	// Platform is where the APIs are served; its zero value means Twilio.
	Platform Platform
	// SuperSIMURL and WirelessURL are the base URLs of the two APIs; empty
	// means the platform's own. A path prefix is kept.
	SuperSIMURL, WirelessURL string
	// RequestTimeout bounds one attempt, from connecting to the last byte of
	// the answer; zero means DefaultRequestTimeout.
	RequestTimeout time.Duration
	// MaxRetries is how often a request may be repeated, where it may be
	// repeated at all; zero means never.
	MaxRetries int
	// UserAgent is sent with every request.
	UserAgent string
	// Clock is waited on between attempts and looks; nil means clock.System.
	Clock clock.Clock
	// Rand returns a number in [0, 1) for jitter; nil means math/rand.
	Rand func() float64
	// Log receives the story of each request and send, without payloads or
	// secrets; nil means no log.
	Log LogFunc
	// Transport carries the requests; nil means a pooled HTTP transport that
	// honours HTTPS_PROXY and SSL_CERT_FILE.
	Transport http.RoundTripper
}

// LogFunc writes a debug message with fields.
type LogFunc func(ctx context.Context, msg string, fields map[string]any)

// Client calls the APIs. It is safe for concurrent use; one Client should
// serve a whole process, since the record of sent messages (rule R2), the
// reaction to 429 and the connection pool are its own.
type Client struct {
	platform    Platform
	superSIM    *url.URL
	wireless    *url.URL
	credentials Credentials
	signer      signer
	userAgent   string
	maxRetries  int
	clock       clock.Clock
	rand        func() float64
	log         LogFunc
	http        *retryablehttp.Client
	pacer       *pacer
	sends       *sendRegistry
}

// New returns a client for cfg. It makes no request. Its errors say which
// setting is wrong.
func New(cfg Config) (*Client, error) {
	if cfg.Credentials == nil {
		return nil, errors.New("no credentials are configured")
	}
	if cfg.Platform == (Platform{}) {
		cfg.Platform = Twilio
	}
	superSIM, err := ParseBaseURL(withDefault(cfg.SuperSIMURL, cfg.Platform.SuperSIMURL))
	if err != nil {
		return nil, fmt.Errorf("the Super SIM endpoint: %w", err)
	}
	wireless, err := ParseBaseURL(withDefault(cfg.WirelessURL, cfg.Platform.WirelessURL))
	if err != nil {
		return nil, fmt.Errorf("the Programmable Wireless endpoint: %w", err)
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
		cfg.Transport = pooledTransport()
	}
	c := &Client{
		platform:    cfg.Platform,
		superSIM:    superSIM,
		wireless:    wireless,
		credentials: cfg.Credentials,
		userAgent:   cfg.UserAgent,
		maxRetries:  cfg.MaxRetries,
		clock:       cfg.Clock,
		rand:        cfg.Rand,
		log:         cfg.Log,
		pacer:       &pacer{clock: cfg.Clock},
		sends:       newSendRegistry(),
	}
	c.http = c.retrying(&http.Client{
		Transport: keepIdle{cfg.Transport},
		Timeout:   cfg.RequestTimeout,
		// A redirect would carry credentials and messages to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	if c.signer, err = cfg.Credentials.signer(c); err != nil {
		return nil, err
	}
	return c, nil
}

// Platform returns where the client's APIs are served.
func (c *Client) Platform() Platform { return c.platform }

// pooledTransport is Go's default transport with as many idle connections to
// a host as Terraform's -parallelism can use, so that none is opened twice.
//
// It speaks HTTP/1.1 only, for rule R1: there, Go repeats a POST by itself only
// where nothing of it was written. Over HTTP/2 it also does after a
// PROTOCOL_ERROR of the server, and one broken connection would lose the
// answers to all POSTs in flight.
func pooledTransport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
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

// keepIdle hides that a transport can close its idle connections:
// retryablehttp has it do so after each request that failed, and those of
// other requests would have to be opened anew.
type keepIdle struct{ http.RoundTripper }

func withDefault(s, d string) string {
	if s == "" {
		return d
	}
	return s
}
