package provider

import (
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	dataschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

// The framework has a schema package for each kind of object. Attributes that
// several kinds share are written for one of them and converted for the others.

func computedString(description string) dataschema.Attribute {
	return dataschema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedInt64(description string) dataschema.Attribute {
	return dataschema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

// ephemeralAttributes converts a data source's attributes for an ephemeral
// resource.
func ephemeralAttributes(from map[string]dataschema.Attribute) map[string]ephemeralschema.Attribute {
	to := make(map[string]ephemeralschema.Attribute, len(from))
	for name, attribute := range from {
		switch a := attribute.(type) {
		case dataschema.StringAttribute:
			to[name] = ephemeralschema.StringAttribute(a)
		case dataschema.Int64Attribute:
			to[name] = ephemeralschema.Int64Attribute(a)
		case dataschema.ListNestedAttribute:
			to[name] = ephemeralschema.ListNestedAttribute{
				MarkdownDescription: a.MarkdownDescription,
				Computed:            a.Computed,
				NestedObject:        ephemeralschema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		}
	}
	return to
}

// listAttributes converts a data source's arguments for a list resource.
func listAttributes(from map[string]dataschema.Attribute) map[string]listschema.Attribute {
	to := make(map[string]listschema.Attribute, len(from))
	for name, attribute := range from {
		switch a := attribute.(type) {
		case dataschema.StringAttribute:
			to[name] = listschema.StringAttribute{MarkdownDescription: a.MarkdownDescription, Optional: a.Optional, Validators: a.Validators}
		case dataschema.Int64Attribute:
			to[name] = listschema.Int64Attribute{MarkdownDescription: a.MarkdownDescription, Optional: a.Optional, Validators: a.Validators}
		}
	}
	return to
}

// actionAttributes converts a resource's arguments for an action, which has no
// defaults and no later changes.
func actionAttributes(from map[string]resourceschema.Attribute) map[string]actionschema.Attribute {
	to := make(map[string]actionschema.Attribute, len(from))
	for name, attribute := range from {
		description := attribute.GetMarkdownDescription()
		switch a := attribute.(type) {
		case resourceschema.StringAttribute:
			to[name] = actionschema.StringAttribute{MarkdownDescription: description, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
		case resourceschema.BoolAttribute:
			to[name] = actionschema.BoolAttribute{MarkdownDescription: description, Optional: a.Optional}
		case resourceschema.Int64Attribute:
			to[name] = actionschema.Int64Attribute{MarkdownDescription: description, Required: a.Required, Optional: a.Optional, Validators: a.Validators}
		case resourceschema.SingleNestedAttribute:
			to[name] = actionschema.SingleNestedAttribute{MarkdownDescription: description, Optional: a.Optional, Validators: a.Validators, Attributes: actionAttributes(a.Attributes)}
		}
	}
	return to
}

func known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }
