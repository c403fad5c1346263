package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// providerData is what the configured provider hands to its objects.
type providerData struct {
	// client is nil while a provider argument is unknown.
	client  *twilio.Client
	unknown []string
	clock   clock.Clock
}

// configured takes the provider's data out of a Configure request. It is nil
// during validation, when the provider is not configured.
func configured(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	d, ok := data.(*providerData)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("Got %T. This is a bug in the provider; please report it.", data))
		return nil
	}
	return d
}

// api returns the client, or an error for the user when there is none.
func (d *providerData) api(diags *diag.Diagnostics) *twilio.Client {
	if d == nil {
		diags.AddError("Provider is not configured", "The API was needed before the provider was configured. This is a bug in the provider; please report it.")
		return nil
	}
	if d.client == nil {
		diags.AddError("Provider arguments are not known yet",
			fmt.Sprintf("The API must be asked now, but these arguments of the provider block depend on values that are known only after apply: %s. "+
				"Give them values that are known during plan, or apply what they depend on first, with -target.", strings.Join(d.unknown, ", ")))
	}
	return d.client
}

// dataSource is what all data sources are.
type dataSource struct {
	name string // without the provider's
	data *providerData
}

func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}

func userAgent(version, terraformVersion string) string {
	return fmt.Sprintf("terraform-provider-twilio/%s Terraform/%s", version, terraformVersion)
}

func logDebug(ctx context.Context, msg string, fields map[string]any) {
	tflog.Debug(ctx, msg, fields)
}
