package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
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
	if req.Identity != nil && sid == "" {
		var identity ipCommandIdentity
		resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...)
		sid = identity.SID.ValueString()
	}
	if problem := malformedSID(sid); problem != "" {
		resp.Diagnostics.AddError("Malformed import ID", problem)
		return
	}
	client := r.data.api(&resp.Diagnostics)
	if client == nil {
		return
	}
	cmd, err := client.FetchIPCommand(ctx, sid)
	switch {
	case rest.IsNotFound(err):
		resp.Diagnostics.AddError("IP Command was not found", notFoundDetail(sid, err))
		return
	case err != nil:
		resp.Diagnostics.AddError("IP Command could not be read", sid+" could not be imported. "+sentence(err))
		return
	case cmd.Direction != nil && *cmd.Direction != twilio.DirectionToSIM:
		resp.Diagnostics.AddError("IP Command was not sent to a SIM", fmt.Sprintf(
			"%s has the direction %q. The resource twilio_ip_command is a message to a device; read messages from devices with the data sources twilio_ip_command and twilio_ip_commands.", sid, *cmd.Direction))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, importedModel(cmd))...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, types.StringValue(cmd.SID))...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, []byte("true"))...)
}

// importedModel is the state of a command that was sent elsewhere. What the API
// does not report is null: the callback, and perhaps more on KORE.
func importedModel(cmd twilio.IPCommand) ipCommandResourceModel {
	api := ipCommandFromAPI(cmd)
	return ipCommandResourceModel{
		ipCommandFacts: api.ipCommandFacts,
		ipCommandMessage: ipCommandMessage{
			SIM:         api.SIMSID,
			Payload:     api.Payload,
			PayloadType: api.PayloadType,
			DevicePort:  api.DevicePort,
		},
		WaitForSent:  types.BoolValue(true),
		WaitForReply: types.ObjectNull(waitForReplyType),
		Reply:        types.ObjectNull(replyType),
		Timeouts:     timeouts.Value{Object: types.ObjectNull(ipCommandTimeouts.AttrTypes)},
	}
}

const adoptingDescription = "A change replaces the resource, except on the first change after an import."

// replaceUnlessAdopting replaces the resource when the argument changes,
// except on the first change after an import: then what the API does not
// report is taken over from the configuration.
func replaceUnlessAdopting() planmodifier.String {
	return stringplanmodifier.RequiresReplaceIf(func(ctx context.Context, req planmodifier.StringRequest, resp *stringplanmodifier.RequiresReplaceIfFuncResponse) {
		imported, diags := req.Private.GetKey(ctx, importedKey)
		resp.Diagnostics.Append(diags...)
		if imported == nil {
			resp.RequiresReplace = true
			return
		}
		if req.StateValue.IsNull() {
			return // The API did not report it.
		}
		switch req.Path.String() {
		case "sim":
			resp.RequiresReplace = !isUniqueName(req.PlanValue)
		case "payload":
			// The payload becomes write-only, if it is the same.
			var secret types.String
			resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("payload_wo"), &secret)...)
			becomesSecret := req.PlanValue.IsNull() && known(secret) && secret.Equal(req.StateValue)
			resp.RequiresReplace = !becomesSecret && !isSameJSON(req.PlanValue, req.StateValue)
		default:
			resp.RequiresReplace = true
		}
	}, adoptingDescription, adoptingDescription)
}

// isSameJSON reports whether two payloads are the same JSON, however it is
// written. A configuration that Terraform generates for a JSON payload sorts its
// fields and drops its spaces, which must not send the message again.
func isSameJSON(a, b types.String) bool {
	var values [2]any
	for i, payload := range []types.String{a, b} {
		d := json.NewDecoder(strings.NewReader(payload.ValueString()))
		d.UseNumber() // A float64 holds 16 digits of a number.
		if err := d.Decode(&values[i]); err != nil || !errors.Is(d.Decode(new(any)), io.EOF) {
			return false
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// isUniqueName reports whether a SIM is given by its unique name, which the API
// does not report. Another SID, in contrast, is certainly another SIM.
func isUniqueName(sim types.String) bool {
	return known(sim) && !twilio.IsSID("HS", sim.ValueString())
}

// replaceNumberUnlessAdopting is replaceUnlessAdopting for numbers.
func replaceNumberUnlessAdopting() planmodifier.Int64 {
	return int64planmodifier.RequiresReplaceIf(func(ctx context.Context, req planmodifier.Int64Request, resp *int64planmodifier.RequiresReplaceIfFuncResponse) {
		imported, diags := req.Private.GetKey(ctx, importedKey)
		resp.Diagnostics.Append(diags...)
		resp.RequiresReplace = imported == nil || !req.StateValue.IsNull()
	}, adoptingDescription, adoptingDescription)
}

// warnOfAdoption warns in the plan about arguments that are only taken over: a
// user who meant another SIM or another message would otherwise expect it to be
// sent.
func warnOfAdoption(ctx context.Context, req resource.ModifyPlanRequest) diag.Diagnostics {
	imported, diags := req.Private.GetKey(ctx, importedKey)
	if imported == nil {
		return diags // The usual case: it costs a fleet's plans no more than this.
	}
	var state, plan, config ipCommandResourceModel
	diags.Append(req.State.Get(ctx, &state)...)
	diags.Append(req.Plan.Get(ctx, &plan)...)
	diags.Append(req.Config.Get(ctx, &config)...)
	payload, payloadArgument := config.givenPayload()
	var notReported []string
	rewritten := false
	for _, argument := range []struct {
		name          string
		state, wanted attr.Value
	}{
		{payloadArgument, state.Payload, payload},
		{"payload_type", state.PayloadType, plan.PayloadType},
		{"device_port", state.DevicePort, plan.DevicePort},
	} {
		switch {
		case argument.state.IsNull():
			notReported = append(notReported, argument.name)
		case argument.name == "payload" && !payload.Equal(state.Payload) && isSameJSON(payload, state.Payload):
			rewritten = true
		case !argument.wanted.Equal(argument.state):
			return diags // Another message replaces the command, and is sent.
		}
	}
	switch {
	case state.SIM.IsNull():
		notReported = append(notReported, "sim")
	case plan.SIM.Equal(state.SIM):
	case !isUniqueName(plan.SIM):
		return diags // To another SIM.
	default:
		diags.AddAttributeWarning(path.Root("sim"), "SIM of an imported IP Command is taken over", fmt.Sprintf(
			"The command was imported, so %q is taken for the unique name of the SIM %s that it was sent to, and nothing is sent. "+
				"The provider does not check this. To send a message to another SIM, add a resource for it.", plan.SIM.ValueString(), state.SIM.ValueString()))
	}
	if rewritten {
		diags.AddAttributeWarning(path.Root("payload"), "Payload of an imported IP Command is taken over",
			"The command was imported, and its payload is the same JSON, written in another way, such as with other spaces. The one in the configuration is taken over, and nothing is sent. "+
				"To send a message that is written like this, add a resource for it.")
	}
	if len(notReported) > 0 {
		diags.AddWarning("Arguments of an imported IP Command are taken over", fmt.Sprintf(
			"The command was imported, and the API does not report its %s. The values in the configuration are taken over, and nothing is sent. "+
				"The provider does not check this. To send another message, add a resource for it.", strings.Join(notReported, ", ")))
	}
	return diags
}
