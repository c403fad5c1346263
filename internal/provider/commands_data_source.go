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
		MarkdownDescription: "Looks up the Commands of Programmable Wireless, Twilio's older IoT service: messages, mostly SMS, sent to and received from the devices behind its SIMs. A command must pass every filter that is set; without any, all commands that the API still has are returned.",
		Attributes: map[string]schema.Attribute{
			"sim": schema.StringAttribute{
				MarkdownDescription: "Only commands of this Programmable Wireless SIM: its SID (`DE` and 32 hexadecimal digits) or its unique name. Default: all SIMs.",
				Optional:            true,
				Validators:          []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
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
	// The state begins as the configuration; the rows complete it.
	rows := wirelist.New[commandModel](ctx, "commands")
	for command, err := range client.ListCommands(ctx, config.filter(), options) {
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

func (m commandsModel) filter() twilio.CommandFilter {
	return twilio.CommandFilter{
		SIM:       m.SIM.ValueString(),
		Status:    m.Status.ValueString(),
		Direction: m.Direction.ValueString(),
		Transport: m.Transport.ValueString(),
	}
}
