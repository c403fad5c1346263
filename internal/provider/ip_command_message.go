package provider

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandMessage is a message to send, as a user describes it.
type ipCommandMessage struct {
	SIM types.String `tfsdk:"sim"`
	ipCommandContent
}

// ipCommandContent is a message but for its SIM, as one to many SIMs is.
type ipCommandContent struct {
	Payload        types.String `tfsdk:"payload"`
	PayloadWO      types.String `tfsdk:"payload_wo"`
	PayloadType    types.String `tfsdk:"payload_type"`
	DevicePort     types.Int64  `tfsdk:"device_port"`
	CallbackURL    types.String `tfsdk:"callback_url"`
	CallbackMethod types.String `tfsdk:"callback_method"`
}

// givenPayload returns the payload and the name of the argument that has it.
func (m ipCommandContent) givenPayload() (payload types.String, argument string) {
	if !m.PayloadWO.IsNull() {
		return m.PayloadWO, "payload_wo"
	}
	return m.Payload, "payload"
}

// params returns the message, in which everything is known, for the client.
func (m ipCommandMessage) params() twilio.MessageParams {
	payload, _ := m.givenPayload()
	return twilio.MessageParams{
		SIM:            m.SIM.ValueString(),
		Payload:        payload.ValueString(),
		PayloadType:    cmp.Or(m.PayloadType.ValueString(), twilio.PayloadText),
		DevicePort:     m.DevicePort.ValueInt64(),
		CallbackURL:    m.CallbackURL.ValueString(),
		CallbackMethod: m.CallbackMethod.ValueString(),
	}
}

// giveSIM is what to do about an empty SIM.
const giveSIM = "Give the SID (HS and 32 hexadecimal digits) or the unique name of a Super SIM."

// ipCommandArguments are the arguments of a message, in the resource and in the
// actions.
func ipCommandArguments() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "SID (`HS…`) or unique name of the Super SIM.",
			Required:            true,
			Validators:          []validator.String{notBlank("sim", giveSIM)},
		},
		"payload": schema.StringAttribute{
			MarkdownDescription: "The message, 1 to 1300 bytes: text (counted in UTF-8), or padded Base64 if `payload_type` is `binary` (counted once decoded). Give either this or `payload_wo`.",
			Optional:            true,
			Validators:          []validator.String{payloadValidator{}},
		},
		"payload_wo": schema.StringAttribute{
			MarkdownDescription: "Write-only `payload`: it is in no plan and no state, and may come from an ephemeral value.",
			Optional:            true,
			Sensitive:           true, // For tools that do not know write-only arguments.
			Validators:          []validator.String{payloadValidator{}},
		},
		"payload_type": schema.StringAttribute{
			MarkdownDescription: "`text`, or `binary` for a `payload` in Base64. Default: `text`.",
			Optional:            true,
			Validators:          []validator.String{oneOf(twilio.PayloadText, twilio.PayloadBinary)},
		},
		"device_port": schema.Int64Attribute{
			MarkdownDescription: "UDP port of the device, 1 to 65535.",
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 65535)},
		},
		"callback_url": schema.StringAttribute{
			MarkdownDescription: "http or https URL that the platform calls when the status changes (KORE: https only). Default: none.",
			Optional:            true,
			Validators:          []validator.String{webURL("callback_url")},
		},
		"callback_method": schema.StringAttribute{
			MarkdownDescription: "`GET` or `POST` for `callback_url`. Default: the API's, `POST`.",
			Optional:            true,
			Validators:          []validator.String{oneOf("GET", "POST"), stringvalidator.AlsoRequires(path.MatchRoot("callback_url"))},
		},
		"deduplication_window": schema.StringAttribute{
			MarkdownDescription: "How far back to look for the message before it is sent: a duration such as `24h`, at most `696h`; `0s` turns it off.",
			Optional:            true,
			Validators:          []validator.String{windowValidator()},
		},
		"wait_for_sent": schema.BoolAttribute{
			MarkdownDescription: "Whether to wait until the message has left. Default: `true`.",
			Optional:            true,
		},
		"wait_for_reply": waitForReply,
	}
}

