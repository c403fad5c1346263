package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// ipCommandsEphemeral is the ephemeral resource twilio_ip_commands: the data
// source of the same name, but what it reads enters no plan and no state.
type ipCommandsEphemeral struct{ data *providerData }

var (
	_ ephemeral.EphemeralResource              = (*ipCommandsEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithConfigure = (*ipCommandsEphemeral)(nil)
)

func newIPCommandsEphemeral() ephemeral.EphemeralResource { return &ipCommandsEphemeral{} }

func (e *ipCommandsEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_commands"
}

func (e *ipCommandsEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: ipCommands.description + " As an ephemeral resource it is read in each plan and each apply anew, and is in neither the plan nor the state.",
		Attributes:          ephemeralAttributes(ipCommands.attributes()),
	}
}

func (e *ipCommandsEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.data, _ = req.ProviderData.(*providerData)
}

// Open reads the list, as the data source does.
func (e *ipCommandsEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Diagnostics.Append(ipCommands.read(ctx, e.data, req.Config)...)
}
