package rest

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// ParseBaseURL checks the base URL of an API and returns it without a
// trailing slash. It must be an absolute https URL, or http on a loopback
// address, since credentials travel with every request, and have no user
// information, query or fragment. A path prefix is kept.
func ParseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		// The parser's error repeats the URL, which may hold a password.
		return nil, errors.New("not a URL; give an absolute URL such as https://api.example.com")
	}
	switch {
	case u.Host == "" || u.Hostname() == "":
		return nil, errors.New("not an absolute URL; give one such as https://api.example.com")
	case u.User != nil:
		return nil, errors.New("a URL must not contain credentials; give them in the provider's own arguments")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("a base URL has no query and no fragment; remove what follows \"?\" or \"#\"")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("http would send the credentials in the clear; use https (http is for loopback addresses only)")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the scheme must be https, or http for a loopback address")
	}
	// Go looks up proxies, and compares hosts, by case.
	u.Host = strings.ToLower(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
