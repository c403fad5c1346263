// Package openapitest holds a client and a simulator to the API descriptions
// that Twilio and KORE publish: it validates every request and every response
// that passes through an http.RoundTripper or an http.Handler, and fails the
// test on a mismatch. The descriptions, cut down to what is used, are in the
// directory descriptions, whose README says where they are from.
package openapitest

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

//go:embed descriptions/*.json
var descriptions embed.FS

// Contract is what the descriptions say about the APIs of one platform. It is
// stricter than they are, since they hardly require anything: a response must
// have every property that is described, and neither a response nor a request
// may have one that is not; where a form has no required fields, all of them
// are. Errors are held to the descriptions that they have: of Twilio's none, of
// KORE's those of Programmable Wireless and of the token endpoint.
type Contract struct {
	routers   []routers.Router // one for each description
	validated atomic.Int64
}

// Load returns the contract of Twilio's APIs.
func Load(t testing.TB) *Contract {
	t.Helper()
	return load(t, "twilio")
}

// LoadKORE returns the contract of KORE's APIs and of its token endpoint.
func LoadKORE(t testing.TB) *Contract {
	t.Helper()
	return load(t, "kore")
}

// Validated returns how many responses were held to a schema so far, for a test
// to make sure that there were any.
func (c *Contract) Validated() int { return int(c.validated.Load()) }

func load(t testing.TB, platform string) *Contract {
	t.Helper()
	files, err := fs.Glob(descriptions, "descriptions/"+platform+"_*.json")
	if err != nil {
		t.Fatal(err)
	}
	c := &Contract{}
	for _, file := range files {
		text, err := descriptions.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatalf("loading %s: %v", file, err)
		}
		if err := makeStrict(doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		router, err := legacy.NewRouter(doc)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		c.routers = append(c.routers, router)
	}
	return c
}

// makeStrict makes a description one of every host, since tests have the APIs
// on their own, and tightens it as Contract says.
func makeStrict(doc *openapi3.T) error {
	path, err := doc.Servers.BasePath()
	if err != nil {
		return err
	}
	doc.Servers = openapi3.Servers{{URL: path}}
	// KORE's Programmable Wireless says that it may be used without
	// credentials, and that there is a 401 for it.
	doc.Security = slices.DeleteFunc(doc.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			if operation.RequestBody != nil {
				operation.RequestBody.Value.Required = true
				for _, media := range operation.RequestBody.Value.Content {
					closeSchema(media.Schema, len(media.Schema.Value.Required) == 0)
				}
			}
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					closeSchema(media.Schema, true)
				}
			}
		}
	}
	return nil
}

// closeSchema forbids properties that are not described, and optionally
// requires those that are.
func closeSchema(ref *openapi3.SchemaRef, require bool) {
	if ref == nil {
		return
	}
	schema := ref.Value
	if len(schema.Properties) > 0 {
		schema.AdditionalProperties = openapi3.AdditionalProperties{Has: new(false)}
		if require {
			schema.Required = slices.Collect(maps.Keys(schema.Properties))
		}
		for _, property := range schema.Properties {
			closeSchema(property, require)
		}
	}
	closeSchema(schema.Items, require)
}
