// Command openapi cuts the API descriptions that Twilio and KORE publish down
// to the operations that this project uses and the schemas that these need.
// Examples, extensions and the headers of answers, which are for browsers, are
// left out too. It is run at the root of this repository; the README beside
// the cut descriptions says how.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// target is the directory of the cut descriptions.
const target = "internal/twiliosim/openapitest/descriptions"

var (
	superSIM = map[string][]string{"/v1/IpCommands": {"get", "post"}, "/v1/IpCommands/{Sid}": {"get"}, "/v1/Sims": {"get"}}
	wireless = map[string][]string{"/v1/Commands": {"get"}, "/v1/Commands/{Sid}": {"get"}}
	token    = map[string][]string{"/v1/auth/token": {"post"}}
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run ./tools/openapi TWILIO-OAI KORE-OPENAPI")
	}
	for _, c := range []struct {
		clone, file, name string
		methods           map[string][]string // by path
	}{
		{os.Args[1], "spec/json/twilio_supersim_v1.json", "twilio_supersim_v1.json", superSIM},
		{os.Args[1], "spec/json/twilio_wireless_v1.json", "twilio_wireless_v1.json", wireless},
		{os.Args[2], "SuperSIM/json/kore-supersim-v1.json", "kore_supersim_v1.json", superSIM},
		{os.Args[2], "ProgrammableWireless/json/kore-programmable-wireless-v1.json", "kore_programmable_wireless_v1.json", wireless},
		{os.Args[2], "APIClients/json/kore_token_api_v1.json", "kore_token_v1.json", token},
	} {
		published, err := os.ReadFile(filepath.Join(c.clone, c.file))
		if err != nil {
			log.Fatal(err)
		}
		text, err := cut(published, c.file, c.methods)
		if err != nil {
			log.Fatalf("%s: %v", c.file, err)
		}
		if err := os.WriteFile(filepath.Join(target, c.name), text, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

type object = map[string]any

// cut returns a description with only these methods of these paths, and the
// schemas that they refer to.
func cut(published []byte, file string, methods map[string][]string) ([]byte, error) {
	var doc struct {
		Cut        string            `json:"x-cut"`
		OpenAPI    string            `json:"openapi"`
		Info       object            `json:"info"`
		Servers    []object          `json:"servers"`
		Security   []object          `json:"security,omitempty"`
		Paths      map[string]object `json:"paths"`
		Components struct {
			Schemas         object `json:"schemas"`
			SecuritySchemes object `json:"securitySchemes,omitempty"`
		} `json:"components"`
	}
	if err := json.Unmarshal(published, &doc); err != nil {
		return nil, err
	}
	doc.Cut = "Cut down by tools/openapi from the published " + file + "; see README.md"
	schemas := object{}
	var visit func(any)
	visit = func(value any) {
		switch value := value.(type) {
		case []any:
			for _, v := range value {
				visit(v)
			}
		case object:
			maps.DeleteFunc(value, func(key string, _ any) bool {
				return key == "example" || key == "examples" || key == "headers" || strings.HasPrefix(key, "x-")
			})
			if ref, ok := value["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, "#/components/schemas/")
				if schemas[name] == nil {
					schemas[name] = doc.Components.Schemas[name]
					visit(schemas[name])
				}
			}
			for _, v := range value {
				visit(v)
			}
		}
	}
	for path, used := range methods {
		for _, method := range used {
			if doc.Paths[path][method] == nil {
				return nil, fmt.Errorf("%s %s is not described", method, path)
			}
		}
		maps.DeleteFunc(doc.Paths[path], func(key string, _ any) bool {
			return key != "parameters" && !slices.Contains(used, key)
		})
		visit(doc.Paths[path])
	}
	maps.DeleteFunc(doc.Paths, func(path string, _ object) bool { return methods[path] == nil })
	visit(doc.Info)
	doc.Components.Schemas = schemas
	text, err := json.MarshalIndent(doc, "", " ")
	return append(text, '\n'), err
}
