package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// attributeSpec describes an attribute that objects of several kinds have,
// each with a schema package of its own.
type attributeSpec struct {
	// kind is types.StringType, types.Int64Type or types.BoolType.
	kind        attr.Type
	description string
}

type attributeSpecs map[string]attributeSpec

func stringSpecs(descriptions map[string]string) attributeSpecs {
	s := make(attributeSpecs, len(descriptions))
	for name, description := range descriptions {
		s[name] = attributeSpec{types.StringType, description}
	}
	return s
}

// with returns the specs and others.
func (s attributeSpecs) with(others attributeSpecs) attributeSpecs {
	all := maps.Clone(s)
	maps.Copy(all, others)
	return all
}

// dataSource returns the attributes for a data source: computed ones, or else
// optional.
func (s attributeSpecs) dataSource(computed bool) map[string]dataschema.Attribute {
	return attributesOf(s,
		func(d string) dataschema.Attribute {
			return dataschema.StringAttribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		},
		func(d string) dataschema.Attribute {
			return dataschema.Int64Attribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		},
		func(d string) dataschema.Attribute {
			return dataschema.BoolAttribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		})
}

// ephemeral returns the attributes for an ephemeral resource: computed ones,
// or else optional.
func (s attributeSpecs) ephemeral(computed bool) map[string]ephemeralschema.Attribute {
	return attributesOf(s,
		func(d string) ephemeralschema.Attribute {
			return ephemeralschema.StringAttribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		},
		func(d string) ephemeralschema.Attribute {
			return ephemeralschema.Int64Attribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		},
		func(d string) ephemeralschema.Attribute {
			return ephemeralschema.BoolAttribute{MarkdownDescription: d, Computed: computed, Optional: !computed}
		})
}

// list returns the optional attributes for the configuration of a list
// resource.
func (s attributeSpecs) list() map[string]listschema.Attribute {
	return attributesOf(s,
		func(d string) listschema.Attribute {
			return listschema.StringAttribute{MarkdownDescription: d, Optional: true}
		},
		func(d string) listschema.Attribute {
			return listschema.Int64Attribute{MarkdownDescription: d, Optional: true}
		},
		func(d string) listschema.Attribute {
			return listschema.BoolAttribute{MarkdownDescription: d, Optional: true}
		})
}

// attributesOf makes attributes of one schema package, each of its kind, from
// their descriptions.
func attributesOf[A any](s attributeSpecs, text, integer, boolean func(description string) A) map[string]A {
	attributes := make(map[string]A, len(s))
	for name, a := range s {
		switch a.kind {
		case types.Int64Type:
			attributes[name] = integer(a.description)
		case types.BoolType:
			attributes[name] = boolean(a.description)
		default:
			attributes[name] = text(a.description)
		}
	}
	return attributes
}
