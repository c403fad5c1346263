package provider

import (
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// superSIMs is the list of the data source twilio_super_sims: all Super SIMs
// that match its filters.
var superSIMs = &apiList[twilio.SIM, superSIMModel]{
	name: "super_sims",
	description: "Looks up Super SIMs, such as those of a fleet, so that `for_each` can send to each. " +
		"A SIM must pass every filter that is set; without any, all SIMs of the account are returned.",
	filters: map[string]schema.Attribute{
		"fleet": schema.StringAttribute{
			MarkdownDescription: "Only SIMs of this fleet: SID (`HF…`) or unique name.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("fleet", "the SID or the unique name of a fleet")},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Only this status: `new`, `ready`, `active`, `inactive`, `scheduled`, or one that the API adds later.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("status", "a status of the API")},
		},
		"iccid": schema.StringAttribute{
			MarkdownDescription: "Only the SIM with this ICCID.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("iccid", "the ICCID of a SIM")},
		},
	},
	rows:  "sims",
	noun:  "SIMs",
	order: "in the API's order",
	row: map[string]schema.Attribute{
		"sid":          computedString("SID of the SIM, `HS…`: it never changes, so use it as the key of a `for_each`."),
		"unique_name":  computedString("Unique name; null without one. It can change."),
		"account_sid":  computedString("SID of the account, `AC…`."),
		"iccid":        computedString("ICCID of the SIM."),
		"status":       computedString("Messages are accepted for a SIM that is `ready` or `active`."),
		"fleet_sid":    computedString("SID of the fleet, `HF…`; null without one."),
		"date_created": computedString("When the SIM was created: RFC 3339, UTC."),
		"date_updated": computedString("When the SIM last changed: RFC 3339, UTC."),
		"url":          computedString("URL of the SIM in the API."),
	},
	maxPage: func(p twilio.Platform) int { return p.MaxSIMsPage },
	list: func(ctx context.Context, c *twilio.Client, f map[string]string, opts rest.ListOptions) iter.Seq2[twilio.SIM, error] {
		return c.SIMs.List(ctx, twilio.SIMFilter{Fleet: f["fleet"], Status: f["status"], ICCID: f["iccid"]}, opts)
	},
	fromAPI: superSIMFromAPI,
	empty: func(filters map[string]string) string {
		if filters["fleet"] == "" || filters["status"] != "" || filters["iccid"] != "" {
			return ""
		}
		return fmt.Sprintf("The API lists no SIM in the fleet %q. It does not tell an unknown fleet from an empty one: check the fleet's SID or unique name.", filters["fleet"])
	},
}

// superSIMModel is a Super SIM with every field of the API.
type superSIMModel struct {
	SID         types.String `tfsdk:"sid"`
	UniqueName  types.String `tfsdk:"unique_name"`
	AccountSID  types.String `tfsdk:"account_sid"`
	ICCID       types.String `tfsdk:"iccid"`
	Status      types.String `tfsdk:"status"`
	FleetSID    types.String `tfsdk:"fleet_sid"`
	DateCreated types.String `tfsdk:"date_created"`
	DateUpdated types.String `tfsdk:"date_updated"`
	URL         types.String `tfsdk:"url"`
}

// superSIMFromAPI is the one mapping of a Super SIM; what the API gives as null
// is null.
func superSIMFromAPI(s twilio.SIM) superSIMModel {
	return superSIMModel{
		SID:         types.StringValue(s.SID),
		UniqueName:  types.StringPointerValue(s.UniqueName),
		AccountSID:  types.StringPointerValue(s.AccountSID),
		ICCID:       types.StringPointerValue(s.ICCID),
		Status:      types.StringPointerValue(s.Status),
		FleetSID:    types.StringPointerValue(s.FleetSID),
		DateCreated: dateValue(s.DateCreated),
		DateUpdated: dateValue(s.DateUpdated),
		URL:         types.StringPointerValue(s.URL),
	}
}
