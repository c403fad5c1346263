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

// ipCommandsDataSource is the data source twilio_ip_commands: all messages
// that match its filters.
type ipCommandsDataSource struct{ data *providerData }

var (
	_ datasource.DataSource                   = (*ipCommandsDataSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*ipCommandsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*ipCommandsDataSource)(nil)
)

func newIPCommandsDataSource() datasource.DataSource { return &ipCommandsDataSource{} }

type ipCommandsModel struct {
	listArguments
	SIMICCID   types.String `tfsdk:"sim_iccid"`
	IPCommands types.List   `tfsdk:"ip_commands"`
}

var ipCommandStatuses = []string{twilio.StatusQueued, twilio.StatusSent, twilio.StatusReceived, twilio.StatusFailed}

func (m ipCommandsModel) check(on twilio.Platform) diag.Diagnostics {
	diags := m.listArguments.check(ipCommandStatuses, on.MaxIPCommandsPage)
	diags.Append(checkNotEmpty(path.Root("sim_iccid"), m.SIMICCID, "the ICCID of a SIM")...)
	return diags
}

func (m ipCommandsModel) filter() twilio.IPCommandFilter {
	return twilio.IPCommandFilter{
		SIM:       m.SIM.ValueString(),
		SIMICCID:  m.SIMICCID.ValueString(),
		Status:    m.Status.ValueString(),
		Direction: m.Direction.ValueString(),
	}
}

func (m ipCommandsModel) list(ctx context.Context, client *twilio.Client) iter.Seq2[twilio.IPCommand, error] {
	return client.ListIPCommands(ctx, m.filter(), m.options())
}

func (d *ipCommandsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_commands"
}

const ipCommandsDescription = "Looks up the IP Commands of the last 30 days: UDP messages sent to and received from the devices behind Super SIMs. A command must pass every filter that is set; without any, all commands of the account are returned."

// ipCommandListArguments describe the arguments of a list of IP Commands.
func ipCommandListArguments() attributeSpecs {
	return listArgumentSpecs("Only commands of this Super SIM: its SID (`HS` and 32 hexadecimal digits) or its unique name.", ipCommandStatuses, "1 to 1000, or 1 to 100 on KORE").with(attributeSpecs{
		"sim_iccid": {types.StringType, "Only commands of the Super SIM with this ICCID: the number printed on the card, 19 or 20 digits. Default: all SIMs."},
	})
}

func (d *ipCommandsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := ipCommandListArguments().dataSource(false)
	attributes["ip_commands"] = schema.ListNestedAttribute{
		MarkdownDescription: "The commands that match, newest first; empty when none does.",
		Computed:            true,
		NestedObject:        schema.NestedAttributeObject{Attributes: ipCommandFields().dataSource(true)},
	}
	resp.Schema = schema.Schema{MarkdownDescription: ipCommandsDescription, Attributes: attributes}
}

func (d *ipCommandsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *ipCommandsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config ipCommandsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check(twilio.Twilio)...)
	}
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
