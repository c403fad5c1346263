package twiliosim

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is a request that the simulator has seen.
type Request struct {
	// Time is when it arrived.
	Time   time.Time
	Method string
	// Path is decoded.
	Path   string
	Query  url.Values
	Form   url.Values // of the body
	Header http.Header
	// Status is the HTTP status of the response. 0 means that the client
	// got none: a fault dropped the connection, or holds it.
	Status int
	// Accepted means that this POST created a command, whatever the client
	// was told.
	Accepted bool
	// SID is that of the command created.
	SID string
}

// Requests returns what was requested so far, in the order of arrival: also
// what was refused, lost to a fault, or is still held by one.
func (s *Simulator) Requests() []Request {
	s.lock()
	defer s.mu.Unlock()
	requests := make([]Request, len(s.requests))
	for i, r := range s.requests {
		requests[i] = *r
		// A header clones its values too.
		requests[i].Query = url.Values(http.Header(r.Query).Clone())
		requests[i].Form = url.Values(http.Header(r.Form).Clone())
		requests[i].Header = r.Header.Clone()
	}
	return requests
}

// Count returns how many requests had this method (any, if empty) and a path
// that starts with pathPrefix.
func (s *Simulator) Count(method, pathPrefix string) int {
	s.lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if (method == "" || method == r.Method) && strings.HasPrefix(r.Path, pathPrefix) {
			n++
		}
	}
	return n
}

// loggedURI returns what a log line says of a request's URL: all but the
// secrets that a client has put there by mistake. The lock is held.
func (s *Simulator) loggedURI(u *url.URL) string {
	if s.cfg.Log == nil {
		return ""
	}
	if u.Path == TokenPath {
		return u.EscapedPath()
	}
	uri := u.RequestURI()
	secrets := []string{s.cfg.AuthToken, s.cfg.APISecret, s.cfg.ClientSecret}
	for _, secret := range append(secrets, s.tokens...) {
		for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
			uri = strings.ReplaceAll(uri, form, "[secret]")
		}
	}
	return uri
}
