package provider

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const maxMaxRetries = 100

type providerModel struct {
	AccountSID     types.String `tfsdk:"account_sid"`
	AuthToken      types.String `tfsdk:"auth_token"`
	APIKey         types.String `tfsdk:"api_key"`
	APISecret      types.String `tfsdk:"api_secret"`
	Profile        types.String `tfsdk:"profile"`
	KORE           types.Object `tfsdk:"kore"`
	Region         types.String `tfsdk:"region"`
	Edge           types.String `tfsdk:"edge"`
	Endpoints      types.Object `tfsdk:"endpoints"`
	MaxRetries     types.Int64  `tfsdk:"max_retries"`
	RequestTimeout types.String `tfsdk:"request_timeout"`
}

// in returns an attribute of a nested argument, null where that is null.
func in(object types.Object, name string) types.String {
	if v, ok := object.Attributes()[name].(types.String); ok {
		return v
	}
	return types.StringNull()
}

// unknown names the arguments whose values are not known yet.
func (m providerModel) unknown() []string {
	var names []string
	note := func(name string, v attr.Value) {
		if v.IsUnknown() {
			names = append(names, name)
		}
	}
	note("account_sid", m.AccountSID)
	note("auth_token", m.AuthToken)
	note("api_key", m.APIKey)
	note("api_secret", m.APISecret)
	note("profile", m.Profile)
	note("kore", m.KORE)
	note("kore.client_id", in(m.KORE, "client_id"))
	note("kore.client_secret", in(m.KORE, "client_secret"))
	note("region", m.Region)
	note("edge", m.Edge)
	note("endpoints", m.Endpoints)
	note("endpoints.supersim", in(m.Endpoints, "supersim"))
	note("endpoints.wireless", in(m.Endpoints, "wireless"))
	note("endpoints.token", in(m.Endpoints, "token"))
	note("max_retries", m.MaxRetries)
	note("request_timeout", m.RequestTimeout)
	return names
}

func (m providerModel) credentials() blockCredentials {
	return blockCredentials{
		accountSID: m.AccountSID.ValueString(), authToken: m.AuthToken.ValueString(),
		apiKey: m.APIKey.ValueString(), apiSecret: m.APISecret.ValueString(),
		profile: m.Profile.ValueString(),
		kore:    !m.KORE.IsNull(), clientID: in(m.KORE, "client_id").ValueString(), clientSecret: in(m.KORE, "client_secret").ValueString(),
	}
}

// clientConfig turns the provider block and what is around the process into a
// client's configuration. It makes no request.
func (m providerModel) clientConfig(s surroundings) (twilio.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := twilio.Config{Config: rest.Config{MaxRetries: twilio.DefaultMaxRetries, RequestTimeout: rest.DefaultRequestTimeout, Clock: s.clock, Transport: s.transport}}
	auth, err := findCredentials(m.credentials(), s.getenv, profileReader(s.home))
	var mistake *credentialsError
	switch {
	case errors.As(err, &mistake):
		diags.AddError(mistake.summary, mistake.detail)
	case err != nil:
		diags.AddError("Credentials could not be found", sentence(err))
	}
	config.Credentials, config.Platform = auth.credentials, auth.platform
	diags.Append(m.endpoints(&config, s.getenv)...)
	diags.Append(m.limits(&config)...)
	return config, diags
}

// endpoints sets the addresses of the APIs.
func (m providerModel) endpoints(config *twilio.Config, getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	supersim, wireless := m.regionalEndpoints(config.Platform, &diags)
	endpoint := func(name, variable, otherwise string) string {
		at := path.Root("endpoints").AtName(name)
		if v := in(m.Endpoints, name); !v.IsNull() {
			return checkEndpoint(v.ValueString(), "The argument", at, &diags)
		}
		if v := getenv(variable); v != "" && otherwise == "" {
			return checkEndpoint(v, "The environment variable "+variable, at, &diags)
		}
		return otherwise
	}
	config.SuperSIMURL = endpoint("supersim", "TWILIO_SUPERSIM_ENDPOINT", supersim)
	config.WirelessURL = endpoint("wireless", "TWILIO_WIRELESS_ENDPOINT", wireless)
	switch credentials := config.Credentials.(type) {
	case rest.OAuth:
		credentials.TokenURL = endpoint("token", "TWILIO_TOKEN_ENDPOINT", "")
		config.Credentials = credentials
	case rest.BasicAuth:
		if !in(m.Endpoints, "token").IsNull() {
			diags.AddAttributeError(path.Root("endpoints").AtName("token"), "Token endpoint without KORE",
				"endpoints.token is where KORE's credentials are changed for a token, but those in use are Twilio's. Remove it, or use KORE's credentials.")
		}
	}
	return diags
}

// hostLabel is what a region or an edge may be: a part of a host name.
var hostLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// regionalEndpoints returns the addresses that region and edge make. They
// come from the provider block alone: Twilio's IoT products are not among
// those that it offers by region, and a TWILIO_REGION that somebody set for
// other products must not redirect messages.
func (m providerModel) regionalEndpoints(platform twilio.Platform, diags *diag.Diagnostics) (supersim, wireless string) {
	region, edge := m.Region.ValueString(), m.Edge.ValueString()
	if m.Region.IsNull() && m.Edge.IsNull() {
		return "", ""
	}
	for name, v := range map[string]types.String{"region": m.Region, "edge": m.Edge} {
		switch {
		case v.IsNull():
			diags.AddAttributeError(path.Root(name), "Incomplete region", fmt.Sprintf("region and edge make the host together, and %s is not set. Set both or neither.", name))
		case !hostLabel.MatchString(v.ValueString()):
			diags.AddAttributeError(path.Root(name), "Invalid "+name, fmt.Sprintf("%q is not a name such as \"us1\" or \"ashburn\": lower-case letters, digits and hyphens.", v.ValueString()))
		}
	}
	if platform == twilio.KORE {
		diags.AddAttributeError(path.Root("region"), "Region on KORE", "region and edge are Twilio's, but the credentials in use are KORE's. Remove region and edge.")
	}
	if diags.HasError() {
		return "", ""
	}
	host := func(api string) string { return "https://" + api + "." + edge + "." + region + ".twilio.com" }
	return host("supersim"), host("wireless")
}

func checkEndpoint(url, what string, at path.Path, diags *diag.Diagnostics) string {
	if _, err := rest.ParseBaseURL(url); err != nil {
		if !strings.ContainsAny(url, "@?#") { // It may hold a password or a token.
			what += fmt.Sprintf(" (%q)", url)
		}
		diags.AddAttributeError(at, "Invalid endpoint", fmt.Sprintf("%s is refused: %v.", what, err))
	}
	return url
}

// limits sets the bounds of requests.
func (m providerModel) limits(config *twilio.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	if !m.RequestTimeout.IsNull() {
		d, err := time.ParseDuration(m.RequestTimeout.ValueString())
		if err != nil || d <= 0 {
			diags.AddAttributeError(path.Root("request_timeout"), "Invalid request timeout",
				fmt.Sprintf("%q is not a duration of more than zero. Give a number with a unit, such as \"30s\" or \"1m30s\".", m.RequestTimeout.ValueString()))
		}
		config.RequestTimeout = d
	}
	if !m.MaxRetries.IsNull() {
		n := m.MaxRetries.ValueInt64()
		if n < 0 || n > maxMaxRetries {
			diags.AddAttributeError(path.Root("max_retries"), "Invalid number of retries",
				fmt.Sprintf("%d is not between 0 and %d.", n, maxMaxRetries))
		}
		config.MaxRetries = int(n)
	}
	return diags
}
