// Package twilio is a client for the two APIs that carry messages to and from
// SIMs: Super SIM, with its IP Commands and SIMs, and Programmable Wireless,
// with its Commands. It knows nothing of Terraform. Its requests are made by
// package rest.
//
// ARCHITECTURE.md lists the rules of sending: see send.go (R1, one POST),
// resolve.go (R2, unknown outcomes), wait.go (R4, waiting until a command has
// left), find.go (R10, what was sent before) and reply.go (R11, answers).
package twilio

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// DefaultMaxRetries is the number of retries of a provider whose configuration
// does not give one; a Config without one means none.
const DefaultMaxRetries = 5

// Config configures a Client. The fields of rest.Config have the meanings that
// they have there, except that ErrorForm and an empty OAuth.TokenURL follow
// from the platform.
type Config struct {
	rest.Config
	// Platform is where the APIs are served; its zero value means Twilio.
	Platform Platform
	// SuperSIMURL and WirelessURL are the base URLs of the two APIs; empty
	// means the platform's own. A path prefix is kept.
	SuperSIMURL, WirelessURL string
}

// Client calls the APIs. It is safe for concurrent use; one Client should
// serve a whole process, since the record of sent messages (rule R2) and all
// that a rest.Client holds are its own.
type Client struct {
	platform Platform
	superSIM *url.URL
	wireless *url.URL
	// Client makes the requests.
	*rest.Client
	sends *sendRegistry
	// toSIM and fromSIM serve those that wait for messages to leave, and for
	// answers.
	toSIM, fromSIM *reader
	replies        *replies
	// superSIMClock is the clock of the Super SIM API.
	superSIMClock *rest.ServerClock
}

// New returns a client for cfg. It makes no request. Its errors say which
// setting is wrong.
func New(cfg Config) (*Client, error) {
	if cfg.Platform == (Platform{}) {
		cfg.Platform = Twilio
	}
	cfg.ErrorForm = cfg.Platform.ErrorForm
	if oauth, ok := cfg.Credentials.(rest.OAuth); ok && oauth.TokenURL == "" {
		oauth.TokenURL = cfg.Platform.TokenURL
		cfg.Credentials = oauth
	}
	superSIM, err := rest.ParseBaseURL(cmp.Or(cfg.SuperSIMURL, cfg.Platform.SuperSIMURL))
	if err != nil {
		return nil, fmt.Errorf("the Super SIM endpoint: %w", err)
	}
	wireless, err := rest.ParseBaseURL(cmp.Or(cfg.WirelessURL, cfg.Platform.WirelessURL))
	if err != nil {
		return nil, fmt.Errorf("the Programmable Wireless endpoint: %w", err)
	}
	requests, err := rest.NewClient(cfg.Config)
	if err != nil {
		return nil, err
	}
	return &Client{
		platform:      cfg.Platform,
		superSIM:      superSIM,
		wireless:      wireless,
		Client:        requests,
		sends:         newSendRegistry(),
		toSIM:         newReader(DirectionToSIM),
		fromSIM:       newReader(DirectionFromSIM),
		replies:       &replies{taken: make(map[string]bool)},
		superSIMClock: new(rest.ServerClock),
	}, nil
}

// Platform returns where the client's APIs are served.
func (c *Client) Platform() Platform { return c.platform }

// superSIMRequest is a GET of the Super SIM API.
func (c *Client) superSIMRequest(path string) rest.Request {
	return rest.Request{Method: http.MethodGet, Base: c.superSIM, Path: path, ServerClock: c.superSIMClock}
}
