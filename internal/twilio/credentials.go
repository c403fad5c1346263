package twilio

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"
)

// Credentials sign requests: BasicAuth or OAuth.
type Credentials interface {
	// Describe names the kind of credentials, their source and their public
	// part, never a secret.
	Describe() string
	// advice says what commonly causes an answer 401 or 403.
	advice(status int) string
	// signer returns what signs the requests of a client.
	signer(*Client) (signer, error)
}

// signer signs the requests of one client.
type signer interface {
	// sign adds the credentials to a request that is about to be sent. It may
	// make a request itself, and wait with pause, which may refuse.
	sign(ctx context.Context, req *http.Request, pause func(time.Duration) error) error
	// renew is told that a signed request was answered 403. It reports
	// whether the credentials may have expired, and will be others next time.
	renew(req *http.Request) bool
	// secrets returns what must not be shown to anybody.
	secrets() []string
}

// BasicAuth is HTTP Basic authentication: an account SID and its auth token,
// or an API key SID and its secret.
type BasicAuth struct {
	// Username is the account SID (AC…) or the API key SID (SK…).
	Username string
	// Password is the auth token or the API secret.
	Password string
	// Kind is what the user would call these credentials, and where they
	// came from, such as "account SID and auth token from the environment".
	Kind string
}

var (
	_ Credentials = BasicAuth{}
	_ signer      = BasicAuth{}
)

// Describe implements Credentials.
func (b BasicAuth) Describe() string { return b.Kind + " (" + b.Username + ")" }

func (b BasicAuth) advice(status int) string {
	const moved = "or that the account's SIMs have moved to KORE, which takes KORE's credentials only"
	if status == http.StatusForbidden {
		return "Common causes are a restricted API key that is not allowed to use this API, an account that does not own the SIM, " + moved
	}
	return "Common causes are that the two halves do not belong together, a key or token that was revoked, test credentials, a region of Twilio other than the one that they were made in, " + moved
}

func (b BasicAuth) signer(*Client) (signer, error) { return b, nil }

func (b BasicAuth) sign(_ context.Context, req *http.Request, _ func(time.Duration) error) error {
	req.SetBasicAuth(b.Username, b.Password)
	return nil
}

func (b BasicAuth) renew(*http.Request) bool { return false }

func (b BasicAuth) secrets() []string {
	return []string{b.Password, base64.StdEncoding.EncodeToString([]byte(b.Username + ":" + b.Password))}
}
