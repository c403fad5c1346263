package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

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

// command returns the facts that tell how far the command has come, as the
// client sees it.
func (f ipCommandFacts) command() twilio.IPCommand {
	c := twilio.IPCommand{
		SID:      f.SID.ValueString(),
		Status:   f.Status.ValueStringPointer(),
		DeviceIP: f.DeviceIP.ValueStringPointer(),
		SIMSID:   f.SIMSID.ValueStringPointer(),
	}
	if !f.DateCreated.IsNull() {
		created := twilio.Timestamp(f.DateCreated.ValueString())
		c.DateCreated = &created
	}
	return c
}

func dateValue(t *twilio.Timestamp) types.String {
	if t == nil {
		return types.StringNull()
	}
	return types.StringValue(t.RFC3339())
}
