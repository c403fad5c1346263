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
	attributes := make(map[string]dataschema.Attribute, len(s))
	for name, a := range s {
		switch a.kind {
		case types.Int64Type:
			attributes[name] = dataschema.Int64Attribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		case types.BoolType:
			attributes[name] = dataschema.BoolAttribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		default:
			attributes[name] = dataschema.StringAttribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		}
	}
	return attributes
}

// ephemeral returns the attributes for an ephemeral resource: computed ones,
// or else optional.
func (s attributeSpecs) ephemeral(computed bool) map[string]ephemeralschema.Attribute {
	attributes := make(map[string]ephemeralschema.Attribute, len(s))
	for name, a := range s {
		switch a.kind {
		case types.Int64Type:
			attributes[name] = ephemeralschema.Int64Attribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		case types.BoolType:
			attributes[name] = ephemeralschema.BoolAttribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		default:
			attributes[name] = ephemeralschema.StringAttribute{MarkdownDescription: a.description, Computed: computed, Optional: !computed}
		}
	}
	return attributes
}

// list returns the optional attributes for the configuration of a list
// resource.
func (s attributeSpecs) list() map[string]listschema.Attribute {
	attributes := make(map[string]listschema.Attribute, len(s))
	for name, a := range s {
		if a.kind == types.Int64Type {
			attributes[name] = listschema.Int64Attribute{MarkdownDescription: a.description, Optional: true}
		} else {
			attributes[name] = listschema.StringAttribute{MarkdownDescription: a.description, Optional: true}
		}
	}
	return attributes
}
