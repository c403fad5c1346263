package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandDataSource is the data source twilio_ip_command: one message,
// looked up by SID.
type ipCommandDataSource struct{ dataSource }

var (
	_ datasource.DataSource              = (*ipCommandDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*ipCommandDataSource)(nil)
)

func newIPCommandDataSource() datasource.DataSource {
	return &ipCommandDataSource{dataSource{name: "ip_command"}}
}

func (d *ipCommandDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := ipCommandAttributes()
	attributes["sid"] = schema.StringAttribute{
		MarkdownDescription: attributes["sid"].GetMarkdownDescription(),
		Required:            true,
		Validators:          []validator.String{ipCommandSID()},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Looks up one IP Command, a UDP message sent to or received from the device behind a Super SIM, by its SID. The API forgets commands 30 days after they were created; to look one up is then an error.",
		Attributes:          attributes,
	}
}

func (d *ipCommandDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config ipCommandModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	client := d.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	cmd, err := client.IPCommands.Fetch(ctx, config.SID.ValueString())
	switch {
	case twilio.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root("sid"), "IP Command was not found", notFoundDetail(config.SID.ValueString(), err))
	case err != nil:
		resp.Diagnostics.AddError("IP Command could not be read", sentence(err))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, ipCommandFromAPI(cmd))...)
	}
}
