package provider

import (
	"context"
	"maps"
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
	s := &protocolServer{ProviderServer: serve(newWith("test", surroundings{getenv: getenv(env), home: func() (string, error) { return tb.TempDir(), nil }, clock: clock.System{}}))()}
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

// TestCreate_checksAgain has a message applied that no CLI would let through:
// whatever was or was not checked before, a bad value makes no request.
func TestCreate_checksAgain(t *testing.T) {
	t.Parallel()
	const name = "twilio_ip_command"
	good := map[string]any{"sim": "valve", "payload": "open", "payload_type": "text", "device_port": 5683, "wait_for_sent": false}
	for attribute, bad := range map[string]any{"": nil, "sim": "", "payload": "", "payload_type": "hex", "device_port": 0, "callback_url": "x", "callback_method": "GET"} {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			s := newProtocolServer(t, w.url)
			set := maps.Clone(good)
			posts := 1
			if attribute != "" {
				set[attribute] = bad
				posts = 0
			}
			schema := s.schema.ResourceSchemas[name]
			planned := s.block(t, schema, set)
			none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := s.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: name, PriorState: &none, PlannedState: planned, Config: planned})
			if err != nil {
				t.Fatal(err)
			}
			if (len(resp.Diagnostics) == 0) != (posts == 1) || w.posts() != posts {
				t.Errorf("%d POSTs, and these diagnostics: %v", w.posts(), resp.Diagnostics)
			}
		})
	}
}
