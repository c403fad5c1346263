package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ resource.ResourceWithIdentity = (*ipCommandResource)(nil)

// ipCommandIdentity identifies an IP Command. The SID alone does: it is unique
// over all accounts, and which account is asked is a matter of the provider's
// credentials, so that an account_sid beside it could only contradict them.
type ipCommandIdentity struct {
	SID types.String `tfsdk:"sid"`
}

func (r *ipCommandResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"sid": identityschema.StringAttribute{
				Description:       ipCommandAttributes()["sid"].GetMarkdownDescription(),
				RequiredForImport: true,
			},
		},
	}
}

// setIdentity sets the identity of a command. CLIs older than Terraform 1.12
// have none.
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, sid types.String) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, ipCommandIdentity{SID: sid})
}
