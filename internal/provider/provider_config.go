package provider

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

const maxMaxRetries = 100

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
	note("max_retries", m.MaxRetries)
	note("request_timeout", m.RequestTimeout)
	note("endpoints.supersim", m.endpoints().SuperSIM)
	note("endpoints.wireless", m.endpoints().Wireless)
	return names
}

func (m providerModel) endpoints() endpointsModel {
	if m.Endpoints == nil {
		return endpointsModel{}
	}
	return *m.Endpoints
}

// clientConfig turns the provider block and the environment into a client's
// configuration. It makes no request.
func (m providerModel) clientConfig(getenv func(string) string) (twilio.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	config := twilio.Config{MaxRetries: twilio.DefaultMaxRetries, RequestTimeout: twilio.DefaultRequestTimeout}
	config.Credentials = m.credentials(getenv, &diags)
	endpoints := path.Root("endpoints")
	config.SuperSIMURL = endpoint(m.endpoints().SuperSIM, endpoints.AtName("supersim"), "TWILIO_SUPERSIM_ENDPOINT", getenv, &diags)
	config.WirelessURL = endpoint(m.endpoints().Wireless, endpoints.AtName("wireless"), "TWILIO_WIRELESS_ENDPOINT", getenv, &diags)
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
	return config, diags
}

func endpoint(v types.String, at path.Path, variable string, getenv func(string) string, diags *diag.Diagnostics) string {
	url, source := v.ValueString(), "The argument"
	if v.IsNull() {
		url, source = getenv(variable), "The environment variable "+variable
		if url == "" {
			return ""
		}
	}
	if _, err := twilio.ParseBaseURL(url); err != nil {
		if !strings.Contains(url, "@") { // It may hold a password.
			source += fmt.Sprintf(" (%q)", url)
		}
		diags.AddAttributeError(at, "Invalid endpoint", fmt.Sprintf("%s is refused: %v.", source, err))
	}
	return url
}

// pair is the two halves of one way to authenticate, in one source.
type pair struct {
	kind, source       string
	idName, secretName string
	id, secret         string
	idPattern          *regexp.Regexp
	idForm             string
}

var (
	accountSIDPattern = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	apiKeyPattern     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
)

// credentials finds the credentials: the provider block before the
// environment, and in each an API key before an account's auth token. The
// first source that holds anything must hold a whole pair; half of one is
// what the user meant to give, and not passed over.
func (m providerModel) credentials(getenv func(string) string, diags *diag.Diagnostics) twilio.Credentials {
	block := func(name string) string {
		return map[string]types.String{"account_sid": m.AccountSID, "auth_token": m.AuthToken, "api_key": m.APIKey, "api_secret": m.APISecret}[name].ValueString()
	}
	for _, source := range []struct {
		name string
		get  func(string) string
		as   func(string) string
	}{
		{"the provider block", block, func(name string) string { return name }},
		{"the environment", getenv, func(name string) string { return "TWILIO_" + strings.ToUpper(name) }},
	} {
		key := pair{kind: "API key", idName: "api_key", secretName: "api_secret", idPattern: apiKeyPattern, idForm: "SK and 32 hexadecimal digits"}
		account := pair{kind: "account SID and auth token", idName: "account_sid", secretName: "auth_token", idPattern: accountSIDPattern, idForm: "AC and 32 hexadecimal digits"}
		for _, p := range []pair{key, account} {
			p.source = source.name
			p.idName, p.secretName = source.as(p.idName), source.as(p.secretName)
			p.id, p.secret = source.get(p.idName), source.get(p.secretName)
			switch {
			case p.id == "" && p.secret == "":
				continue
			case p.id == "" || p.secret == "":
				diags.AddError("Incomplete Twilio credentials", p.missing())
			case !p.idPattern.MatchString(p.id):
				diags.AddError("Invalid Twilio credentials", fmt.Sprintf("%s in %s must be %s; %q is not.", p.idName, p.source, p.idForm, p.id))
			default:
				return twilio.BasicAuth{Username: p.id, Password: p.secret, Kind: p.kind + " from " + p.source}
			}
			return nil
		}
	}
	diags.AddError("Missing Twilio credentials",
		"No credentials were found. Give either api_key and api_secret (recommended) or account_sid and auth_token in the provider block, "+
			"or set the environment variables TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.")
	return nil
}

func (p pair) missing() string {
	there, missing := p.idName, p.secretName
	if p.id == "" {
		there, missing = missing, there
	}
	return fmt.Sprintf("%s is set in %s, but %s is not. The two must come from the same place: set both there, or neither.", there, p.source, missing)
}
