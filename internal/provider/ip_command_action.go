package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandAction is the action twilio_ip_command: it sends a message and
// keeps nothing.
type ipCommandAction struct{ data *providerData }

var (
	_ action.Action                   = (*ipCommandAction)(nil)
	_ action.ActionWithConfigure      = (*ipCommandAction)(nil)
	_ action.ActionWithValidateConfig = (*ipCommandAction)(nil)
)

func newIPCommandAction() action.Action { return &ipCommandAction{} }

type ipCommandActionModel struct {
	ipCommandInput
	WaitForSent types.Bool     `tfsdk:"wait_for_sent"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

func (m ipCommandActionModel) check(ctx context.Context) diag.Diagnostics {
	diags := m.ipCommandInput.check("payload")
	// What is no duration at all is refused by the attribute's own validator
	// at plan time, and by Invoke at apply.
	timeout, _ := m.Timeouts.Invoke(ctx, defaultWaitTimeout)
	diags.Append(checkTimeout(timeout)...)
	return diags
}

func (a *ipCommandAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_command"
}

func (a *ipCommandAction) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	required := func(name string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: ipCommandInputDescriptions[name], Required: true}
	}
	optional := func(name string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: ipCommandInputDescriptions[name], Optional: true}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends a UDP message (an *IP Command*) to the device behind a Super SIM each time that it is invoked: by an event of a resource (`lifecycle.action_trigger`), or by `terraform apply -invoke`. " +
			"Nothing of it is kept in the state. Terraform 1.14 and later.",
		Attributes: map[string]schema.Attribute{
			"sim":     required("sim"),
			"payload": required("payload"),
			"device_port": schema.Int64Attribute{
				MarkdownDescription: ipCommandInputDescriptions["device_port"],
				Required:            true,
			},
			"payload_type":    optional("payload_type"),
			"callback_url":    optional("callback_url"),
			"callback_method": optional("callback_method"),
			"wait_for_sent": schema.BoolAttribute{
				MarkdownDescription: "Whether to wait until the message has left for the device, for as long as `timeouts.invoke` says, and to fail when it could not be sent. Default: `true`.",
				Optional:            true,
			},
			"timeouts": actionTimeouts(ctx),
		},
	}
}

// actionTimeouts is the library's attribute with a description.
func actionTimeouts(ctx context.Context) schema.Attribute {
	attribute := timeouts.AttributesWithOpts(ctx, timeouts.Opts{
		InvokeDescription: "How long to wait, all in all, for an API that refuses because of its rate limit (429), and then for the message to leave: a number with a unit, such as `30s` or `2m`; more than zero. " +
			"When it is over and the message is still queued, the action ends with a warning. Default: `1m`.",
	})
	if nested, ok := attribute.(schema.SingleNestedAttribute); ok {
		nested.MarkdownDescription = "How long the action waits."
		return nested
	}
	return attribute
}

func (a *ipCommandAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (a *ipCommandAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	var config ipCommandActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check(ctx)...)
	}
}

// Invoke sends the message, and tells what is happening.
func (a *ipCommandAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config ipCommandActionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(ctx)...)
	timeout, malformed := config.Timeouts.Invoke(ctx, defaultWaitTimeout)
	resp.Diagnostics.Append(malformed...)
	client := a.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	tell := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	last := ""
	s := sender{
		client: client, timeoutName: "timeouts.invoke", deadline: a.data.clock.Now().Add(timeout), timeout: timeout,
		wait: config.WaitForSent.IsNull() || config.WaitForSent.ValueBool(),
		record: func(cmd twilio.IPCommand) diag.Diagnostics {
			event := fmt.Sprintf("%s is no longer queued: %s.", cmd.SID, orNull(cmd.Status))
			if cmd.IsQueued() {
				event = cmd.SID + " was accepted and is queued."
			}
			if event != last {
				tell("%s", event)
			}
			last = event
			return nil
		},
	}
	p := config.params()
	tell("Sending a %s message to port %d of SIM %s.", p.PayloadType, p.DevicePort, p.SIM)
	resp.Diagnostics.Append(s.send(ctx, p)...)
}
