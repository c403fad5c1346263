package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// OAuth is OAuth 2 client credentials (RFC 6749, section 4.4), which KORE
// takes. One token serves all requests of a Client.
type OAuth struct {
	ClientID, ClientSecret string
	// TokenURL is the whole URL of the token endpoint, by the rules of
	// ParseBaseURL; empty means KORE's.
	TokenURL string
	// Kind is what the user would call these credentials, and where they
	// came from, such as "KORE client ID and secret from the environment".
	Kind string
}

var _ Credentials = OAuth{}

// Describe implements Credentials.
func (o OAuth) Describe() string { return o.Kind + " (" + o.ClientID + ")" }

func (o OAuth) advice(status int) string {
	if status == http.StatusForbidden {
		return "Common causes are an API client of KORE that is not allowed to use this API, and SIMs of another account"
	}
	return "Common causes are an API client that was deleted or whose secret was renewed, and SIMs that are still at Twilio, which takes Twilio's credentials only"
}

func (o OAuth) signer(c *Client) (signer, error) {
	tokenURL := withDefault(o.TokenURL, KORE.TokenURL)
	endpoint, err := ParseBaseURL(tokenURL)
	if err != nil {
		return nil, fmt.Errorf("the token endpoint: %w", err)
	}
	return &oauthSigner{
		client: c,
		host:   endpoint.Host,
		config: clientcredentials.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret, TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams,
		},
		describe: o.Describe(),
		turn:     make(chan struct{}, 1),
	}, nil
}

// expiryMargin is how long before its end a token is renewed, at most; of a
// short-lived one it is a tenth of its life.
const expiryMargin = time.Minute

// oauthSigner holds the token of a client.
type oauthSigner struct {
	client   *Client
	host     string // of the token endpoint
	config   clientcredentials.Config
	describe string
	// turn is held by the one that gets a token, while others wait for it.
	turn chan struct{}

	mu    sync.Mutex
	token string
	// gotAt is when the token was got, by the client's clock.
	gotAt time.Time
	// renewAt is by the client's clock; zero means never.
	renewAt time.Time
}

func (s *oauthSigner) sign(ctx context.Context, req *http.Request, pause func(time.Duration) error) error {
	token, err := s.current(ctx, pause)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// freshFor is how long a token can't have expired after it was got.
const freshFor = 10 * time.Second

// renew forgets the token that a request was signed with, unless it was got
// just now. KORE answers an expired token with 403. Where another request has
// renewed it already, there is nothing to forget.
func (s *oauthSigner) renew(req *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == "" || req.Header.Get("Authorization") != "Bearer "+s.token {
		return true
	}
	if s.client.clock.Now().Sub(s.gotAt) < freshFor {
		return false
	}
	s.token = ""
	return true
}

func (s *oauthSigner) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []string{s.config.ClientSecret, s.token}
}

// current returns the token, a new one when there is none or it is about to
// expire.
func (s *oauthSigner) current(ctx context.Context, pause func(time.Duration) error) (string, error) {
	if token := s.held(); token != "" {
		return token, nil
	}
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if token := s.held(); token != "" {
		return token, nil // Another request got it meanwhile.
	}
	return s.fetch(ctx, pause)
}

// held returns the token that is still good, or nothing.
func (s *oauthSigner) held() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.renewAt.IsZero() && !s.client.clock.Now().Before(s.renewAt) {
		return ""
	}
	return s.token
}

// fetch gets a token. Asking for one sends no message, so it is repeated where
// a GET would be, after a pause.
func (s *oauthSigner) fetch(ctx context.Context, pause func(time.Duration) error) (string, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, s.client.tokenClient())
	for attempt := 1; ; attempt++ {
		token, err := s.config.Token(ctx)
		if err == nil {
			s.hold(token)
			s.client.log(ctx, "Got a token", map[string]any{"host": s.host, "attempt": attempt})
			return token.AccessToken, nil
		}
		end := attemptEnd{method: http.MethodGet, failed: true, permanent: isPermanent(err)}
		var answer *oauth2.RetrieveError
		var resp *http.Response
		if errors.As(err, &answer) {
			resp = answer.Response
			end.failed, end.status = false, resp.StatusCode
		}
		err = s.explain(err, answer)
		s.client.log(ctx, "Could not get a token", map[string]any{"host": s.host, "attempt": attempt, "status": end.status})
		if ctx.Err() != nil || !maySendAgain(end) || attempt > s.client.maxRetries || pause(s.client.backoff(attempt, resp)) != nil {
			return "", err
		}
	}
}

// tokenClient is the client's HTTP client, for requests that oauth2 makes.
func (c *Client) tokenClient() *http.Client {
	h := *c.http.HTTPClient
	h.Transport = userAgentTransport{c.userAgent, h.Transport}
	return &h
}

type userAgentTransport struct {
	userAgent string
	http.RoundTripper
}

func (t userAgentTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", t.userAgent)
	return t.RoundTripper.RoundTrip(req)
}

// hold keeps a token. oauth2 tells its end by the system's clock.
func (s *oauthSigner) hold(token *oauth2.Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.gotAt, s.renewAt = token.AccessToken, s.client.clock.Now(), time.Time{}
	if !token.Expiry.IsZero() {
		life := time.Until(token.Expiry)
		s.renewAt = s.client.clock.Now().Add(life - min(expiryMargin, life/10))
	}
}

// explain makes an error of oauth2 one to show: its own repeats the whole
// answer.
func (s *oauthSigner) explain(err error, answer *oauth2.RetrieveError) error {
	if answer == nil {
		return fmt.Errorf("getting a token from %s with the %s: %w", s.host, s.describe, s.client.explain(err))
	}
	// Before clean, which may cut a secret in two.
	what := clean(redact(answer.ErrorCode+": "+answer.ErrorDescription, s.secrets()...))
	if answer.ErrorCode == "" {
		what = parseErrorBody([]byte(redact(string(answer.Body), s.secrets()...))).Message
	}
	advice := ""
	if answer.Response.StatusCode/100 == 4 && answer.Response.StatusCode != http.StatusTooManyRequests {
		advice = ". Check the client ID and the client secret, and that they are those of an API client of KORE"
	}
	return fmt.Errorf("the token endpoint at %s answered %s (%s) to the %s%s",
		s.host, statusText(answer.Response.StatusCode), redact(what, s.secrets()...), s.describe, advice)
}
