package provider

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
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

// around is a process with these environment variables and no home directory.
func around(env map[string]string) process {
	return process{getenv: getenv(env), home: func() (string, error) { return "", errors.New("none") }}
}

func TestClientConfig(t *testing.T) {
	t.Parallel()
	twilioEnv := map[string]string{"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_AUTH_TOKEN": "t"}
	koreEnv := map[string]string{"KORE_CLIENT_ID": "id", "KORE_CLIENT_SECRET": "s", "TWILIO_TOKEN_ENDPOINT": "https://env.example.com/token"}
	endpointsEnv := map[string]string{
		"TWILIO_ACCOUNT_SID": accountSID, "TWILIO_AUTH_TOKEN": "t", "TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin",
		"TWILIO_SUPERSIM_ENDPOINT": "https://env.example.com/a", "TWILIO_WIRELESS_ENDPOINT": "http://127.0.0.1:1",
	}
	for name, row := range map[string]struct {
		model                     providerModel
		env                       map[string]string
		supersim, wireless, token string
		retries                   int
		timeout                   time.Duration
		platform                  twilio.Platform
	}{
		"defaults": {env: twilioEnv, retries: 5, timeout: 30 * time.Second, platform: twilio.Twilio},
		"endpoints in the environment": {
			env: endpointsEnv, supersim: "https://env.example.com/a", wireless: "http://127.0.0.1:1", retries: 5, timeout: 30 * time.Second, platform: twilio.Twilio,
		},
		"the block is preferred": {
			model: providerModel{
				Endpoints:      &endpointsModel{SuperSIM: str("https://block.example.com")},
				RequestTimeout: str("1m30s"), MaxRetries: types.Int64Value(0),
			},
			env: endpointsEnv, supersim: "https://block.example.com", wireless: "http://127.0.0.1:1", timeout: 90 * time.Second, platform: twilio.Twilio,
		},
		"KORE": {env: koreEnv, token: "https://env.example.com/token", retries: 5, timeout: 30 * time.Second, platform: twilio.KORE},
		"KORE's token endpoint": {
			model: providerModel{Endpoints: &endpointsModel{Token: str("https://block.example.com/token")}},
			env:   koreEnv, token: "https://block.example.com/token", retries: 5, timeout: 30 * time.Second, platform: twilio.KORE,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, diags := row.model.clientConfig(around(row.env))
			if diags.HasError() {
				t.Fatal(diags)
			}
			token := ""
			if o, ok := config.Credentials.(rest.OAuth); ok {
				token = o.TokenURL
			}
			if config.SuperSIMURL != row.supersim || config.WirelessURL != row.wireless || token != row.token ||
				config.MaxRetries != row.retries || config.RequestTimeout != row.timeout || config.Platform != row.platform {
				t.Errorf("%+v", config)
			}
		})
	}
}

// TestAccProviderConfig_bad wants every mistake in the provider block refused
// before a request, by a plan.
func TestAccProviderConfig_bad(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		`request_timeout = "0s"`:                               `"0s" is not a duration of more than zero`,
		`request_timeout = "soon"`:                             `"soon" is not a duration`,
		`max_retries = -1`:                                     "must be between 0 and 100, got: -1",
		`max_retries = 101`:                                    "must be between 0 and 100, got: 101",
		`auth_token = ""`:                                      "account_sid is set in the provider block, but auth_token is not",
		`api_key = "SK1"`:                                      "api_key is set in the provider block, but api_secret is not",
		`endpoints = { supersim = "x" }`:                       "give one such as https://api.example.com",
		`endpoints = { wireless = "" }`:                        `The argument ("") is refused`,
		`endpoints = { supersim = "http://example.com" }`:      "http is for loopback addresses only",
		`endpoints = { wireless = "https://u:p@example.com" }`: "must not contain credentials",
		`endpoints = { wireless = "https://example.com?a=b" }`: "no query",
		`endpoints = { token = "https://example.com" }`:        "Remove it, or use KORE's credentials",
		`kore = {}`:                                     "holds credentials of Twilio and of KORE",
		`kore = { client_id = "x" }`:                    "holds credentials of Twilio and of KORE",
		`profile = "default"`:                           "Remove one of them",
		`auth_token = "abc\n"`:                          "auth_token in the provider block must be of printable characters",
		"TWILIO_SUPERSIM_ENDPOINT = http://example.com": "The environment variable TWILIO_SUPERSIM_ENDPOINT",
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
			if arguments[name] = v; strings.HasPrefix(name, "TWILIO_") {
				w.env[name] = v
				delete(arguments, name)
				delete(arguments, "endpoints")
			}
			c := w.newCLI(t)
			block := "provider \"twilio\" {\n"
			for name, v := range arguments {
				block += "  " + name + " = " + v + "\n"
			}
			c.write(block + "}\n" + `data "twilio_commands" "test" {}`)
			c.refuses(c.plan(), rows[argument])
		})
	}
}

