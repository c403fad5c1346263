package provider

import (
	"cmp"
	"fmt"
	"net/url"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandMessage is a message to send, as a user describes it.
type ipCommandMessage struct {
	SIM            types.String `tfsdk:"sim"`
	Payload        types.String `tfsdk:"payload"`
	PayloadWO      types.String `tfsdk:"payload_wo"`
	PayloadType    types.String `tfsdk:"payload_type"`
	DevicePort     types.Int64  `tfsdk:"device_port"`
	CallbackURL    types.String `tfsdk:"callback_url"`
	CallbackMethod types.String `tfsdk:"callback_method"`
}

// givenPayload returns the payload and the name of the argument that has it.
func (m ipCommandMessage) givenPayload() (payload types.String, argument string) {
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

// One of these ends the description of each argument of the resource: a change
// replaces it, or updates it in place.
const (
	sendsAnew    = " A change sends a new message."
	sendsNothing = " A change sends nothing."
)

// ipCommandMessageAttributes are the arguments of a message in the resource.
// The action has the same.
func ipCommandMessageAttributes() map[string]schema.Attribute {
	fields := ipCommandAttributes()
	return map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "Super SIM to send to: its SID (`HS` and 32 hexadecimal digits) or its unique name." + sendsAnew,
			Required:            true,
			Validators: []validator.String{
				notBlank("sim", "Give the SID (HS and 32 hexadecimal digits) or the unique name of a Super SIM."),
			},
		},
		"payload": schema.StringAttribute{
			MarkdownDescription: fields["payload"].GetMarkdownDescription() + " Either this or `payload_wo` is needed." + sendsAnew,
			Optional:            true,
			Validators:          []validator.String{payloadValidator{}},
		},
		"payload_type": schema.StringAttribute{
			MarkdownDescription: fields["payload_type"].GetMarkdownDescription() + " Default: `text`." + sendsAnew,
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(twilio.PayloadText),
			Validators:          []validator.String{stringvalidator.OneOf(twilio.PayloadText, twilio.PayloadBinary)},
		},
		"device_port": schema.Int64Attribute{
			MarkdownDescription: fields["device_port"].GetMarkdownDescription() + sendsAnew,
			Required:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 65535)},
		},
		"callback_url": schema.StringAttribute{
			MarkdownDescription: "Absolute http or https URL that the platform calls whenever the status of the command changes; KORE calls https only. Default: none." + sendsAnew,
			Optional:            true,
			Validators:          []validator.String{webURL("callback_url")},
		},
		"callback_method": schema.StringAttribute{
			MarkdownDescription: "HTTP method with which the platform calls `callback_url`: `GET` or `POST`. " +
				"Needs `callback_url`. " +
				"Default: null, for which the API takes `POST`." + sendsAnew,
			Optional: true,
			Validators: []validator.String{
				stringvalidator.OneOf("GET", "POST"),
				stringvalidator.AlsoRequires(path.MatchRoot("callback_url")),
			},
		},
	}
}

// deduplicationWindow describes the argument of rule R10, in the resource, in the
// action and in the provider block.
const deduplicationWindow = "How old a message may be that is taken for this one instead of being sent again: a number with a unit, such as `1h` or `168h`; at most `696h` (29 days), and `0s` for no look. " +
	"Before anything is sent, the provider looks whether the newest message to this port of the SIM is this one: with the same payload and type, created within this time, and not failed. " +
	"So what a crash or a lost state made Terraform forget is found again. "

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

// parseWindow returns a deduplication window; zero means none.
func parseWindow(argument types.String) time.Duration {
	d, _ := time.ParseDuration(argument.ValueString()) // The validators have seen to it.
	return d
}

// defaultWaitTimeout is how long to wait for a message to leave unless a
// timeout is given.
const defaultWaitTimeout = time.Minute

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
