// Package provider is all that Terraform sees: the provider block, the
// resource, the data sources, the action, the list resource, the ephemeral
// resource and the functions, each in a file named after it.
package provider

import (
	"context"
	"net/http"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// Address is the provider's address in the registry.
const Address = "registry.terraform.io/seed-0925943e/twilio"

// New returns a factory of the provider in a version, such as "1.2.3".
func New(version string) func() provider.Provider {
	return newWith(version, process{getenv: os.Getenv, home: os.UserHomeDir, clock: clock.System{}})
}

// process is what the provider uses of the process that it runs in. Tests give
// each provider one of its own, so that they can run in parallel.
type process struct {
	getenv func(string) string
	// home returns the user's home directory, for the Twilio CLI's file.
	home  func() (string, error)
	clock clock.Clock
	// transport carries the requests, and rand returns random numbers below 1;
	// nil means the client's own.
	transport http.RoundTripper
	rand      func() float64
}

func newWith(version string, p process) func() provider.Provider {
	return func() provider.Provider { return &twilioProvider{version: version, process: p} }
}

type twilioProvider struct {
	version string
	process
}

var (
	_ provider.Provider                       = (*twilioProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*twilioProvider)(nil)
	_ provider.ProviderWithFunctions          = (*twilioProvider)(nil)
	_ provider.ProviderWithListResources      = (*twilioProvider)(nil)
	_ provider.ProviderWithActions            = (*twilioProvider)(nil)
)

func (p *twilioProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
	resp.Version = p.version
}

func (p *twilioProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	credential := func(description, variable string, isSecret bool) schema.Attribute {
		return schema.StringAttribute{
			MarkdownDescription: description + " Environment: `" + variable + "`.",
			Optional:            true,
			Sensitive:           isSecret,
		}
	}
	endpoint := func(description string) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{apiURL()}}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends UDP messages (*IP Commands*) to devices behind Twilio Super SIMs during `terraform apply`, " +
			"and looks up the messages sent to and received from SIMs.",
		Attributes: map[string]schema.Attribute{
			"api_key":     credential("SID of an API key, `SK…`, with `api_secret`.", "TWILIO_API_KEY", false),
			"api_secret":  credential("Secret of the API key.", "TWILIO_API_SECRET", true),
			"account_sid": credential("SID of the account, `AC…`, with `auth_token`.", "TWILIO_ACCOUNT_SID", false),
			"auth_token":  credential("Auth token of the account.", "TWILIO_AUTH_TOKEN", true),
			"profile": schema.StringAttribute{
				MarkdownDescription: "Profile of the Twilio CLI. Environment: `TWILIO_PROFILE`.",
				Optional:            true,
			},
			"kore": schema.SingleNestedAttribute{
				MarkdownDescription: "API client of KORE; `{}` takes it from the environment.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"client_id": schema.StringAttribute{
						MarkdownDescription: "Environment: `KORE_CLIENT_ID`.",
						Optional:            true,
					},
					"client_secret": schema.StringAttribute{
						MarkdownDescription: "Environment: `KORE_CLIENT_SECRET`.",
						Optional:            true,
						Sensitive:           true,
					},
				},
			},
			"endpoints": schema.SingleNestedAttribute{
				MarkdownDescription: "Addresses of the APIs: https URLs, or http on a loopback address.",
				Optional:            true,
				Attributes: map[string]schema.Attribute{
					"supersim": endpoint("Base URL. Environment: `TWILIO_SUPERSIM_ENDPOINT`."),
					"wireless": endpoint("Base URL. Environment: `TWILIO_WIRELESS_ENDPOINT`."),
					"token":    endpoint("Whole URL of KORE's token endpoint. Environment: `TWILIO_TOKEN_ENDPOINT`."),
				},
			},
			"deduplication_window": schema.StringAttribute{
				MarkdownDescription: "Default of the `deduplication_window` of each `twilio_ip_command` resource; not of actions. Default: none.",
				Optional:            true,
				Validators:          []validator.String{windowValidator()},
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: "How often a failed request is repeated at most, 0 to 100; one that sends only where the API cannot have processed it. Default: `5`.",
				Optional:            true,
				Validators:          []validator.Int64{int64validator.Between(0, 100)},
			},
			"request_timeout": schema.StringAttribute{
				MarkdownDescription: "How long one attempt of a request may take. Default: `30s`.",
				Optional:            true,
				Validators:          []validator.String{positiveDuration("")},
			},
		},
	}
}

func (p *twilioProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	unknown, err := unknownArguments(req.Config.Raw)
	if err != nil {
		resp.Diagnostics.AddError("Invalid provider configuration", sentence(err))
		return
	}
	if slices.Contains(losesState, req.TerraformVersion) {
		resp.Diagnostics.AddWarning("Terraform "+req.TerraformVersion+" can lose what was sent",
			"This version crashes when several messages of one apply fail, and the state then lacks what the apply had sent: the next one sends it again. "+
				"Use another version of Terraform, or apply with -parallelism=1.")
	}
	// A plan that only sends needs no client yet. Anything that does need one
	// reports which arguments are unknown.
	data := &providerData{clock: p.clock, unknown: unknown, dropsWarnings: strings.HasPrefix(req.TerraformVersion, "1.16.")}
	if len(unknown) == 0 {
		var model providerModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
		if resp.Diagnostics.HasError() {
			return
		}
		config, diags := model.clientConfig(p.process)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
		config.UserAgent = userAgent(p.version, req.TerraformVersion, p.getenv("TF_APPEND_USER_AGENT"))
		config.Log = func(ctx context.Context, msg string, fields map[string]any) { tflog.Debug(ctx, msg, fields) }
		client, err := twilio.New(config)
		if err != nil {
			resp.Diagnostics.AddError("Invalid provider configuration", sentence(err))
			return
		}
		data.client, data.window = client, parseDuration(model.Window)
	} else if req.ClientCapabilities.DeferralAllowed { // What needs a client can wait for the next plan.
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

// losesState are the versions of Terraform that crash while they write a state
// in which another create has just ended with an error, and leave a file
// without it.
var losesState = []string{"1.16.0", "1.16.1", "1.16.2", "1.16.3", "1.16.4"}

// userAgent names the versions of the provider and the CLI, and what the
// environment adds, as in other providers. White space and control characters,
// most of which a header can't carry, become single spaces.
func userAgent(version, terraformVersion, added string) string {
	words := strings.FieldsFunc(added, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return strings.Join(append([]string{"terraform-provider-twilio/" + version, "Terraform/" + terraformVersion}, words...), " ")
}

func (p *twilioProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newIPCommandResource}
}

func (p *twilioProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{newObjectDataSource(ipCommand), newObjectDataSource(command), newListDataSource(ipCommands), newListDataSource(commands), newListDataSource(superSIMs)}
}

func (p *twilioProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newIPCommandsEphemeral}
}

func (p *twilioProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newHexToBase64, newBase64ToHex}
}

func (p *twilioProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newIPCommandList}
}

func (p *twilioProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newIPCommandAction, newIPCommandRolloutAction}
}
