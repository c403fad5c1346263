// Package twilio is a client for the two APIs that carry messages to and from
// SIMs: Super SIM, with its IP Commands and SIMs, and Programmable Wireless,
// with its Commands. It knows nothing of Terraform. Its requests are made by
// package rest.
//
// ARCHITECTURE.md lists the rules of sending: see send.go (R1, one POST), lost.go
// (R2, lost responses), wait.go (R4, waiting until a command has left),
// sent_before.go (R10, what was sent before) and reply.go (R11, replies).
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
// they have there, except that Dialect and an empty OAuth.TokenURL follow from
// the platform.
type Config struct {
	rest.Config
	// Platform is where the APIs are served; its zero value means Twilio.
	Platform Platform
	// SuperSIMURL and WirelessURL are the base URLs of the two APIs; empty
	// means the platform's own. A path prefix is kept.
	SuperSIMURL, WirelessURL string
	// SuperSIMFrom and WirelessFrom are where these were set, for a text.
	SuperSIMFrom, WirelessFrom string
}

// Client has the services of the two APIs. It is safe for concurrent use; one
// Client should serve a whole process, since what IPCommands knows of the messages
// that were sent, and all that a rest.Client holds, is its own.
type Client struct {
	IPCommands *IPCommands
	Commands   *Commands
	SIMs       *SIMs
	// Platform is where the APIs are served.
	Platform Platform
}

// New returns a client for cfg. It makes no request. Its errors say which
// setting is wrong.
func New(cfg Config) (*Client, error) {
	if cfg.Platform == (Platform{}) {
		cfg.Platform = Twilio
	}
	cfg.Dialect = cfg.Platform.Dialect
	if oauth, ok := cfg.Credentials.(rest.OAuth); ok && oauth.TokenURL == "" {
		oauth.TokenURL = cfg.Platform.TokenURL
		cfg.Credentials = oauth
	}
	superSIMURL, err := rest.ParseBaseURL(cmp.Or(cfg.SuperSIMURL, cfg.Platform.SuperSIMURL))
	if err != nil {
		return nil, fmt.Errorf("the Super SIM endpoint: %w", err)
	}
	wirelessURL, err := rest.ParseBaseURL(cmp.Or(cfg.WirelessURL, cfg.Platform.WirelessURL))
	if err != nil {
		return nil, fmt.Errorf("the Programmable Wireless endpoint: %w", err)
	}
	requests, err := rest.NewClient(cfg.Config)
	if err != nil {
		return nil, err
	}
	superSIM := api{Client: requests, base: superSIMURL, from: cfg.SuperSIMFrom, serverClock: new(rest.ServerClock)}
	wireless := api{Client: requests, base: wirelessURL, from: cfg.WirelessFrom, serverClock: new(rest.ServerClock)}
	return &Client{
		IPCommands: newIPCommands(superSIM, cfg.Platform.MaxIPCommandsPage),
		Commands:   &Commands{wireless, cfg.Platform.MaxCommandsPage},
		SIMs:       &SIMs{superSIM, cfg.Platform.MaxSIMsPage},
		Platform:   cfg.Platform,
	}, nil
}

// api is one of the two APIs.
type api struct {
	*rest.Client
	base *url.URL
	from string // where base was set
	// serverClock is the API's clock.
	serverClock *rest.ServerClock
}

// get is a GET of the API.
func (a api) get(path string) rest.Request {
	return rest.Request{Method: http.MethodGet, Base: a.base, BaseFrom: a.from, Path: path, ServerClock: a.serverClock}
}
