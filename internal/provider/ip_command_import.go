package provider

import (
	"context"
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// importedKey is set in a resource's private state from its import until its
// first update.
const importedKey = "imported"

var (
	ipCommandSIDPattern = regexp.MustCompile(`^HG[0-9a-fA-F]{32}$`)
	simSIDPattern       = regexp.MustCompile(`^HS[0-9a-fA-F]{32}$`)
)

// malformedSID says what is wrong with the SID of an IP Command.
func malformedSID(sid string) string {
	return fmt.Sprintf("%q is not the SID of an IP Command. Give HG and 32 hexadecimal digits, such as HG0123456789abcdef0123456789abcdef.", sid)
}

// ImportState is rule R8.
func (r *ipCommandResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if !ipCommandSIDPattern.MatchString(req.ID) {
		resp.Diagnostics.AddError("Malformed import ID", malformedSID(req.ID))
		return
	}
	client := r.data.api(&resp.Diagnostics)
	if client == nil {
		return
	}
	cmd, err := client.FetchIPCommand(ctx, req.ID)
	switch {
	case twilio.IsNotFound(err):
		resp.Diagnostics.AddError("IP Command was not found", notFoundDetail(req.ID, err))
		return
	case err != nil:
		resp.Diagnostics.AddError("IP Command could not be read", req.ID+" could not be imported. "+sentence(err))
		return
	case cmd.Direction != nil && *cmd.Direction != twilio.DirectionToSIM:
		resp.Diagnostics.AddError("IP Command was not sent to a SIM", fmt.Sprintf(
			"%s has the direction %q. The resource twilio_ip_command is a message to a device; read messages from devices with the data sources twilio_ip_command and twilio_ip_commands.", req.ID, *cmd.Direction))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, importedModel(cmd))...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// importedModel is the state of a command that was sent elsewhere. The API
// does not return the callback.
func importedModel(cmd twilio.IPCommand) ipCommandResourceModel {
	api := ipCommandFromAPI(cmd)
	return ipCommandResourceModel{
		ipCommandFacts: api.ipCommandFacts,
		ipCommandInput: ipCommandInput{
			SIM:         api.SIMSID,
			Payload:     api.Payload,
			PayloadType: api.PayloadType,
			DevicePort:  api.DevicePort,
		},
		WaitForSent: types.BoolValue(true),
		Timeouts:    timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{"create": types.StringType})},
	}
}

// replaceUnlessAdopting replaces the resource when the argument changes,
// except on the first change after an import: then the configuration only
// tells what the API could not, the unique name of the SIM and the callback.
// The SID of another SIM still replaces.
func replaceUnlessAdopting() planmodifier.String {
	const description = "A change replaces the resource, except on the first change after an import."
	return stringplanmodifier.RequiresReplaceIf(func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		imported, diags := req.Private.GetKey(ctx, importedKey)
		resp.Diagnostics.Append(diags...)
		otherSIM := req.Path.Equal(path.Root("sim")) && (req.PlanValue.IsUnknown() || simSIDPattern.MatchString(req.PlanValue.ValueString()))
		resp.RequiresReplace = imported == nil || otherSIM
	}, description, description)
}
