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
	"sync"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// dirVariable is the environment variable that says where the descriptions
// are.
const dirVariable = "TWILIO_OPENAPI_DIR"

// descriptions are the files, the host that each describes, and the paths that
// it is used for.
var descriptions = []struct {
	file, host string
	paths      []string
}{
	{"twilio_supersim_v1.json", "supersim.twilio.com", []string{"/v1/IpCommands", "/v1/IpCommands/{Sid}"}},
	{"twilio_wireless_v1.json", "wireless.twilio.com", []string{"/v1/Commands", "/v1/Commands/{Sid}"}},
}

// Contract is what the descriptions say about the two APIs. It is stricter
// than they are, since they hardly require anything: an answer must have every
// property that is described, and neither an answer nor a request may have one
// that is not.
type Contract struct {
	routers   []router
	validated atomic.Int64
}

// Load reads the descriptions from the directory in the environment variable
// TWILIO_OPENAPI_DIR or, if that is not set, from ../shared/openapi beside the
// repository's root. It skips the test if it is not set and they are not
// there.
func Load(t testing.TB) *Contract {
	t.Helper()
	dir, err := findDir()
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("the published API descriptions are not here: %v; set %s to the directory that has them", err, dirVariable)
	}
	if err != nil {
		t.Fatal(err)
	}
	rs, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &Contract{routers: rs}
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

// router finds requests in one description.
type router struct {
	host string
	routers.Router
}

// cache keeps what was loaded: the descriptions are large.
var cache struct {
	sync.Mutex
	routers map[string][]router
}

// load reads all descriptions in a directory.
func load(dir string) ([]router, error) {
	cache.Lock()
	defer cache.Unlock()
	if rs, ok := cache.routers[dir]; ok {
		return rs, nil
	}
	var rs []router
	for _, d := range descriptions {
		doc, err := openapi3.NewLoader().LoadFromFile(filepath.Join(dir, d.file))
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", d.file, err)
		}
		if err := restrict(doc, d.paths); err != nil {
			return nil, fmt.Errorf("%s: %w", d.file, err)
		}
		// Some of the published examples do not fit their own schemas.
		r, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
		if err != nil {
			return nil, fmt.Errorf("loading %s: %w", d.file, err)
		}
		rs = append(rs, router{d.host, r})
	}
	if cache.routers == nil {
		cache.routers = map[string][]router{}
	}
	cache.routers[dir] = rs
	return rs, nil
}

// restrict leaves only these paths in a description, and makes it strict.
func restrict(doc *openapi3.T, paths []string) error {
	kept := openapi3.NewPaths()
	for _, path := range paths {
		item := doc.Paths.Value(path)
		if item == nil {
			return fmt.Errorf("describes no %s", path)
		}
		kept.Set(path, item)
		for _, operation := range item.Operations() {
			if operation.RequestBody != nil {
				operation.RequestBody.Value.Required = true
				for _, media := range operation.RequestBody.Value.Content {
					closeSchema(media.Schema, false)
				}
			}
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					closeSchema(media.Schema, true)
				}
			}
		}
	}
	doc.Paths = kept
	return nil
}

// closeSchema forbids properties that are not described, and optionally
// requires those that are.
func closeSchema(ref *openapi3.SchemaRef, require bool) {
	if ref == nil || ref.Value == nil {
		return
	}
	schema := ref.Value
	if len(schema.Properties) > 0 {
		no := false
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: &no}
		if require {
			schema.Required = nil
		}
		for name, property := range schema.Properties {
			if require {
				schema.Required = append(schema.Required, name)
			}
			closeSchema(property, require)
		}
	}
	closeSchema(schema.Items, require)
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
