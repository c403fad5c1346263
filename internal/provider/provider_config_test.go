package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

var (
	accountSID = "AC" + strings.Repeat("0", 32)
	apiKey     = "SK" + strings.Repeat("0", 32)
)

// str is a string of the provider block; empty means that it is left out.
func str(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	const token, secret = "a-token", "a-secret"
	account := map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_AUTH_TOKEN": token}
	key := map[string]string{"TWILIO_API_KEY": apiKey, "TWILIO_API_SECRET": secret}
	both := maps.Clone(account)
	maps.Copy(both, key)
	for name, row := range map[string]struct {
		account, token, key, secret string // of the provider block
		env                         map[string]string
		want                        twilio.BasicAuth
		says                        []string // of the error
	}{
		"account in the block":             {account: accountSID, token: token, want: twilio.BasicAuth{Username: accountSID, Password: token, Kind: "account SID and auth token from the provider block"}},
		"key in the block":                 {key: apiKey, secret: secret, want: twilio.BasicAuth{Username: apiKey, Password: secret, Kind: "API key from the provider block"}},
		"account in the environment":       {env: account, want: twilio.BasicAuth{Username: accountSID, Password: token, Kind: "account SID and auth token from the environment"}},
		"key in the environment":           {env: key, want: twilio.BasicAuth{Username: apiKey, Password: secret, Kind: "API key from the environment"}},
		"a key is preferred":               {env: both, want: twilio.BasicAuth{Username: apiKey, Password: secret, Kind: "API key from the environment"}},
		"the block is preferred":           {account: accountSID, token: token, env: key, want: twilio.BasicAuth{Username: accountSID, Password: token, Kind: "account SID and auth token from the provider block"}},
		"a key beside its account":         {account: accountSID, key: apiKey, secret: secret, want: twilio.BasicAuth{Username: apiKey, Password: secret, Kind: "API key from the provider block"}},
		"nothing":                          {says: []string{"api_key", "api_secret", "account_sid", "auth_token", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"}},
		"an account without token":         {account: accountSID, says: []string{"account_sid is set in the provider block, but auth_token is not"}},
		"a token without account":          {token: token, says: []string{"auth_token is set in the provider block, but account_sid is not"}},
		"a key without secret":             {key: apiKey, env: account, says: []string{"api_key is set in the provider block, but api_secret is not"}},
		"a secret without key":             {env: map[string]string{"TWILIO_API_SECRET": secret}, says: []string{"TWILIO_API_SECRET is set in the environment, but TWILIO_API_KEY is not"}},
		"halves of two sources":            {account: accountSID, env: map[string]string{"TWILIO_AUTH_TOKEN": token}, says: []string{"must come from the same place"}},
		"a malformed account SID":          {account: "AC123", token: token, says: []string{"account_sid", "AC and 32 hexadecimal digits", `"AC123"`}},
		"a malformed key":                  {env: map[string]string{"TWILIO_API_KEY": accountSID, "TWILIO_API_SECRET": secret}, says: []string{"TWILIO_API_KEY", "SK and 32 hexadecimal digits"}},
		"an account SID that is no longer": {account: accountSID + "0", token: token, says: []string{"AC and 32 hexadecimal digits"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			model := providerModel{AccountSID: str(row.account), AuthToken: str(row.token), APIKey: str(row.key), APISecret: str(row.secret)}
			config, diags := model.clientConfig(getenv(row.env))
			if len(row.says) == 0 {
				if diags.HasError() || config.Credentials != row.want {
					t.Fatalf("got %v, %v", config.Credentials, diags)
				}
				return
			}
			if diags.ErrorsCount() != 1 {
				t.Fatalf("got %v, want one error", diags)
			}
			for _, s := range row.says {
				if !strings.Contains(diags[0].Detail(), s) {
					t.Errorf("%q does not say %q", diags[0].Detail(), s)
				}
			}
			for _, leak := range []string{token, secret} {
				if strings.Contains(diags[0].Detail(), leak) {
					t.Errorf("%q tells a secret", diags[0].Detail())
				}
			}
		})
	}
}

func TestClientConfig(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_AUTH_TOKEN": "t",
		"TWILIO_SUPERSIM_ENDPOINT": "https://env.example.com/a", "TWILIO_WIRELESS_ENDPOINT": "http://127.0.0.1:1",
	}
	config, diags := providerModel{}.clientConfig(getenv(env))
	if diags.HasError() || config.SuperSIMURL != "https://env.example.com/a" || config.WirelessURL != "http://127.0.0.1:1" ||
		config.MaxRetries != 5 || config.RequestTimeout != 30*time.Second {
		t.Errorf("%+v %v", config, diags)
	}
	config, diags = providerModel{
		Endpoints:      &endpointsModel{SuperSIM: str("https://block.example.com")},
		RequestTimeout: str("1m30s"), MaxRetries: types.Int64Value(0),
	}.clientConfig(getenv(env))
	if diags.HasError() || config.SuperSIMURL != "https://block.example.com" || config.WirelessURL != "http://127.0.0.1:1" ||
		config.MaxRetries != 0 || config.RequestTimeout != 90*time.Second {
		t.Errorf("%+v %v", config, diags)
	}
}

// TestAccProviderConfig_bad wants every mistake in the provider block refused
// before a request, by a plan.
func TestAccProviderConfig_bad(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		`request_timeout = "0s"`:                               `"0s" is not a duration of more than zero`,
		`request_timeout = "soon"`:                             `"soon" is not a duration`,
		`max_retries = -1`:                                     "-1 is not between 0 and 100",
		`max_retries = 101`:                                    "101 is not between 0 and 100",
		`auth_token = ""`:                                      "account_sid is set in the provider block, but auth_token is not",
		`api_key = "SK1"`:                                      "api_key is set in the provider block, but api_secret is not",
		`endpoints = { supersim = "x" }`:                       "give one such as https://supersim.twilio.com",
		`endpoints = { wireless = "" }`:                        `The argument ("") is refused`,
		`endpoints = { supersim = "http://example.com" }`:      "http is for loopback addresses only",
		`endpoints = { wireless = "https://u:p@example.com" }`: "must not contain credentials",
		`endpoints = { wireless = "https://example.com?a=b" }`: "no query",
	}
	for _, argument := range slices.Sorted(maps.Keys(rows)) {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			arguments := map[string]string{
				"account_sid": quoted(twiliosim.DefaultAccountSID), "auth_token": quoted(twiliosim.DefaultAuthToken),
				"endpoints": fmt.Sprintf("{ supersim = %[1]q, wireless = %[1]q }", w.url),
			}
			name, v, _ := strings.Cut(argument, " = ")
			arguments[name] = v
			c := w.newCLI(t)
			block := "provider \"twilio\" {\n"
			for name, v := range arguments {
				block += "  " + name + " = " + v + "\n"
			}
			c.write(block + "}\n" + `data "twilio_commands" "test" {}`)
			got := c.run("plan", "-input=false", "-no-color")
			if got.exit != 1 || !strings.Contains(oneLine(got.output), rows[argument]) || len(w.Requests()) != 0 {
				t.Errorf("exit code %d, %d requests, want %q in:\n%s", got.exit, len(w.Requests()), rows[argument], got.output)
			}
		})
	}
}

