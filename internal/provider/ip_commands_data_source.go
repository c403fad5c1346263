package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
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
	SIM       types.String `tfsdk:"sim"`
	SIMICCID  types.String `tfsdk:"sim_iccid"`
	Status    types.String `tfsdk:"status"`
	Direction types.String `tfsdk:"direction"`
	listPaging
	IPCommands types.List `tfsdk:"ip_commands"`
}

const ipCommandsDescription = "Looks up the IP Commands of the last 30 days: UDP messages sent to and received from the devices behind Super SIMs. A command must pass every filter that is set; without any, all commands of the account are returned."

// ipCommandsAttributes are the arguments of a list of IP Commands, and the
// list.
func ipCommandsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "Only commands of this Super SIM: its SID (`HS` and 32 hexadecimal digits) or its unique name. Default: all SIMs.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
		},
		"sim_iccid": schema.StringAttribute{
			MarkdownDescription: "Only commands of the Super SIM with this ICCID: the number printed on the card, 19 or 20 digits. Default: all SIMs.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("sim_iccid", "the ICCID of a SIM")},
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

func (m ipCommandsModel) list(ctx context.Context, client *twilio.Client, diags *diag.Diagnostics) iter.Seq2[twilio.IPCommand, error] {
	return client.ListIPCommands(ctx, twilio.IPCommandFilter{
		SIM:       m.SIM.ValueString(),
		SIMICCID:  m.SIMICCID.ValueString(),
		Status:    m.Status.ValueString(),
		Direction: m.Direction.ValueString(),
	}, m.options(client.Platform().MaxIPCommandsPage, diags))
}

func (d *ipCommandsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config ipCommandsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(readList(ctx, d.data, config, resp.State.Schema.Type(), "ip_commands", ipCommandFromAPI)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	}
}
