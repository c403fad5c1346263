package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// commands is the list of the data source twilio_commands: all Programmable
// Wireless messages that match its filters.
var commands = &apiList[twilio.Command, commandModel]{
	name: "commands",
	description: "Looks up the Commands of Programmable Wireless, Twilio's older IoT service: messages, mostly SMS, sent to and received from the devices behind its SIMs. " +
		"A command must pass every filter that is set; without any, all commands that the API still has are returned.",
	filters: map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "Only this Programmable Wireless SIM: SID or unique name.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Only this status: `queued`, `sent`, `delivered`, `received` or `failed`.",
			Optional:            true,
			Validators:          []validator.String{oneOf(twilio.StatusQueued, twilio.StatusSent, twilio.StatusDelivered, twilio.StatusReceived, twilio.StatusFailed)},
		},
		"direction": directionFilter(),
		"transport": schema.StringAttribute{
			MarkdownDescription: "`sms` or `ip`. Default: both.",
			Optional:            true,
			Validators:          []validator.String{oneOf(twilio.TransportSMS, twilio.TransportIP)},
		},
	},
	rows:    "commands",
	noun:    "commands",
	order:   "newest first",
	row:     commandAttributes(),
	maxPage: func(p twilio.Platform) int { return p.MaxCommandsPage },
	list: func(ctx context.Context, c *twilio.Client, f map[string]string, opts rest.ListOptions) iter.Seq2[twilio.Command, error] {
		return c.Commands.List(ctx, twilio.CommandFilter{SIM: f["sim"], Status: f["status"], Direction: f["direction"], Transport: f["transport"]}, opts)
	},
	fromAPI: commandFromAPI,
}

// commandAttributes are the fields of a Command.
func commandAttributes() map[string]schema.Attribute {
	shared := ipCommandAttributes()
	return map[string]schema.Attribute{
		"sid":          computedString("SID of the Command, `DC…`."),
		"account_sid":  shared["account_sid"],
		"sim_sid":      computedString("SID of the Programmable Wireless SIM, `DE…`."),
		"command":      computedString("The message: up to 160 characters of text, or up to 140 bytes in Base64 if `command_mode` is `binary`."),
		"command_mode": computedString("`text`, or `binary` for Base64."),
		"transport":    computedString("`sms` or `ip`."),
		"delivery_receipt_requested": schema.BoolAttribute{
			MarkdownDescription: "Whether a delivery receipt was requested.",
			Computed:            true,
		},
		"status":       computedString("`queued`, `sent` (has left), `delivered` (acknowledged, if a receipt was requested), `failed`, or `received` (from the device)."),
		"direction":    shared["direction"],
		"date_created": shared["date_created"],
		"date_updated": shared["date_updated"],
		"url":          shared["url"],
	}
}

// commandModel is a Command with every field of the API.
type commandModel struct {
	SID                      types.String `tfsdk:"sid"`
	AccountSID               types.String `tfsdk:"account_sid"`
	SIMSID                   types.String `tfsdk:"sim_sid"`
	Command                  types.String `tfsdk:"command"`
	CommandMode              types.String `tfsdk:"command_mode"`
	Transport                types.String `tfsdk:"transport"`
	DeliveryReceiptRequested types.Bool   `tfsdk:"delivery_receipt_requested"`
	Status                   types.String `tfsdk:"status"`
	Direction                types.String `tfsdk:"direction"`
	DateCreated              types.String `tfsdk:"date_created"`
	DateUpdated              types.String `tfsdk:"date_updated"`
	URL                      types.String `tfsdk:"url"`
}

// commandFromAPI is the one mapping of a Command; what the API gives as null
// is null.
func commandFromAPI(c twilio.Command) commandModel {
	return commandModel{
		SID:                      types.StringValue(c.SID),
		AccountSID:               types.StringPointerValue(c.AccountSID),
		SIMSID:                   types.StringPointerValue(c.SIMSID),
		Command:                  types.StringPointerValue(c.Command),
		CommandMode:              types.StringPointerValue(c.CommandMode),
		Transport:                types.StringPointerValue(c.Transport),
		DeliveryReceiptRequested: types.BoolPointerValue(c.DeliveryReceiptRequested),
		Status:                   types.StringPointerValue(c.Status),
		Direction:                types.StringPointerValue(c.Direction),
		DateCreated:              dateValue(c.DateCreated),
		DateUpdated:              dateValue(c.DateUpdated),
		URL:                      types.StringPointerValue(c.URL),
	}
}
