package openapitest

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// description is a file, the host that it describes, and the paths that it is
// used for.
type description struct {
	file, host string
	paths      []string
	wholeForm  bool // requests need every field that is described
}

// The descriptions of the platforms.
var (
	twilio = []description{
		{file: "twilio_supersim_v1.json", host: "supersim.twilio.com", paths: []string{"/v1/IpCommands", "/v1/IpCommands/{Sid}"}},
		{file: "twilio_wireless_v1.json", host: "wireless.twilio.com", paths: []string{"/v1/Commands", "/v1/Commands/{Sid}"}},
	}
	kore = []description{
		{file: "kore_supersim_v1.json", host: "supersim.api.korewireless.com", paths: []string{"/v1/IpCommands", "/v1/IpCommands/{Sid}"}},
		{file: "kore_programmable_wireless_v1.json", host: "programmable-wireless.api.korewireless.com", paths: []string{"/v1/Commands", "/v1/Commands/{Sid}"}},
		{file: "kore_token_v1.json", host: "api.korewireless.com", paths: []string{"/v1/auth/token"}, wholeForm: true},
	}
)

// router finds requests in one description.
type router struct {
	host string
	routers.Router
}

// cache keeps what was loaded, by its path: the descriptions are large.
var cache struct {
	sync.Mutex
	routers map[string]router
}

// load reads a description from a directory.
func load(dir string, d description) (router, error) {
	cache.Lock()
	defer cache.Unlock()
	path := filepath.Join(dir, d.file)
	if r, ok := cache.routers[path]; ok {
		return r, nil
	}
	doc, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		return router{}, fmt.Errorf("loading %s: %w", d.file, err)
	}
	if err := restrict(doc, d); err != nil {
		return router{}, fmt.Errorf("%s: %w", d.file, err)
	}
	// Some of the published examples do not fit their own schemas.
	found, err := legacy.NewRouter(doc, openapi3.DisableExamplesValidation())
	if err != nil {
		return router{}, fmt.Errorf("loading %s: %w", d.file, err)
	}
	if cache.routers == nil {
		cache.routers = map[string]router{}
	}
	r := router{d.host, found}
	cache.routers[path] = r
	return r, nil
}

// restrict leaves only the paths that are used in a description, and makes it
// strict.
func restrict(doc *openapi3.T, d description) error {
	// KORE's Programmable Wireless says that it may be used without
	// credentials, and that there is a 401 for it.
	doc.Security = slices.DeleteFunc(doc.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
	kept := openapi3.NewPaths()
	for _, path := range d.paths {
		item := doc.Paths.Value(path)
		if item == nil {
			return fmt.Errorf("describes no %s", path)
		}
		kept.Set(path, item)
		for _, operation := range item.Operations() {
			if operation.RequestBody != nil {
				operation.RequestBody.Value.Required = true
				for _, media := range operation.RequestBody.Value.Content {
					closeSchema(media.Schema, d.wholeForm)
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
