package provider

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// maxPayloadBytes is the size of the largest message, from the API's
// documentation.
const maxPayloadBytes = 1300

// payloadValidator refuses a payload that an IP Command cannot carry. That
// depends on payload_type.
type payloadValidator struct{}

func (payloadValidator) Description(context.Context) string {
	return fmt.Sprintf("must be 1 to %d bytes, in the form that payload_type says", maxPayloadBytes)
}

func (v payloadValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (payloadValidator) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var payloadType types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("payload_type"), &payloadType)...)
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() || payloadType.IsUnknown() {
		return
	}
	if payloadType.ValueString() != twilio.PayloadBinary && looksLikeBase64(req.ConfigValue.ValueString()) {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Payload looks like Base64",
			"The message is sent as these letters. To send the bytes that they stand for, set payload_type to \"binary\".")
	}
	if problem := checkPayload(req.ConfigValue.ValueString(), payloadType.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid payload", problem)
	}
}

// looksLikeBase64 reports whether a text is what filebase64 and base64encode make of
// bytes: padded, and longer than the words and numbers that also are Base64. Texts
// that devices take, such as commands, JSON, numbers and hexadecimal, have other
// characters, or no padding.
func looksLikeBase64(payload string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(payload)
	return err == nil && len(payload) >= 24 && strings.HasSuffix(payload, "=")
}

// checkPayload returns what is wrong with a payload, empty when nothing is.
// It does not quote the payload, which may be confidential.
func checkPayload(payload, payloadType string) string {
	if payload == "" {
		return fmt.Sprintf("The payload is empty. Give 1 to %d bytes.", maxPayloadBytes)
	}
	size, unit := len(payload), "bytes in UTF-8"
	if payloadType == twilio.PayloadBinary {
		// The decoder ignores line breaks; the API might not.
		b, err := base64.StdEncoding.Strict().DecodeString(payload)
		if err != nil || strings.ContainsAny(payload, "\r\n") {
			return "The payload is not standard, padded Base64, which payload_type \"binary\" needs. " +
				"Use base64encode(\"…\"), filebase64(\"…\") or provider::twilio::hex_to_base64(\"…\"), or set payload_type to \"text\"."
		}
		size, unit = len(b), "bytes once decoded"
	}
	if size < 1 || size > maxPayloadBytes {
		return fmt.Sprintf("The payload has %d %s; an IP Command carries 1 to %d bytes. Shorten it, or send it as several commands.", size, unit, maxPayloadBytes)
	}
	return ""
}
