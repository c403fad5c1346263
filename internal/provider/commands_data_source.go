package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/wirelist"
)

// commandsDataSource is the data source twilio_commands: all Programmable
// Wireless messages that match its filters.
type commandsDataSource struct{ dataSource }

var (
	_ datasource.DataSource              = (*commandsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*commandsDataSource)(nil)
)

func newCommandsDataSource() datasource.DataSource {
	return &commandsDataSource{dataSource{name: "commands"}}
}

type commandsModel struct {
	SIM       types.String `tfsdk:"sim"`
	Status    types.String `tfsdk:"status"`
	Direction types.String `tfsdk:"direction"`
	Transport types.String `tfsdk:"transport"`
	listPaging
	Commands types.List `tfsdk:"commands"`
}

func (d *commandsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up the Commands of Programmable Wireless, Twilio's older IoT service: messages, mostly SMS, sent to and received from the devices behind its SIMs. " +
			"A command must pass every filter that is set; without any, all commands that the API still has are returned.",
		Attributes: map[string]schema.Attribute{
			"sim": schema.StringAttribute{
				MarkdownDescription: "Only commands of this Programmable Wireless SIM: its SID (`DE` and 32 hexadecimal digits) or its unique name. " +
					"Default: all SIMs.",
				Optional:   true,
				Validators: []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
			},
			"status": schema.StringAttribute{
				MarkdownDescription: "Only commands with this status: `queued`, `sent`, `delivered`, `received`, `failed`. Default: all.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(twilio.StatusQueued, twilio.StatusSent, twilio.StatusDelivered, twilio.StatusReceived, twilio.StatusFailed)},
			},
			"direction": directionFilter(),
			"transport": schema.StringAttribute{
				MarkdownDescription: "Only commands that travelled this way: `sms`, `ip`. Default: both.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.OneOf(twilio.TransportSMS, twilio.TransportIP)},
			},
			"page_size": pageSizeAttribute(twilio.Twilio.MaxCommandsPage, "1 to 1000"),
			"limit":     limitAttribute(),
			"commands": schema.ListNestedAttribute{
				MarkdownDescription: "The commands that match, newest first; empty when none does.",
				Computed:            true,
				NestedObject:        schema.NestedAttributeObject{Attributes: commandAttributes()},
			},
		},
	}
}

func (d *commandsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config commandsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client := d.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	options := config.options(client.Platform().MaxCommandsPage, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	filter := twilio.CommandFilter{
		SIM:       config.SIM.ValueString(),
		Status:    config.Status.ValueString(),
		Direction: config.Direction.ValueString(),
		Transport: config.Transport.ValueString(),
	}
	// The state starts as a copy of the configuration; the rows complete it.
	rows := wirelist.New[commandModel](ctx, "commands")
	for command, err := range client.ListCommands(ctx, filter, options) {
		if err == nil {
			err = rows.Append(commandFromAPI(command))
		}
		if err != nil {
			resp.Diagnostics.AddError(listError(err, rows.Len()))
			return
		}
	}
	rows.Send()
}

// commandAttributes are the fields of a Command.
func commandAttributes() map[string]schema.Attribute {
	shared := ipCommandAttributes()
	return map[string]schema.Attribute{
		"sid":          computedString("Identifier of the Command: `DC` and 32 hexadecimal digits."),
		"account_sid":  shared["account_sid"],
		"sim_sid":      computedString("SID of the Programmable Wireless SIM: `DE` and 32 hexadecimal digits."),
		"command":      computedString("The message: up to 160 characters of text, or up to 140 bytes in Base64 where `command_mode` is `binary`."),
		"command_mode": computedString("How `command` is written: as `text`, or as Base64 (`binary`)."),
		"transport":    computedString("How the message travelled: `sms` or `ip`."),
		"delivery_receipt_requested": schema.BoolAttribute{
			MarkdownDescription: "Whether a delivery receipt was requested when the command was sent.",
			Computed:            true,
		},
		"status":       computedString("Status of the command: `queued` (accepted, waiting to be sent), `sent` (has left for the device), `delivered` (the device has acknowledged it, where a delivery receipt was requested), `received` (came from the device) or `failed` (could not be sent)."),
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
