package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ resource.ResourceWithMoveState = (*ipCommandResource)(nil)

// MoveState takes over a message from another address of this provider, such as
// a mirror's or a fork's. Forgetting it there instead would send it again here.
func (r *ipCommandResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveIPCommand}}
}

func moveIPCommand(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	if req.SourceTypeName != "twilio_ip_command" {
		return // The framework refuses it.
	}
	// Another version may have attributes that this one lacks.
	known := tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}}
	state, err := req.SourceRawState.UnmarshalWithOpts(resp.TargetState.Schema.Type().TerraformType(ctx), known)
	if err != nil {
		resp.Diagnostics.AddError("State of the IP Command can't be moved", "It is not what this provider writes. "+sentence(err))
		return
	}
	resp.TargetState.Raw, resp.TargetPrivate = state, req.SourcePrivate
	var sid types.String
	resp.Diagnostics.Append(resp.TargetState.GetAttribute(ctx, path.Root("sid"), &sid)...)
	resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), sid)...)
}
