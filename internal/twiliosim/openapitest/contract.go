// Package openapitest holds a client and a simulator to the published API
// descriptions: it validates every request and every answer that passes
// through an http.Handler or an http.RoundTripper, and fails the test on a
// mismatch. The descriptions are no part of this repository; see [Load].
package openapitest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/routers"
)

// dirVariable is the environment variable that says where the descriptions
// are.
const dirVariable = "TWILIO_OPENAPI_DIR"

// Contract is what the descriptions say about the APIs of one platform. It is
// stricter than they are, since they hardly require anything: an answer must
// have every property that is described, and neither an answer nor a request
// may have one that is not; a request for a token must have every field.
// Errors are held to the descriptions that they have: of Twilio's none, of
// KORE's those of Programmable Wireless and of the token endpoint.
type Contract struct {
	routers   []router
	validated atomic.Int64
}

// Load reads Twilio's descriptions from the directory in the environment
// variable TWILIO_OPENAPI_DIR or, if that is not set, from ../shared/openapi
// beside the repository's root. It skips the test if it is not set and they
// are not there.
func Load(t testing.TB) *Contract {
	t.Helper()
	return loadPlatform(t, twilio)
}

// LoadKORE is Load for KORE's descriptions, that of the token endpoint among
// them.
func LoadKORE(t testing.TB) *Contract {
	t.Helper()
	return loadPlatform(t, kore)
}

// loadPlatform reads these descriptions.
func loadPlatform(t testing.TB, descriptions []description) *Contract {
	t.Helper()
	dir, err := findDir()
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the published API descriptions are not here: %v; set %s to the directory that has them", err, dirVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &Contract{}
	for _, d := range descriptions {
		r, err := load(dir, d)
		if err != nil {
			t.Fatal(err)
		}
		c.routers = append(c.routers, r)
	}
	return c
}

// Validated returns how many answers were held to a schema so far, for a test
// to make sure that there were any.
func (c *Contract) Validated() int { return int(c.validated.Load()) }

// findDir returns the directory of the descriptions.
func findDir() (string, error) {
	if dir := os.Getenv(dirVariable); dir != "" {
		if _, err := os.Stat(dir); err != nil {
			return "", fmt.Errorf("%s: %v", dirVariable, err) //nolint:errorlint // not a reason to skip: somebody named it.
		}
		return dir, nil
	}
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(root)
		if parent == root {
			return "", fmt.Errorf("looking for go.mod above the test: %w", os.ErrNotExist)
		}
		root = parent
	}
	dir := filepath.Join(root, "..", "shared", "openapi")
	_, err = os.Stat(dir)
	return dir, err
}

// find returns what the descriptions say about a request, and the values in
// its path. It gives the request the host that it would have gone to.
func (c *Contract) find(r *http.Request) (*routers.Route, map[string]string, error) {
	var errs []error
	for _, router := range c.routers {
		r.URL = &url.URL{
			Scheme: "https", Host: router.host,
			Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery,
		}
		route, params, err := router.FindRoute(r)
		if err == nil {
			return route, params, nil
		}
		errs = append(errs, fmt.Errorf("%s %s: %w", r.Method, r.URL, err))
	}
	return nil, nil, fmt.Errorf("a request that is not described: %w", errors.Join(errs...))
}
