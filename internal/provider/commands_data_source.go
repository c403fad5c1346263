package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// commandsDataSource is the data source twilio_commands: all Programmable
// Wireless messages that match its filters.
type commandsDataSource struct{ data *providerData }

var (
	_ datasource.DataSource                   = (*commandsDataSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*commandsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*commandsDataSource)(nil)
)

func newCommandsDataSource() datasource.DataSource { return &commandsDataSource{} }

type commandsModel struct {
	listArguments
	Transport types.String `tfsdk:"transport"`
	Commands  types.List   `tfsdk:"commands"`
}

var (
	commandStatuses   = []string{twilio.StatusQueued, twilio.StatusSent, twilio.StatusDelivered, twilio.StatusReceived, twilio.StatusFailed}
	commandTransports = []string{twilio.TransportSMS, twilio.TransportIP}
)

func (m commandsModel) check(on twilio.Platform) diag.Diagnostics {
	diags := m.listArguments.check(commandStatuses, on.MaxCommandsPage)
	if known(m.Transport) {
		diags.Append(checkOneOf(path.Root("transport"), m.Transport, commandTransports...)...)
	}
	return diags
}

func (m commandsModel) filter() twilio.CommandFilter {
	return twilio.CommandFilter{
		SIM:       m.SIM.ValueString(),
		Status:    m.Status.ValueString(),
		Direction: m.Direction.ValueString(),
		Transport: m.Transport.ValueString(),
	}
}

func (m commandsModel) list(ctx context.Context, client *twilio.Client) iter.Seq2[twilio.Command, error] {
	return client.ListCommands(ctx, m.filter(), m.options())
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

// commandFields describe the fields of a Command.
func commandFields() attributeSpecs {
	return stringSpecs(map[string]string{
		"sid":          "Identifier of the Command: `DC` and 32 hexadecimal digits.",
		"account_sid":  ipCommandFactDescriptions["account_sid"],
		"sim_sid":      "SID of the Programmable Wireless SIM: `DE` and 32 hexadecimal digits.",
		"command":      "The message: up to 160 characters of text, or up to 140 bytes in Base64 where `command_mode` is `binary`.",
		"command_mode": "How `command` is written: as `text`, or as Base64 (`binary`).",
		"transport":    "How the message travelled: `sms` or `ip`.",
		"status":       "Status of the command: `queued` (accepted, waiting to be sent), `sent` (has left for the device), `delivered` (the device has acknowledged it, where a delivery receipt was requested), `received` (came from the device) or `failed` (could not be sent).",
		"direction":    ipCommandFactDescriptions["direction"],
		"date_created": ipCommandFactDescriptions["date_created"],
		"date_updated": ipCommandFactDescriptions["date_updated"],
		"url":          ipCommandFactDescriptions["url"],
	}).with(attributeSpecs{
		"delivery_receipt_requested": {types.BoolType, "Whether a delivery receipt was requested when the command was sent."},
	})
}

func (d *commandsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_commands"
}

func (d *commandsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := listArgumentSpecs("Only commands of this Programmable Wireless SIM: its SID (`DE` and 32 hexadecimal digits) or its unique name.", commandStatuses, "1 to 1000").with(attributeSpecs{
		"transport": {types.StringType, "Only commands that travelled this way: " + codeList(commandTransports) + ". Default: both."},
	}).dataSource(false)
	attributes["commands"] = schema.ListNestedAttribute{
		MarkdownDescription: "The commands that match, newest first; empty when none does.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: commandFields().dataSource(true)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up the Commands of Programmable Wireless, Twilio's older IoT service: messages, mostly SMS, sent to and received from the devices behind its SIMs. A command must pass every filter that is set; without any, all commands that the API still has are returned.",
		Attributes:          attributes,
	}
}

func (d *commandsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *commandsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config commandsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check(twilio.Twilio)...)
	}
}

func (d *commandsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config commandsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(readList(ctx, d.data, config, resp.State.Schema.Type(), "commands", commandFromAPI)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	}
}
