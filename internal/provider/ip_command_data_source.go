package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// ipCommandDataSource is the data source twilio_ip_command: one message,
// looked up by SID.
type ipCommandDataSource struct{ data *providerData }

var (
	_ datasource.DataSource                   = (*ipCommandDataSource)(nil)
	_ datasource.DataSourceWithConfigure      = (*ipCommandDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*ipCommandDataSource)(nil)
)

func newIPCommandDataSource() datasource.DataSource { return &ipCommandDataSource{} }

func (d *ipCommandDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_command"
}

func (d *ipCommandDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := ipCommandFields().dataSource(true)
	attributes["sid"] = schema.StringAttribute{
		MarkdownDescription: ipCommandFactDescriptions["sid"],
		Required:            true,
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up one IP Command, a UDP message sent to or received from the device behind a Super SIM, by its SID. The API forgets commands 30 days after they were created; to look one up is then an error.",
		Attributes:          attributes,
	}
}

func (d *ipCommandDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func (d *ipCommandDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config ipCommandModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(checkIPCommandSID(config.SID)...)
	}
}

func checkIPCommandSID(sid types.String) diag.Diagnostics {
	var diags diag.Diagnostics
	if known(sid) && !twilio.IsSID("HG", sid.ValueString()) {
		diags.AddAttributeError(path.Root("sid"), "Malformed SID", malformedSID(sid.ValueString()))
	}
	return diags
}

func (d *ipCommandDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config ipCommandModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(checkIPCommandSID(config.SID)...)
	client := d.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	cmd, err := client.FetchIPCommand(ctx, config.SID.ValueString())
	switch {
	case rest.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root("sid"), "IP Command was not found", notFoundDetail(config.SID.ValueString(), err))
	case err != nil:
		resp.Diagnostics.AddError("IP Command could not be read", sentence(err))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, ipCommandFromAPI(cmd))...)
	}
}

// notFoundDetail explains a 404 for a SID.
func notFoundDetail(sid string, err error) string {
	return fmt.Sprintf("The API does not know %s. It forgets commands 30 days after they were created, and knows only those of the account that the provider uses. %s", sid, sentence(err))
}

// ipCommandFields describe the fields of an IP Command where it is looked up.
func ipCommandFields() attributeSpecs {
	return stringSpecs(ipCommandFactDescriptions).with(attributeSpecs{
		"device_port":  {types.Int64Type, "UDP port on the device: the destination of a message to it, the source of one from it."},
		"payload_type": {types.StringType, "How `payload` is written: as `text`, or as Base64 (`binary`). Messages from devices are always `binary`."},
		"payload":      {types.StringType, "The message: text, or Base64 where `payload_type` is `binary`; up to 1300 bytes once decoded."},
	})
}
