package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandAttributes are the fields of an IP Command, described once for
// every object that shows or sends one.
func ipCommandAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sid":          computedString("SID of the IP Command, `HG…`."),
		"account_sid":  computedString("SID of the account, `AC…`."),
		"sim_sid":      computedString("SID of the Super SIM, `HS…`."),
		"sim_iccid":    computedString("ICCID of the Super SIM."),
		"status":       computedString("`queued`, `sent` (has left; need not have arrived), `failed`, or `received` (from the device)."),
		"direction":    computedString("`to_sim` or `from_sim`."),
		"device_ip":    computedString("IP address of the device; null until the message has left."),
		"device_port":  computedInt64("UDP port of the device: destination of a message to it, source of one from it."),
		"payload_type": computedString("`text` or `binary`; messages from devices are always `binary`."),
		"payload":      computedString("The message: text, or Base64 if `payload_type` is `binary`."),
		"date_created": computedString("When the API took the command: RFC 3339, UTC."),
		"date_updated": computedString("When the command last changed: RFC 3339, UTC."),
		"url":          computedString("URL of the command in the API."),
	}
}

// ipCommandFacts are the fields of an IP Command that only the API knows.
type ipCommandFacts struct {
	SID         types.String `tfsdk:"sid"`
	AccountSID  types.String `tfsdk:"account_sid"`
	SIMSID      types.String `tfsdk:"sim_sid"`
	SIMICCID    types.String `tfsdk:"sim_iccid"`
	Status      types.String `tfsdk:"status"`
	Direction   types.String `tfsdk:"direction"`
	DeviceIP    types.String `tfsdk:"device_ip"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
}

// unknownFacts are those of a command that is yet to be created.
func unknownFacts() ipCommandFacts {
	u := types.StringUnknown()
	return ipCommandFacts{u, u, u, u, u, u, u, u, u, u}
}

// ipCommandModel is an IP Command with every field of the API.
type ipCommandModel struct {
	ipCommandFacts
	DevicePort  types.Int64  `tfsdk:"device_port"`
	PayloadType types.String `tfsdk:"payload_type"`
	Payload     types.String `tfsdk:"payload"`
}

// ipCommandFromAPI is the one mapping of an IP Command; what the API gives as
// null is null.
func ipCommandFromAPI(c twilio.IPCommand) ipCommandModel {
	return ipCommandModel{
		ipCommandFacts: ipCommandFacts{
			SID:         types.StringValue(c.SID),
			AccountSID:  types.StringPointerValue(c.AccountSID),
			SIMSID:      types.StringPointerValue(c.SIMSID),
			SIMICCID:    types.StringPointerValue(c.SIMICCID),
			Status:      types.StringPointerValue(c.Status),
			Direction:   types.StringPointerValue(c.Direction),
			DeviceIP:    types.StringPointerValue(c.DeviceIP),
			DateCreated: dateValue(c.DateCreated),
			DateUpdated: dateValue(c.DateUpdated),
			URL:         types.StringPointerValue(c.URL),
		},
		DevicePort:  types.Int64PointerValue(c.DevicePort),
		PayloadType: types.StringPointerValue(c.PayloadType),
		Payload:     types.StringPointerValue(c.Payload),
	}
}

// command returns the command as it is recorded, without its message.
func (f ipCommandFacts) command() twilio.IPCommand {
	return twilio.IPCommand{
		SID:         f.SID.ValueString(),
		AccountSID:  f.AccountSID.ValueStringPointer(),
		SIMSID:      f.SIMSID.ValueStringPointer(),
		SIMICCID:    f.SIMICCID.ValueStringPointer(),
		Status:      f.Status.ValueStringPointer(),
		Direction:   f.Direction.ValueStringPointer(),
		DeviceIP:    f.DeviceIP.ValueStringPointer(),
		DateCreated: (*twilio.Timestamp)(f.DateCreated.ValueStringPointer()),
		DateUpdated: (*twilio.Timestamp)(f.DateUpdated.ValueStringPointer()),
		URL:         f.URL.ValueStringPointer(),
	}
}

func dateValue(t *twilio.Timestamp) types.String {
	if t == nil {
		return types.StringNull()
	}
	return types.StringValue(t.RFC3339())
}

// sidRule refuses what is not the SID of an object with this name and prefix.
func sidRule(noun, prefix string) validator.String {
	return stringRule{"must be " + prefix + " and 32 hexadecimal digits", func(sid string) string { return malformedSID(noun, prefix, sid) }}
}

// malformedSID describes what is wrong with a SID. It is empty when nothing is.
func malformedSID(noun, prefix, sid string) string {
	if twilio.IsSID(prefix, sid) {
		return ""
	}
	article := "a"
	if strings.HasPrefix(noun, "I") {
		article = "an"
	}
	return fmt.Sprintf("%q is not the SID of %s %s. Give %s and 32 hexadecimal digits, such as %s0123456789abcdef0123456789abcdef.", sid, article, noun, prefix, prefix)
}
