package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/wirelist"
)

// ipCommandsDataSource is the data source twilio_ip_commands: all messages
// that match its filters.
type ipCommandsDataSource struct{ dataSource }

var (
	_ datasource.DataSource              = (*ipCommandsDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*ipCommandsDataSource)(nil)
)

func newIPCommandsDataSource() datasource.DataSource {
	return &ipCommandsDataSource{dataSource{name: "ip_commands"}}
}

type ipCommandsModel struct {
	ipCommandFilters
	Direction types.String `tfsdk:"direction"`
	listPaging
	IPCommands types.List `tfsdk:"ip_commands"`
}

// ipCommandFilters are the filters of every list of IP Commands.
type ipCommandFilters struct {
	SIM      types.String `tfsdk:"sim"`
	SIMICCID types.String `tfsdk:"sim_iccid"`
	Status   types.String `tfsdk:"status"`
}

func (f ipCommandFilters) filter() twilio.IPCommandFilter {
	return twilio.IPCommandFilter{SIM: f.SIM.ValueString(), SIMICCID: f.SIMICCID.ValueString(), Status: f.Status.ValueString()}
}

const ipCommandsDescription = "Looks up the IP Commands of the last 30 days: UDP messages sent to and received from the devices behind Super SIMs. " +
	"A command must pass every filter that is set; without any, all commands of the account are returned."

// ipCommandsAttributes are the arguments of a list of IP Commands, and the
// list.
func ipCommandsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "Only commands of this Super SIM: its SID (`HS` and 32 hexadecimal digits) or its unique name. " +
				"Default: all SIMs.",
			Optional:   true,
			Validators: []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
		},
		"sim_iccid": schema.StringAttribute{
			MarkdownDescription: "Only commands of the Super SIM with this ICCID: the number printed on the card, 19 or 20 digits. " +
				"Default: all SIMs.",
			Optional:   true,
			Validators: []validator.String{notBlankFilter("sim_iccid", "the ICCID of a SIM")},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Only commands with this status: `queued`, `sent`, `received`, `failed`. Default: all.",
			Optional:            true,
			Validators:          []validator.String{stringvalidator.OneOf(twilio.StatusQueued, twilio.StatusSent, twilio.StatusReceived, twilio.StatusFailed)},
		},
		"direction": directionFilter(),
		"page_size": pageSizeAttribute(twilio.Twilio.MaxIPCommandsPage, "1 to 1000, or 1 to 100 on KORE"),
		"limit":     limitAttribute(),
		"ip_commands": schema.ListNestedAttribute{
			MarkdownDescription: "The commands that match, newest first; empty when none does.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: ipCommandAttributes()},
		},
	}
}

func (d *ipCommandsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: ipCommandsDescription, Attributes: ipCommandsAttributes()}
}

func (d *ipCommandsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(readIPCommands(ctx, d.data, req.Config)...)
}

// readIPCommands reads the list that a configuration asks for, in a data source
// or an ephemeral resource. The framework's answer starts as a copy of the
// configuration; the rows complete it.
func readIPCommands(ctx context.Context, data *providerData, configuration tfsdk.Config) diag.Diagnostics {
	var config ipCommandsModel
	diags := configuration.Get(ctx, &config)
	client := data.api(&diags)
	if diags.HasError() {
		return diags
	}
	options := config.options(client.Platform().MaxIPCommandsPage, &diags)
	if diags.HasError() {
		return diags
	}
	filter := config.filter()
	filter.Direction = config.Direction.ValueString()
	rows := wirelist.New[ipCommandModel](ctx, "ip_commands")
	for cmd, err := range client.ListIPCommands(ctx, filter, options) {
		if err == nil {
			err = rows.Append(ipCommandFromAPI(cmd))
		}
		if err != nil {
			diags.AddError(listError(err, rows.Len()))
			return diags
		}
	}
	rows.Send()
	return diags
}
