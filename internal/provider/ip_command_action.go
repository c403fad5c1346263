package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// messageAction is what the actions that send have in common.
type messageAction struct {
	name string // without the prefix of the provider
	data *providerData
}

func (a *messageAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + a.name
}

func (a *messageAction) ConfigValidators(context.Context) []action.ConfigValidator {
	return []action.ConfigValidator{onePayload{"payload_wo"}}
}

func (a *messageAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.data, _ = req.ProviderData.(*providerData)
}

// ModifyPlan warns of a callback that will not be made.
func (a *messageAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var callback types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("callback_url"), &callback)...)
	resp.Diagnostics.Append(a.data.warnOfCallback(callback)...)
}

// ipCommandAction is the action twilio_ip_command: it sends a message and
// keeps nothing.
type ipCommandAction struct{ messageAction }

var (
	_ action.Action                     = (*ipCommandAction)(nil)
	_ action.ActionWithConfigure        = (*ipCommandAction)(nil)
	_ action.ActionWithConfigValidators = (*ipCommandAction)(nil)
	_ action.ActionWithModifyPlan       = (*ipCommandAction)(nil)
)

func newIPCommandAction() action.Action { return &ipCommandAction{messageAction{name: "ip_command"}} }

type ipCommandActionModel struct {
	ipCommandMessage
	WaitForSent  types.Bool     `tfsdk:"wait_for_sent"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
	Window       types.String   `tfsdk:"deduplication_window"`
	WaitForReply types.Object   `tfsdk:"wait_for_reply"`
}

func (a *ipCommandAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := actionAttributes(ipCommandArguments())
	attributes["timeouts"] = schema.SingleNestedAttribute{
		MarkdownDescription: "How long the action waits.",
		Optional:            true,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"invoke": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"invoke": schema.StringAttribute{
				MarkdownDescription: "How long the message may take to leave, in the queue included: a duration such as `2m`. Default: `1m`.",
				Optional:            true,
				Validators:          []validator.String{waitTimeout()},
			},
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends a UDP message (an *IP Command*) to the device behind a Super SIM each time that it is invoked. Terraform 1.14 and later.",
		Attributes:          attributes,
	}
}

// Invoke sends the message and reports its progress.
func (a *ipCommandAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config ipCommandActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout := timeoutIn(config.Timeouts.Object, "invoke")
	reply, malformed := newReplyWait(ctx, config.WaitForReply, config.DevicePort)
	resp.Diagnostics.Append(malformed...)
	client := a.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	var unsaid []string
	report := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if ctx.Err() != nil {
			unsaid = append(unsaid, text) // An interrupted CLI takes no progress.
			return
		}
		resp.SendProgress(action.InvokeProgressEvent{Message: text})
	}
	last := ""
	s := sender{
		asker: byAction, ipCommands: client.IPCommands, timeoutName: "timeouts.invoke", deadline: a.data.clock.Now().Add(timeout.Duration), timeout: timeout,
		window: parseDuration(config.Window),
		reply:  reply,
		recordReply: func(reply twilio.IPCommand) diag.Diagnostics {
			payload, _ := reply.Bytes()
			report("The device has replied: %s, %d bytes from port %d.", reply.SID, len(payload), *reply.DevicePort)
			return nil
		},
		wait: config.WaitForSent.IsNull() || config.WaitForSent.ValueBool(),
		record: func(m *twilio.Message) diag.Diagnostics {
			event := fmt.Sprintf("%s is no longer queued: %s.", m.SID, orNull(client.IPCommands.Shown(m).Status))
			if m.IsQueued() {
				event = m.SID + " was accepted and is queued."
			}
			if event != last {
				report("%s", event)
			}
			last = event
			return nil
		},
	}
	p := config.params()
	report("Sending a %s message to port %d of SIM %s.", p.PayloadType, p.DevicePort, p.SIM)
	diags := s.send(ctx, p)
	if len(unsaid) > 0 {
		diags.AddWarning("Action was interrupted", strings.Join(unsaid, " "))
	}
	if a.data.dropsWarnings && ctx.Err() == nil {
		for _, warning := range diags.Warnings() {
			report("%s: %s", warning.Summary(), warning.Detail())
		}
	}
	resp.Diagnostics.Append(diags...)
}