// onePayload refuses a message with no payload, or two.
type onePayload struct{ writeOnly string }

var (
	_ resource.ConfigValidator = onePayload{}
	_ action.ConfigValidator   = onePayload{}
)

// Description implements both interfaces.
func (onePayload) Description(context.Context) string {
	return "either payload or payload_wo is needed"
}

// MarkdownDescription implements both interfaces.
func (v onePayload) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateResource implements resource.ConfigValidator.
func (v onePayload) ValidateResource(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.validate(ctx, req.Config)...)
}

// ValidateAction implements action.ConfigValidator.
func (v onePayload) ValidateAction(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	resp.Diagnostics.Append(v.validate(ctx, req.Config)...)
}

func (v onePayload) validate(ctx context.Context, config tfsdk.Config) (diags diag.Diagnostics) {
	var payload, writeOnly types.String
	diags.Append(config.GetAttribute(ctx, path.Root("payload"), &payload)...)
	diags.Append(config.GetAttribute(ctx, path.Root("payload_wo"), &writeOnly)...)
	switch {
	case payload.IsUnknown() || writeOnly.IsUnknown():
	case payload.IsNull() && writeOnly.IsNull():
		diags.AddAttributeError(path.Root("payload"), "Missing payload", "Give payload, or "+v.writeOnly+".")
	case !payload.IsNull() && !writeOnly.IsNull():
		diags.AddAttributeError(path.Root("payload"), "Two payloads", "Give payload, or "+v.writeOnly+", and not both.")
	}
	return diags
}

// windowValidator refuses what is no deduplication window.
func windowValidator() validator.String {
	return stringRule{"must be a duration of at most 696h", func(value string) string {
		switch d, err := time.ParseDuration(value); {
		case err != nil || d < 0:
			return fmt.Sprintf("%q is not a duration. Give a number with a unit, h, m or s, such as \"24h\" or \"1m30s\", or \"0s\" to send without a look.", value)
		case d > retention-retentionMargin:
			return fmt.Sprintf("%q is more than 696h (29 days): the API forgets messages after 30 days.", value)
		}
		return ""
	}}
}

// duration is one as the user wrote it.
type duration struct {
	time.Duration
	text string
}

// String implements fmt.Stringer.
func (d duration) String() string { return d.text }

// parseDuration reads an argument that its validators have seen; zero where it is
// null.
func parseDuration(argument types.String) duration {
	d, _ := time.ParseDuration(argument.ValueString())
	return duration{d, argument.ValueString()}
}

// timeoutIn is how long to wait for a message to leave, from the argument timeouts.
func timeoutIn(timeouts types.Object, name string) duration {
	timeout, _ := timeouts.Attributes()[name].(types.String)
	return timeoutOf(timeout)
}

// timeoutOf is how long to wait for a message to leave, from an argument.
func timeoutOf(argument types.String) duration {
	if argument.IsNull() {
		return duration{time.Minute, "1m"}
	}
	return parseDuration(argument)
}

// waitTimeout refuses a timeout that would leave no time to wait.
func waitTimeout() validator.String {
	return positiveDuration("To end without waiting, set wait_for_sent to false.")
}

// warnOfCallback warns of a callback that KORE will not make. The provider's
// configuration says which platform it is, so no validator can.
func (d *providerData) warnOfCallback(callback types.String) diag.Diagnostics {
	u, err := url.Parse(callback.ValueString())
	if d == nil || d.client == nil || d.client.Platform != twilio.KORE || err != nil || u.Scheme != "http" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("callback_url"), "KORE does not call http URLs",
		"The message is sent, but nobody is told what becomes of it: KORE calls https URLs only, with a certificate that is not self-signed. Give one, or remove callback_url.")}
}
