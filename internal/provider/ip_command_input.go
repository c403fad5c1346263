package provider

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// Bounds of a message, from the API's documentation and the range of UDP
// ports.
const (
	maxPayloadBytes = 1300
	minPort         = 1
	maxPort         = 65535
)

// ipCommandInput is the message that a user asks for, wherever it is asked.
type ipCommandInput struct {
	SIM            types.String `tfsdk:"sim"`
	Payload        types.String `tfsdk:"payload"`
	PayloadType    types.String `tfsdk:"payload_type"`
	DevicePort     types.Int64  `tfsdk:"device_port"`
	CallbackURL    types.String `tfsdk:"callback_url"`
	CallbackMethod types.String `tfsdk:"callback_method"`
}

// params returns the input as the client takes it; everything is known.
func (in ipCommandInput) params() twilio.IPCommandParams {
	return twilio.IPCommandParams{
		SIM:            in.SIM.ValueString(),
		Payload:        in.Payload.ValueString(),
		PayloadType:    in.payloadType(),
		DevicePort:     in.DevicePort.ValueInt64(),
		CallbackURL:    in.CallbackURL.ValueString(),
		CallbackMethod: in.CallbackMethod.ValueString(),
	}
}

func (in ipCommandInput) payloadType() string {
	if in.PayloadType.IsNull() {
		return twilio.PayloadText
	}
	return in.PayloadType.ValueString()
}

// check refuses every value that the API would refuse, on its attribute; the
// payload's is named. It is called at plan time, when values may be unknown
// and are passed over, and again before the POST.
func (in ipCommandInput) check(payload string) diag.Diagnostics {
	var diags diag.Diagnostics
	if known(in.SIM) && strings.TrimSpace(in.SIM.ValueString()) == "" {
		diags.AddAttributeError(path.Root("sim"), "Empty SIM",
			"sim is empty. Give the SID (HS and 32 hexadecimal digits) or the unique name of a Super SIM.")
	}
	if known(in.PayloadType) {
		diags.Append(checkOneOf(path.Root("payload_type"), in.PayloadType, twilio.PayloadText, twilio.PayloadBinary)...)
	}
	if known(in.Payload) && !in.PayloadType.IsUnknown() {
		if problem := checkPayload(in.Payload.ValueString(), in.payloadType()); problem != "" {
			diags.AddAttributeError(path.Root(payload), "Invalid payload", problem)
		}
	}
	if port := in.DevicePort.ValueInt64(); known(in.DevicePort) && (port < minPort || port > maxPort) {
		diags.AddAttributeError(path.Root("device_port"), "Invalid device port",
			fmt.Sprintf("%d is not a UDP port. Give the port on which the device listens, %d to %d.", port, minPort, maxPort))
	}
	diags.Append(in.checkCallback()...)
	return diags
}

func (in ipCommandInput) checkCallback() diag.Diagnostics {
	var diags diag.Diagnostics
	if known(in.CallbackURL) {
		if u, err := url.Parse(in.CallbackURL.ValueString()); err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
			what := fmt.Sprintf("%q", in.CallbackURL.ValueString())
			if strings.ContainsAny(in.CallbackURL.ValueString(), "@?") {
				what = "The value" // It may hold a password or a token.
			}
			diags.AddAttributeError(path.Root("callback_url"), "Invalid callback URL",
				what+" is not an absolute http or https URL, such as \"https://example.com/sent\".")
		}
	}
	if known(in.CallbackMethod) {
		diags.Append(checkOneOf(path.Root("callback_method"), in.CallbackMethod, "GET", "POST")...)
		if in.CallbackURL.IsNull() {
			diags.AddAttributeError(path.Root("callback_method"), "Callback method without URL",
				"callback_method is the method with which callback_url is called, but there is no callback_url. Set callback_url, or remove callback_method.")
		}
	}
	return diags
}

// checkPayload returns what is wrong with a payload, empty when nothing is.
// It does not quote the payload, which may be confidential.
func checkPayload(payload, payloadType string) string {
	if payload == "" {
		return fmt.Sprintf("The payload is empty. Give 1 to %d bytes.", maxPayloadBytes)
	}
	size, unit := len(payload), "bytes in UTF-8"
	if payloadType == twilio.PayloadBinary {
		// The decoder passes over line breaks, the API need not.
		b, err := base64.StdEncoding.Strict().DecodeString(payload)
		if err != nil || strings.ContainsAny(payload, "\r\n") {
			return "The payload is not standard, padded Base64, which payload_type \"binary\" needs. " +
				"Use base64encode(\"…\") or filebase64(\"…\"), or set payload_type to \"text\"."
		}
		size, unit = len(b), "bytes once decoded"
	}
	if size < 1 || size > maxPayloadBytes {
		return fmt.Sprintf("The payload has %d %s; an IP Command carries 1 to %d bytes. Shorten it, or send it as several commands.", size, unit, maxPayloadBytes)
	}
	return ""
}

// checkOneOf refuses a known value that is not among the allowed.
func checkOneOf(at path.Path, v types.String, allowed ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, a := range allowed {
		if v.ValueString() == a {
			return nil
		}
	}
	diags.AddAttributeError(at, "Invalid "+strings.ReplaceAll(at.String(), "_", " "),
		fmt.Sprintf("%q is not one of \"%s\".", v.ValueString(), strings.Join(allowed, "\", \"")))
	return diags
}

func known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }
