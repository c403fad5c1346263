package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// messageChange is what a plan makes of the message in the state.
type messageChange struct {
	state, plan, config ipCommandResourceModel
	// isImported reports whether nothing was updated since an import.
	isImported bool
	// differs are the arguments with which it is another message.
	differs path.Paths
	// isUnknown reports whether there are arguments of which nobody knows yet.
	isUnknown bool
	// takesOver tells of what an imported command takes over (rule R8).
	takesOver diag.Diagnostics
}

// newMessageChange compares the arguments that make a message. After an import, what the
// API does not report is taken over from the configuration.
func newMessageChange(state, plan, config ipCommandResourceModel, isImported bool) messageChange {
	var c messageChange
	var notReported []string
	isSecret := plan.Payload.IsNull() && !config.PayloadWO.IsNull()
	if !isImported && state.PayloadType.IsNull() { // In a state that was edited.
		state.PayloadType = types.StringValue(twilio.PayloadText)
	}
	for _, argument := range []struct {
		name        string
		state, plan attr.Value
		isReported  bool // by the API, as a rule
	}{
		{"sim", state.SIM, plan.SIM, true},
		{"payload", state.Payload, plan.Payload, true},
		{"payload_wo_version", state.PayloadWOVersion, plan.PayloadWOVersion, false},
		{"payload_type", state.PayloadType, plan.PayloadType, true},
		{"device_port", state.DevicePort, plan.DevicePort, true},
		{"callback_url", state.CallbackURL, plan.CallbackURL, false},
		{"callback_method", state.CallbackMethod, plan.CallbackMethod, false},
	} {
		at := path.Root(argument.name)
		switch {
		case argument.plan.IsUnknown():
			c.isUnknown = true
		case isImported && argument.state.IsNull() && argument.name == "payload" && isSecret:
			notReported = append(notReported, "payload_wo")
		case argument.plan.Equal(argument.state):
		case !isImported:
			c.differs.Append(at)
		case argument.state.IsNull():
			if argument.isReported {
				notReported = append(notReported, argument.name)
			}
		case argument.name == "sim" && strings.EqualFold(plan.SIM.ValueString(), state.SIM.ValueString()):
		case argument.name == "sim" && !twilio.IsSID("HS", plan.SIM.ValueString()):
			c.takesOver.AddAttributeWarning(at, "SIM of an imported IP Command is taken over", fmt.Sprintf(
				"The command was imported, so %q is taken for the unique name of the SIM %s that it was sent to, and nothing is sent. "+
					"The provider does not check this. To send a message to another SIM, add a resource for it.", plan.SIM.ValueString(), state.SIM.ValueString()))
		case argument.name == "payload" && isSecret && config.PayloadWO.IsUnknown():
			c.isUnknown = true
		case argument.name == "payload" && isSecret && config.PayloadWO.Equal(state.Payload):
		case argument.name == "payload" && sameJSON(plan.Payload.ValueString(), state.Payload.ValueString()):
			c.takesOver.AddAttributeWarning(at, "Payload of an imported IP Command is taken over",
				"The command was imported, and its payload is the same JSON, written in another way, such as with other spaces. The one in the configuration is taken over, and nothing is sent. "+
					"To send a message that is written like this, add a resource for it.")
		default:
			c.differs.Append(at)
		}
	}
	if len(notReported) > 0 {
		c.takesOver.AddWarning("Arguments of an imported IP Command are taken over", fmt.Sprintf(
			"The command was imported, and the API does not report its %s. The values in the configuration are taken over, and nothing is sent. "+
				"The provider does not check this. To send another message, add a resource for it.", strings.Join(notReported, ", ")))
	}
	return c
}

// readChange reads what a plan, or an update, makes of the message in the state.
func readChange(ctx context.Context, from tfsdk.State, to tfsdk.Plan, by tfsdk.Config, private interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}) (c messageChange, diags diag.Diagnostics) {
	var plan, config ipCommandResourceModel
	state, diags := ipCommandState(ctx, from)
	diags.Append(to.Get(ctx, &plan)...)
	diags.Append(by.Get(ctx, &config)...)
	imported, malformed := private.GetKey(ctx, importedKey)
	diags.Append(malformed...)
	if !diags.HasError() {
		c = newMessageChange(state, plan, config, imported != nil)
		c.state, c.plan, c.config, c.isImported = state, plan, config, imported != nil
	}
	return c, diags
}

// planChange is rule R13: only a message that certainly differs replaces the
// resource. With an argument that is not known, the plan is an update in place,
// which Terraform drops in the apply if nothing has turned out to differ, and which
// sends the new message otherwise.
//
// In the apply, Terraform plans again with all values known, and does not accept a
// replacement where it has planned an update. Nothing in the request tells the two
// plans apart, but only the first follows a refresh or an import.
func (r *ipCommandResource) planChange(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	c, diags := readChange(ctx, req.State, req.Plan, req.Config, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, wasRead := r.data.read.Load(c.state.SID.ValueString())
	switch {
	case len(c.differs) > 0 && wasRead:
		resp.RequiresReplace = c.differs
	case len(c.differs) > 0 || c.isUnknown:
		c.plan.ID, c.plan.ipCommandFacts, c.plan.Reply = types.StringUnknown(), unknownFacts(), types.ObjectUnknown(replyType)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, c.plan)...)
		resp.Diagnostics.Append(r.data.warnOfCallback(c.plan.CallbackURL)...)
	default:
		resp.Diagnostics.Append(c.takesOver...)
	}
}