// TestClientConfig_unusable has a credential that white space came along with, or
// what no header carries: an error on its argument, which does not tell it.
func TestClientConfig_unusable(t *testing.T) {
	t.Parallel()
	good := map[string]string{"account_sid": accountSID, "auth_token": "t0ken-of-it", "api_key": apiKey, "api_secret": "s3cret-of-it", "client_id": "cl1ent-of-it", "client_secret": "s4cret-of-it"}
	for name := range good {
		for _, bad := range []string{"%s\n", "%s\r\n", " %s", "%s\t", "%s\u00a0", "\ufeff%s", "%s\x00", "%sé", "a b%s"} {
			values := maps.Clone(good)
			values[name] = strings.Replace(bad, "%s", good[name], 1)
			model, at := providerModel{}, path.Root(name)
			switch name {
			case "account_sid", "auth_token":
				model.AccountSID, model.AuthToken = str(values["account_sid"]), str(values["auth_token"])
			case "api_key", "api_secret":
				model.APIKey, model.APISecret = str(values["api_key"]), str(values["api_secret"])
			default:
				model.KORE, at = &koreModel{ClientID: str(values["client_id"]), ClientSecret: str(values["client_secret"])}, path.Root("kore").AtName(name)
			}
			_, diags := model.clientConfig(around(nil))
			if len(diags) != 1 {
				t.Fatalf("%s = %q: %v", name, values[name], diags)
			}
			where, isAt := diags[0].(diag.DiagnosticWithPath)
			if !isAt || !where.Path().Equal(at) || strings.Contains(where.Detail(), "of-it") || diags[0].Summary() != "Invalid credentials" {
				t.Errorf("%s = %q: %v", name, values[name], diags)
			}
		}
	}
}

// TestSchema_secretsAreSensitive marks every argument of the provider block that
// is a secret by its name as one.
func TestSchema_secretsAreSensitive(t *testing.T) {
	t.Parallel()
	var got []string
	var walk func(prefix string, attributes map[string]schema.Attribute)
	walk = func(prefix string, attributes map[string]schema.Attribute) {
		for name, a := range attributes {
			if nested, ok := a.(schema.SingleNestedAttribute); ok {
				walk(prefix+name+".", nested.Attributes)
			}
			if isSecret := strings.HasSuffix(name, "_secret") || strings.HasSuffix(name, "_token"); isSecret != a.IsSensitive() {
				t.Errorf("%s%s is sensitive: %t", prefix, name, a.IsSensitive())
			} else if isSecret {
				got = append(got, prefix+name)
			}
		}
	}
	var resp provider.SchemaResponse
	newWith("test", around(nil))().Schema(t.Context(), provider.SchemaRequest{}, &resp)
	walk("", resp.Schema.Attributes)
	slices.Sort(got)
	if want := []string{"api_secret", "auth_token", "kore.client_secret"}; !slices.Equal(got, want) {
		t.Errorf("the secrets are %v, want %v", got, want)
	}
}

// TestAccProviderConfig_profileOfRegion has the API refuse the key of a profile of
// the Twilio CLI that is one for a region: the error says that, and no other cause.
func TestAccProviderConfig_profileOfRegion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.env = w.endpoints()
	dir := filepath.Join(w.home, ".twilio-cli")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf(`{"activeProject":"dublin","profiles":{"dublin":{"apiKey":%q,"apiSecret":"wrong","region":"ie1"}}}`, twiliosim.DefaultAPIKey)
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c := w.newCLI(t)
	c.write(`data "twilio_commands" "test" {}`)
	got := c.plan()
	text := oneLine(got.output)
	if got.exit != 1 || !strings.Contains(text, `HTTP 401`) || !strings.Contains(text, `The profile "dublin" is one for the region ie1`) || strings.Contains(text, "Common causes") {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
}

// TestAccProviderConfig_badAtApply has values that are known only at apply.
func TestAccProviderConfig_badAtApply(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	for argument, says := range map[string]string{
		"max_retries = terraform_data.bad.output":     "must be between 0 and 100",
		"request_timeout = terraform_data.bad.output": "is not a duration of more than zero",
	} {
		t.Run(argument, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.providerWith(argument) + valve("") + "resource \"terraform_data\" \"bad\" {\n  input = \"-1\"\n}\n")
			c.succeeds(c.plan()) // It does not know the values.
			c.refuses(c.apply(), says)
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
		"TF_APPEND_USER_AGENT": " pipeline/7\r\n(fleet\x00\x7f team, Zürich)\t",
	}
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	c.write(valve("") + `data "twilio_commands" "test" {}`)
	c.succeeds(c.apply())
	if w.posts() != 1 || w.Count("GET", "/v1/Commands") == 0 {
		t.Errorf("the simulator has seen %v", w.Requests())
	}
	for _, r := range w.Requests() {
		agent := r.Header.Get("User-Agent")
		if !regexp.MustCompile(`^terraform-provider-twilio/test Terraform/1\.[^ ]+ pipeline/7 \(fleet team, Zürich\)$`).MatchString(agent) {
			t.Errorf("User-Agent is %q", agent)
		}
	}
}

// TestAccProviderConfig_unknown has credentials that another resource makes: a
// plan that only sends needs none, and the apply has them.
func TestAccProviderConfig_unknown(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w, c := newValve(t, twiliosim.SIM{})
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
	got := c.plan()
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
