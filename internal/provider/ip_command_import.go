package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

var (
	_ resource.ResourceWithImportState = (*ipCommandResource)(nil)
	_ resource.ResourceWithIdentity    = (*ipCommandResource)(nil)
)

// ipCommandIdentity identifies an IP Command. The SID is enough: it is unique
// across accounts. The provider's credentials decide which account is asked, so
// an account_sid beside it could only contradict them.
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

// importedKey is set in a resource's private state from its import until its
// first update.
const importedKey = "imported"

// ImportState imports a command by its SID (rule R8).
func (r *ipCommandResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	sid := req.ID
	if sid == "" && req.Identity != nil && !req.Identity.Raw.IsNull() {
		var identity ipCommandIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		sid = identity.SID.ValueString()
	}
	if problem := malformedSID("IP Command", "HG", sid); problem != "" {
		resp.Diagnostics.AddError("Malformed import ID", problem)
		return
	}
	client := r.data.api(&resp.Diagnostics)
	if client == nil {
		return
	}
	cmd, err := client.IPCommands.Fetch(ctx, sid)
	switch {
	case twilio.IsNotFound(err):
		resp.Diagnostics.AddError("IP Command was not found", ipCommandNotFound(sid))
		return
	case err != nil:
		resp.Diagnostics.AddError("IP Command could not be read", sid+" could not be imported. "+sentence(err))
		return
	case cmd.Direction != nil && *cmd.Direction != twilio.DirectionToSIM:
		resp.Diagnostics.AddError("IP Command was not sent to a SIM", fmt.Sprintf(
			"%s has the direction %q. The resource twilio_ip_command is a message to a device; read messages from devices with the data sources twilio_ip_command and twilio_ip_commands.", sid, *cmd.Direction))
		return
	}
	r.data.read.Store(sid, true)
	resp.Diagnostics.Append(resp.State.Set(ctx, importedModel(cmd))...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, types.StringValue(cmd.SID))...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// importedModel is the state of a command that was sent elsewhere. What the API
// does not report is null: the callback, and perhaps more on KORE.
func importedModel(cmd twilio.IPCommand) ipCommandResourceModel {
	api := ipCommandFromAPI(cmd)
	return ipCommandResourceModel{
		ID:             api.SID,
		ipCommandFacts: api.ipCommandFacts,
		ipCommandMessage: ipCommandMessage{api.SIMSID, ipCommandContent{
			Payload:     api.Payload,
			PayloadType: api.PayloadType,
			DevicePort:  api.DevicePort,
		}},
		WaitForSent:  types.BoolValue(true),
		WaitForReply: types.ObjectNull(waitForReplyType),
		Reply:        types.ObjectNull(replyType),
		Timeouts:     timeouts.Value{Object: types.ObjectNull(ipCommandTimeouts.AttrTypes)},
	}
}
