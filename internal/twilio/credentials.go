package twilio

import "net/http"

// Credentials sign requests.
type Credentials interface {
	// Authorize adds the credentials to a request that is about to be sent.
	Authorize(req *http.Request) error
	// Describe names the kind of credentials, their source and their public
	// part, never a secret.
	Describe() string
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

var _ Credentials = BasicAuth{}

// Authorize implements Credentials.
func (b BasicAuth) Authorize(req *http.Request) error {
	req.SetBasicAuth(b.Username, b.Password)
	return nil
}

// Describe implements Credentials.
func (b BasicAuth) Describe() string { return b.Kind + " (" + b.Username + ")" }
