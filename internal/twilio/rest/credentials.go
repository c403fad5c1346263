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
	// advice says what causes a 401 or 403, where more is known than the Dialect
	// says.
	advice(status int) string
	// secrets returns what must not be shown to anybody.
	secrets() []string
}

// BasicAuth is HTTP Basic authentication.
type BasicAuth struct {
	Username, Password string
	// Kind is what the user would call these credentials, and where they
	// came from, such as "API key SID and secret from the environment".
	Kind   string
	Advice string // on a 401, where more is known than the Dialect says
}

var _ Credentials = BasicAuth{}

// Describe implements Credentials.
func (b BasicAuth) Describe() string { return b.Kind + " (" + b.Username + ")" }

func (b BasicAuth) advice(status int) string {
	if status == http.StatusUnauthorized {
		return b.Advice
	}
	return ""
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

// OAuth is OAuth 2 client credentials (RFC 6749, section 4.4). One token serves all
// requests of a Client.
type OAuth struct {
	ClientID, ClientSecret string
	// TokenURL is the whole URL of the token endpoint, by the rules of
	// ParseBaseURL.
	TokenURL string
	// Kind is what the user would call these credentials, and where they
	// came from.
	Kind string
}

var _ Credentials = OAuth{}

// Describe implements Credentials. It shows neither half: they may be swapped.
func (o OAuth) Describe() string { return o.Kind }

func (o OAuth) advice(int) string { return "" }

func (o OAuth) secrets() []string { return []string{o.ClientID, o.ClientSecret} }

// IsPrintable reports whether a credential, or a token, has only what these
// consist of: printable ASCII without spaces. A header may carry nothing else.
func IsPrintable(credential string) bool {
	return !strings.ContainsFunc(credential, func(r rune) bool { return r <= ' ' || r > '~' })
}