// TestAccProviderConfig_environment configures everything by the environment.
func TestAccProviderConfig_environment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.env = map[string]string{
		"TWILIO_API_KEY": twiliosim.DefaultAPIKey, "TWILIO_API_SECRET": twiliosim.DefaultAPISecret,
		"TWILIO_SUPERSIM_ENDPOINT": w.url, "TWILIO_WIRELESS_ENDPOINT": w.url,
	}
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	c.write(valve("") + `data "twilio_commands" "test" {}`)
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	if w.posts() != 1 || w.Count("GET", "/v1/Commands") == 0 {
		t.Errorf("the simulator has seen %v", w.Requests())
	}
	for _, r := range w.Requests() {
		if agent := r.Header.Get("User-Agent"); !strings.HasPrefix(agent, "terraform-provider-twilio/test Terraform/1.") {
			t.Errorf("User-Agent is %q", agent)
		}
	}
}

// TestAccProviderConfig_unknown has credentials that another resource makes: a
// plan that only sends needs none, and the apply has them.
func TestAccProviderConfig_unknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	block := fmt.Sprintf(`
resource "terraform_data" "token" {
  input = %q
}

provider "twilio" {
  account_sid = %q
  auth_token  = terraform_data.token.output
  endpoints   = { supersim = %[3]q, wireless = %[3]q }
}
`, twiliosim.DefaultAuthToken, twiliosim.DefaultAccountSID, w.url)
	c.write(block + `data "twilio_commands" "test" {}`)
	got := c.run("plan", "-input=false", "-no-color")
	if got.exit != 1 || !strings.Contains(oneLine(got.output), "known only after apply: auth_token") {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
	c.write(block + valve(""))
	if got := c.apply(); got.exit != 0 || w.posts() != 1 {
		t.Errorf("exit code %d, %d POSTs:\n%s", got.exit, w.posts(), got.output)
	}
}

// TestAccProviderConfig_wrongCredentials names the credentials that the API
// did not accept, without their secrets, and says that nothing was sent.
func TestAccProviderConfig_wrongCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{AuthToken: "another"})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	c.write(w.provider() + valve(""))
	got := c.apply()
	text := oneLine(got.output)
	for _, want := range []string{"nothing was sent", "HTTP 401", "account SID and auth token from the provider block", twiliosim.DefaultAccountSID} {
		if got.exit != 1 || !strings.Contains(text, want) {
			t.Errorf("exit code %d, want %q in:\n%s", got.exit, want, got.output)
		}
	}
	if strings.Contains(text, twiliosim.DefaultAuthToken) {
		t.Error("the output tells the auth token")
	}
	if w.posts() != 1 {
		t.Errorf("%d POSTs", w.posts())
	}
}
