package provider

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

type providerModel struct {
	AccountSID     types.String    `tfsdk:"account_sid"`
	AuthToken      types.String    `tfsdk:"auth_token"`
	APIKey         types.String    `tfsdk:"api_key"`
	APISecret      types.String    `tfsdk:"api_secret"`
	Profile        types.String    `tfsdk:"profile"`
	KORE           *koreModel      `tfsdk:"kore"`
	Endpoints      *endpointsModel `tfsdk:"endpoints"`
	MaxRetries     types.Int64     `tfsdk:"max_retries"`
	RequestTimeout types.String    `tfsdk:"request_timeout"`
	Window         types.String    `tfsdk:"deduplication_window"`
}

type koreModel struct {
	ClientID     types.String `tfsdk:"client_id"`
	ClientSecret types.String `tfsdk:"client_secret"`
}

type endpointsModel struct {
	SuperSIM types.String `tfsdk:"supersim"`
	Wireless types.String `tfsdk:"wireless"`
	Token    types.String `tfsdk:"token"`
}

// unknownArguments names the arguments of a provider block whose values are
// not known yet.
func unknownArguments(block tftypes.Value) ([]string, error) {
	var names []string
	err := tftypes.Walk(block, func(at *tftypes.AttributePath, v tftypes.Value) (bool, error) {
		if v.IsKnown() {
			return true, nil
		}
		var name []string
		for _, step := range at.Steps() {
			name = append(name, fmt.Sprint(step))
		}
		names = append(names, strings.Join(name, "."))
		return false, nil
	})
	slices.Sort(names)
	return names, err
}

// clientConfig combines the provider block and the process's environment into a
// configuration of the client. It makes no request.
func (m providerModel) clientConfig(p process) (twilio.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := twilio.Config{Config: rest.Config{
		MaxRetries: twilio.DefaultMaxRetries, RequestTimeout: rest.DefaultRequestTimeout, Clock: p.clock, Transport: p.transport, Rand: p.rand,
	}}
	auth, err := findCredentials(m.source(), p.getenv, profileReader(p.home))
	var mistake *credentialsError
	switch {
	case errors.As(err, &mistake):
		diags.AddAttributeError(mistake.at, mistake.summary, mistake.detail)
	case err != nil:
		diags.AddError("Credentials could not be found", sentence(err))
	}
	config.Credentials, config.Platform = auth.credentials, auth.platform
	diags.Append(m.endpoints(&config, p.getenv)...)
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if !m.RequestTimeout.IsNull() {
		config.RequestTimeout, _ = time.ParseDuration(m.RequestTimeout.ValueString()) // It was validated.
	}
	return config, diags
}

// ClientConfig returns the configuration of a client for a provider block that
// is empty: from the environment and, in the home directory, the Twilio CLI's
// file. It makes no request.
func ClientConfig(getenv func(string) string, home func() (string, error)) (twilio.Config, error) {
	config, diags := providerModel{}.clientConfig(process{getenv: getenv, home: home})
	var problems []error
	for _, d := range diags {
		problems = append(problems, errors.New(d.Summary()+": "+d.Detail()))
	}
	return config, errors.Join(problems...)
}

// endpoints sets the addresses of the APIs: from the argument endpoints, else
// from the environment.
func (m providerModel) endpoints(config *twilio.Config, getenv func(string) string) diag.Diagnostics {
	var diags diag.Diagnostics
	block := endpointsModel{}
	if m.Endpoints != nil {
		block = *m.Endpoints
	}
	endpoint := func(argument types.String, api, variable string) (address, from string) {
		if !argument.IsNull() {
			return argument.ValueString(), "endpoints." + api
		}
		v := getenv(variable)
		if v != "" {
			if problem := refusedURL("The environment variable "+variable, v); problem != "" {
				diags.AddAttributeError(path.Root("endpoints").AtName(api), "Invalid endpoint", problem)
			}
		}
		if v == "" {
			variable = ""
		}
		return v, variable
	}
	config.SuperSIMURL, config.SuperSIMFrom = endpoint(block.SuperSIM, "supersim", "TWILIO_SUPERSIM_ENDPOINT")
	config.WirelessURL, config.WirelessFrom = endpoint(block.Wireless, "wireless", "TWILIO_WIRELESS_ENDPOINT")
	switch credentials := config.Credentials.(type) {
	case rest.OAuth:
		credentials.TokenURL, _ = endpoint(block.Token, "token", "TWILIO_TOKEN_ENDPOINT")
		config.Credentials = credentials
	case rest.BasicAuth:
		if !block.Token.IsNull() {
			diags.AddAttributeError(path.Root("endpoints").AtName("token"), "Token endpoint without KORE",
				"endpoints.token is where KORE's credentials are changed for a token, but those in use are Twilio's. Remove it, or use KORE's credentials.")
		}
	}
	return diags
}
