// Package provider is all that Terraform sees: the provider block, the
// resource twilio_ip_command and the data sources, one file per object.
package provider

import (
	"context"
	"net/http"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/seed-0925943e/twilio"

// New returns the provider of a version, such as "1.2.3".
func New(version string) func() provider.Provider {
	return newWith(version, surroundings{getenv: os.Getenv, clock: clock.System{}})
}

// surroundings are what the provider takes from the process around it, so
// that tests can run in parallel, each with its own.
type surroundings struct {
	getenv func(string) string
	clock  clock.Clock
	// transport carries the requests; nil means the client's own.
	transport http.RoundTripper
}

func newWith(version string, s surroundings) func() provider.Provider {
	return func() provider.Provider { return &twilioProvider{version: version, surroundings: s} }
}

type twilioProvider struct {
	version string
	surroundings
}

var _ provider.Provider = (*twilioProvider)(nil)

type providerModel struct {
	AccountSID     types.String    `tfsdk:"account_sid"`
	AuthToken      types.String    `tfsdk:"auth_token"`
	APIKey         types.String    `tfsdk:"api_key"`
	APISecret      types.String    `tfsdk:"api_secret"`
	Endpoints      *endpointsModel `tfsdk:"endpoints"`
	MaxRetries     types.Int64     `tfsdk:"max_retries"`
	RequestTimeout types.String    `tfsdk:"request_timeout"`
}

type endpointsModel struct {
	SuperSIM types.String `tfsdk:"supersim"`
	Wireless types.String `tfsdk:"wireless"`
}

func (p *twilioProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
	resp.Version = p.version
}

func (p *twilioProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends UDP messages (*IP Commands*) to devices behind Twilio Super SIMs during `terraform apply`, " +
			"and looks up the messages sent to and received from SIMs.",
		Attributes: map[string]schema.Attribute{
			"account_sid": schema.StringAttribute{
				MarkdownDescription: "Account to use, by its SID: `AC` and 32 hexadecimal digits. Needs `auth_token`. Default, where the provider block holds no credentials: the environment variable `TWILIO_ACCOUNT_SID`.",
				Optional:            true,
			},
			"auth_token": schema.StringAttribute{
				MarkdownDescription: "Auth token of the account. Needs `account_sid`. Default, where the provider block holds no credentials: the environment variable `TWILIO_AUTH_TOKEN`.",
				Optional:            true,
				Sensitive:           true,
			},
			"api_key": schema.StringAttribute{
				MarkdownDescription: "API key to use, by its SID: `SK` and 32 hexadecimal digits. Needs `api_secret`. Better than `account_sid` and `auth_token`, since a key can be restricted and revoked; it belongs to one account, so `account_sid` is not needed. Default, where the provider block holds no credentials: the environment variable `TWILIO_API_KEY`.",
				Optional:            true,
			},
			"api_secret": schema.StringAttribute{
				MarkdownDescription: "Secret of the API key. Needs `api_key`. Default, where the provider block holds no credentials: the environment variable `TWILIO_API_SECRET`.",
				Optional:            true,
				Sensitive:           true,
			},
			"endpoints": schema.SingleNestedAttribute{
				MarkdownDescription: "Base URLs of the APIs, for a gateway or a simulator: https, or http on a loopback address, without query or credentials. A path in the URL is put before the API's own. Default: Twilio itself.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"supersim": schema.StringAttribute{
						MarkdownDescription: "Base URL of the Super SIM API. Default: the environment variable `TWILIO_SUPERSIM_ENDPOINT`, or `" + twilio.Twilio.SuperSIMURL + "`.",
						Optional:            true,
					},
					"wireless": schema.StringAttribute{
						MarkdownDescription: "Base URL of the Programmable Wireless API. Default: the environment variable `TWILIO_WIRELESS_ENDPOINT`, or `" + twilio.Twilio.WirelessURL + "`.",
						Optional:            true,
					},
				},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a request that failed is made again, at most: 0 to 100. A request that reads is made again when the API answers 429 or 5xx or the connection fails; the request that sends a message only where the API cannot have processed it (it answered 429, or the connection failed before anything was written). Default: `5`.",
				Optional:            true,
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of a request may take, from connecting to the end of the answer: a number with a unit, such as `30s` or `1m30s`; more than zero. Default: `30s`.",
				Optional:            true,
			},
		},
	}
}

func (p *twilioProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	data := &providerData{clock: p.clock}
	if unknown := model.unknown(); len(unknown) > 0 {
		// A plan that only sends needs no client yet; whatever needs one says
		// why there is none.
		data.unknown = unknown
	} else {
		config, diags := model.clientConfig(p.getenv)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		config.Clock, config.Transport = p.clock, p.transport
		config.UserAgent = userAgent(p.version, req.TerraformVersion)
		config.Log = logDebug
		client, err := twilio.New(config)
		if err != nil {
			resp.Diagnostics.AddError("Invalid provider configuration", sentence(err))
			return
		}
		data.client = client
	}
	resp.ResourceData = data
	resp.DataSourceData = data
}

func (p *twilioProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newIPCommandResource}
}

func (p *twilioProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newIPCommandDataSource, newIPCommandsDataSource, newCommandsDataSource}
}
