package rest

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Credentials sign requests: BasicAuth or OAuth.
type Credentials interface {
	// Describe names the kind of credentials, their source and their public
	// part, never a secret.
	Describe() string
	// advice says what commonly causes an answer 401 or 403.
	advice(status int) string
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
	Kind   string
	Advice string // on a 401, where more is known than what commonly causes it
}

var _ Credentials = BasicAuth{}

// Describe implements Credentials.
func (b BasicAuth) Describe() string { return b.Kind + " (" + b.Username + ")" }

func (b BasicAuth) advice(status int) string {
	if status == http.StatusUnauthorized && b.Advice != "" {
		return b.Advice
	}
	const moved = "or that the account's SIMs have moved to KORE, which takes KORE's credentials only"
	if status == http.StatusForbidden {
		return "Common causes are a restricted API key that is not allowed to use this API, an account that does not own the SIM, " + moved
	}
	return "Common causes are that the two halves do not belong together, a key or token that was revoked, test credentials, a region of Twilio other than the one that they were made in, " + moved
}

func (b BasicAuth) secrets() []string { return []string{b.Password} }

// header returns the value of the header that signs a request.
func (b BasicAuth) header() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(b.Username+":"+b.Password))
}

// signature is the part of a header that must not be shown.
func signature(header string) string {
	_, signature, _ := strings.Cut(header, " ")
	return signature
}

// OAuth is OAuth 2 client credentials (RFC 6749, section 4.4), which KORE
// takes. One token serves all requests of a Client.
type OAuth struct {
	ClientID, ClientSecret string
	// TokenURL is the whole URL of the token endpoint, by the rules of
	// ParseBaseURL.
	TokenURL string
	// Kind is what the user would call these credentials, and where they
	// came from, such as "KORE client ID and secret from the environment".
	Kind string
}

var _ Credentials = OAuth{}

// Describe implements Credentials. It shows neither half: they may be swapped.
func (o OAuth) Describe() string { return o.Kind }

func (o OAuth) advice(status int) string {
	if status == http.StatusForbidden {
		return "Common causes are an API client of KORE that is not allowed to use this API, and SIMs of another account"
	}
	return "Common causes are an API client that was deleted or whose secret was renewed, and SIMs that are still at Twilio, which takes Twilio's credentials only"
}

func (o OAuth) secrets() []string { return []string{o.ClientID, o.ClientSecret} }

// IsPrintable reports whether a credential, or a token, has only what these
// consist of: printable ASCII without spaces. A header may carry nothing else.
func IsPrintable(credential string) bool {
	return !strings.ContainsFunc(credential, func(r rune) bool { return r <= ' ' || r > '~' })
}
