package provider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// protocolServer is the provider as the CLI sees it, called without a CLI.
type protocolServer struct {
	tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func newProtocolServer(tb testing.TB, url string) *protocolServer {
	tb.Helper()
	env := map[string]string{
		"TWILIO_ACCOUNT_SID": twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN": twiliosim.DefaultAuthToken,
		"TWILIO_SUPERSIM_ENDPOINT": url, "TWILIO_WIRELESS_ENDPOINT": url,
	}
	s := &protocolServer{ProviderServer: serve(newWith("test", process{getenv: getenv(env), home: func() (string, error) { return tb.TempDir(), nil }, clock: clock.System{}}))()}
	var err error
	if s.schema, err = s.GetProviderSchema(tb.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		tb.Fatal(err)
	}
	config := s.block(tb, s.schema.Provider, nil)
	resp, err := s.ConfigureProvider(context.WithoutCancel(tb.Context()), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || len(resp.Diagnostics) > 0 {
		tb.Fatal(err, resp)
	}
	return s
}

// block is a block of a schema in which only these attributes are set.
func (s *protocolServer) block(tb testing.TB, schema *tfprotov6.Schema, set map[string]any) *tfprotov6.DynamicValue {
	tb.Helper()
	object := schema.ValueType().(tftypes.Object)
	attributes := make(map[string]tftypes.Value)
	for name, t := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(t, set[name])
	}
	v, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, attributes))
	if err != nil {
		tb.Fatal(err)
	}
	return &v
}
