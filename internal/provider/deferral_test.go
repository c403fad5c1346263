package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestConfigure_deferral has a provider block that is not known yet: a data source is
// deferred where the CLI allows that, and fails otherwise.
func TestConfigure_deferral(t *testing.T) {
	t.Parallel()
	for _, isAllowed := range []bool{false, true} {
		s, schema := newWorld(t, twiliosim.Config{}).server(t)
		config := tfcore.Encode(tfcore.Whole(schema.Provider, map[string]any{"api_key": tfcore.Unknown}))
		configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
			Config: config, ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: isAllowed},
		})
		if err != nil || len(configured.Diagnostics) > 0 {
			t.Fatal(err, configured)
		}
		const name = "twilio_super_sims"
		resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: name, Config: tfcore.Encode(tfcore.Whole(schema.DataSourceSchemas[name], nil)),
			ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: isAllowed},
		})
		if err != nil || (resp.Deferred != nil) != isAllowed || (len(resp.Diagnostics) > 0) == isAllowed {
			t.Errorf("deferral allowed %t: %+v, %v", isAllowed, resp, err)
		}
	}
}
