package provider

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestMain points the acceptance tests at the Terraform CLI that `make
// bin/terraform` builds, unless the environment names another. They never look
// for one to download.
func TestMain(m *testing.M) {
	if isCrashProcess() {
		if err := crashMain(); err != nil {
			log.Fatal(err)
		}
		return
	}
	if os.Getenv("TF_ACC_TERRAFORM_PATH") == "" {
		if cli, err := filepath.Abs("../../bin/terraform"); err == nil {
			_ = os.Setenv("TF_ACC_TERRAFORM_PATH", cli)
		}
	}
	// Nor do they read the settings of whoever runs them.
	_ = os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	// Fewer walks than rapid's 100, for their time; `make model` plays more.
	_ = flag.Set("rapid.checks", "60")
	// A walk that fails is printed, and not written to where each later run would
	// play it again, whatever it means by then.
	_ = flag.Set("rapid.nofailfile", "true")
	code := m.Run()
	removeBinary()
	os.Exit(code)
}

// requireCLI fails an acceptance test that has no CLI to run on.
func requireCLI(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(os.Getenv("TF_ACC_TERRAFORM_PATH")); err != nil {
		t.Fatalf("acceptance tests need a Terraform CLI; run `make bin/terraform`, or set TF_ACC_TERRAFORM_PATH: %v", err)
	}
}

// world is what a test has for itself: a simulator, its address, and the
// clock that both the simulator and the provider live by.
type world struct {
	*twiliosim.Simulator
	clock *clock.Fake
	url   string
	env   map[string]string
	// home is the user's home directory.
	home string
	// transport, when not nil, carries the provider's requests.
	transport http.RoundTripper
}

// start is the moment at which every world begins.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, config twiliosim.Config) *world {
	t.Helper()
	w := &world{clock: clock.NewFake(start), env: map[string]string{}, home: t.TempDir()}
	config.Now = w.clock.Now
	w.Simulator = twiliosim.New(config)
	server, err := twiliosim.Serve(w.Simulator, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.url = server.URL
	return w
}

// provider is a provider block that reaches the simulator.
func (w *world) provider() string {
	return w.providerWith("")
}

// newKOREWorld is a world at KORE, with its credentials in the environment.
func newKOREWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, twiliosim.Config{Platform: twiliosim.KORE})
	w.env = w.endpoints()
	w.env["KORE_CLIENT_ID"], w.env["KORE_CLIENT_SECRET"] = twiliosim.DefaultClientID, twiliosim.DefaultClientSecret
	return w
}

// endpoints is an environment that leads to the simulator.
func (w *world) endpoints() map[string]string {
	return map[string]string{
		"TWILIO_SUPERSIM_ENDPOINT": w.url, "TWILIO_WIRELESS_ENDPOINT": w.url, "TWILIO_TOKEN_ENDPOINT": w.url + twiliosim.TokenPath,
	}
}

// providerWith is provider with further arguments.
func (w *world) providerWith(arguments string) string {
	return fmt.Sprintf(`
provider "twilio" {
  account_sid = %q
  auth_token  = %q
  endpoints   = { supersim = %[3]q, wireless = %[3]q }
  %[4]s
}
`, twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken, w.url, arguments)
}

// test runs the steps of a case. Every case ends with a destroy, which must
// make no request (rule R7).
func (w *world) test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	requireCLI(t)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps:                    steps,
	})
	w.checkNoDelete(t)
}

// process is the process that this world is for a provider.
func (w *world) process() process {
	return process{getenv: getenv(w.env), home: func() (string, error) { return w.home, nil }, clock: w.clock, transport: w.transport}
}

func (w *world) factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"twilio": func() (tfprotov6.ProviderServer, error) { return serve(newWith("test", w.process()))(), nil },
	}
}

// server is the provider as the CLI sees it, called without a CLI.
func (w *world) server(t *testing.T) (*server, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()
	s := serve(newWith("test", w.process()))().(*server)
	schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return s, schema
}

func (w *world) checkNoDelete(t *testing.T) {
	t.Helper()
	for _, r := range w.Requests() {
		if r.Method != "GET" && r.Method != "POST" {
			t.Errorf("the provider made the request %s %s", r.Method, r.Path)
		}
	}
}

// posts is how many messages the simulator was asked to send.
func (w *world) posts() int { return w.Count("POST", "/v1/IpCommands") }

// gets is how many requests asked the simulator for anything.
func (w *world) gets() int { return w.Count("GET", "/") }

// checkPosts is a check that the simulator has seen exactly n POSTs.
func (w *world) checkPosts(n int) resource.TestCheckFunc {
	return check(func() error {
		if got := w.posts(); got != n {
			return fmt.Errorf("the simulator has seen %d POSTs, want %d", got, n)
		}
		return nil
	})
}

// settledPlan wants a plan without changes once everything was applied.
func settledPlan() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
}

func hcl(blocks ...string) string { return strings.Join(blocks, "\n") }

func check(f func() error) resource.TestCheckFunc {
	return func(*terraform.State) error { return f() }
}
