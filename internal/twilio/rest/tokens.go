package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// expiryMargin is how long before its end a token is renewed, at most; of
	// a short-lived one it is a tenth of its life.
	expiryMargin = time.Minute
	// renewalInterval is how long a refused token, and a failure to get one,
	// stand before there is another request for a token. Without it, a fleet
	// whose credentials do not work would make one for each message.
	renewalInterval = 10 * time.Second
)

// tokens gets the token of a client, one at a time for all requests.
type tokens struct {
	client   *Client
	oauth    OAuth
	endpoint *url.URL

	mu    sync.Mutex
	token string
	// renewAt is by the client's clock; zero means never.
	renewAt time.Time
	// renewedAt is when a refusal last had the token renewed.
	renewedAt time.Time
	// fetched is closed when the request for a token that is under way has
	// ended; nil when there is none.
	fetched chan struct{}
	// err is why the last request for a token failed, at failedAt.
	err      error
	failedAt time.Time
}

func newTokens(c *Client, oauth OAuth) (*tokens, error) {
	if _, err := ParseBaseURL(oauth.TokenURL); err != nil {
		return nil, fmt.Errorf("the token endpoint: %w", err)
	}
	endpoint, err := url.Parse(oauth.TokenURL) // To the letter: a slash at the end stays.
	return &tokens{client: c, oauth: oauth, endpoint: endpoint}, err
}

// current returns the token for a request: a new one when there is none or it
// is about to expire. Whoever comes first gets it, and the others wait for
// that, each until its own deadline. They share its failure too, which would
// otherwise be waited for by one after another. pauses ends what waits (Do).
func (t *tokens) current(ctx, pauses context.Context, r *Request) (string, error) {
	for {
		t.mu.Lock()
		now := t.client.Clock.Now()
		switch {
		case t.token != "" && (t.renewAt.IsZero() || now.Before(t.renewAt)):
			defer t.mu.Unlock()
			return t.token, nil
		case t.err != nil && now.Sub(t.failedAt) < renewalInterval:
			defer t.mu.Unlock()
			return "", t.err
		case t.fetched == nil:
			t.fetched = make(chan struct{})
			t.mu.Unlock()
			return t.fetch(ctx, pauses, r)
		}
		fetched := t.fetched
		t.mu.Unlock()
		select {
		case <-fetched:
		case <-ctx.Done():
			return "", fmt.Errorf("waiting for a token from %s: %w", t.endpoint.Host, context.Cause(ctx))
		}
	}
}

// renew forgets the token of a request that was refused, and reports whether
// there will be another one. Where another request has renewed it already,
// there is nothing to forget.
func (t *tokens) renew(authorization string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if signature(authorization) != t.token {
		return true
	}
	now := t.client.Clock.Now()
	if !t.renewedAt.IsZero() && now.Sub(t.renewedAt) < renewalInterval {
		return false
	}
	t.token, t.renewedAt = "", now
	return true
}

// fetch gets a token on behalf of a request.
func (t *tokens) fetch(ctx, pauses context.Context, r *Request) (string, error) {
	type response struct {
		AccessToken string      `json:"access_token"`
		TokenType   string      `json:"token_type"`
		ExpiresIn   json.Number `json:"expires_in"` // seconds
		Error       string      `json:"error"`
	}
	var got response
	err := t.client.Do(pauses, Request{
		Method: http.MethodPost, Base: t.endpoint,
		Form: url.Values{
			"grant_type": {"client_credentials"}, "client_id": {t.oauth.ClientID}, "client_secret": {t.oauth.ClientSecret},
		},
		MaxBytes: maxErrorBytes,
		Decode: func(body []byte) error {
			got = response{}
			if json.Unmarshal(body, &got) != nil {
				return errors.New("it is not the JSON that OAuth 2 describes") // Which may hold a token.
			}
			return nil
		},
		Deadline: r.Deadline, EvenIfCancelled: r.EvenIfCancelled, forToken: true,
	})
	// A caller that has no time left says nothing about the endpoint.
	hadTime := ctx.Err() == nil && pauses.Err() == nil && !errors.As(err, new(outOfTimeError))
	switch { // Another attempt would not get another response.
	case err == nil && got.Error != "":
		err = &APIError{StatusCode: http.StatusOK, Message: oauthCode(got.Error)}
	case err == nil && (got.AccessToken == "" || !IsPrintable(got.AccessToken) || got.TokenType != "" && !strings.EqualFold(got.TokenType, "bearer")):
		err = &ownError{text: "its response has no access_token of the type bearer that a header can carry"}
	}

	t.mu.Lock()
	defer t.mu.Unlock()
	close(t.fetched)
	t.fetched = nil
	if err != nil {
		err = t.explain(err)
		if hadTime {
			t.err, t.failedAt = err, t.client.Clock.Now()
		}
		return "", err
	}
	t.token, t.err, t.renewAt = got.AccessToken, nil, time.Time{}
	if seconds, err := got.ExpiresIn.Float64(); err == nil && seconds > 0 {
		life := time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
		t.renewAt = t.client.Clock.Now().Add(life - min(expiryMargin, life/10))
	}
	return t.token, nil
}

// explain says what the trouble with the token endpoint is, and what to check.
func (t *tokens) explain(err error) error {
	var api *APIError
	advice := ""
	if errors.As(err, &api) {
		if api.StatusCode/100 == 4 && api.StatusCode != http.StatusTooManyRequests {
			advice = ". " + t.client.Dialect.Advice(0)
		}
		// Not an APIError, which would be taken for the API's response.
		err = &ownError{text: "it responded with " + statusText(api.StatusCode) + api.Message}
	}
	return fmt.Errorf("getting a token from the token endpoint %s with the %s: %w%s", t.endpoint, t.oauth.Describe(), err, advice)
}

// tokenError returns the error code of a token endpoint, to be added to a text.
func tokenError(body []byte) string {
	var fields struct {
		Error string `json:"error"`
	}
	_ = json.Unmarshal(body, &fields)
	return oauthCode(fields.Error)
}

// oauthCode returns an error code of RFC 6749, section 5.2, to be added to a
// text. Of a token endpoint's errors nothing else is shown: there may be a token
// in it, or the credentials.
func oauthCode(code string) string {
	if slices.Contains([]string{"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope"}, code) {
		return ": " + code
	}
	return ""
}
