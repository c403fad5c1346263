package provider

import (
	"cmp"
	"context"
	"fmt"

	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandList is the list resource twilio_ip_command, for terraform query:
// the messages that can be imported.
type ipCommandList struct{ data *providerData }

var (
	_ list.ListResource              = (*ipCommandList)(nil)
	_ list.ListResourceWithConfigure = (*ipCommandList)(nil)
)

func newIPCommandList() list.ListResource { return &ipCommandList{} }

func (l *ipCommandList) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_command"
}

func (l *ipCommandList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	attributes := ipCommands.attributes()
	for _, name := range []string{"direction", "limit", ipCommands.rows} { // The limit is the CLI's.
		delete(attributes, name)
	}
	attributes["status"] = datasource.StringAttribute{
		MarkdownDescription: "Only this status: `queued`, `sent` or `failed`.",
		Optional:            true,
		Validators:          []validator.String{oneOf(twilio.StatusQueued, twilio.StatusSent, twilio.StatusFailed)}, // None that is received is listed.
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the IP Commands that were sent to devices in the last 30 days, newest first, for `terraform query`. " +
			"They can be imported; messages from devices cannot, and are not listed. " +
			"All filters are combined; without any, all of the account are listed, up to the `limit` of the `list` block.",
		Attributes: listAttributes(attributes),
	}
}

func (l *ipCommandList) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.data, _ = req.ProviderData.(*providerData)
}

// List streams the commands as the pages come in, and asks for no more of them
// than the CLI wants. The API lists whole commands, so including the resource
// takes no further request.
func (l *ipCommandList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var diags diag.Diagnostics
	client := l.data.api(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filters, opts := ipCommands.arguments(ctx, req.Config, req.Limit, client.Platform, &diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	filters["direction"] = twilio.DirectionToSIM // Nothing else can be imported.
	stream.Results = func(push func(list.ListResult) bool) {
		for cmd, err := range ipCommands.list(ctx, client, filters, opts) {
			result := req.NewListResult(ctx)
			if err != nil {
				result.Diagnostics.AddError(ipCommands.failure(err, 0))
				push(result)
				return
			}
			l.fill(ctx, req, &result, cmd, displayName(client.IPCommands.Shown(twilio.Recorded(twilio.MessageParams{}, cmd)), filters["sim"]))
			if !push(result) {
				return
			}
		}
	}
}

func (l *ipCommandList) fill(ctx context.Context, req list.ListRequest, result *list.ListResult, cmd twilio.IPCommand, name string) {
	result.DisplayName = name
	result.Diagnostics.Append(setIdentity(ctx, result.Identity, types.StringValue(cmd.SID))...)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, importedModel(cmd))...)
	}
}

// displayName is how a person recognises a message: by the SIM as it was asked
// for, or else its ICCID, the time and the status.
func displayName(cmd twilio.IPCommand, sim string) string {
	return fmt.Sprintf("%s, %s, %s", cmp.Or(sim, "SIM "+orNull(cmd.SIMICCID)), dateText(cmd.DateCreated), orNull(cmd.Status))
}
