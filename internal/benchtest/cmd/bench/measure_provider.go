package main

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/provider"
)

// listDataSource is the data source whose cost is measured.
const listDataSource = "twilio_ip_commands"

// providerServer is the provider as the CLI sees it, without a CLI.
type providerServer struct {
	tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func newProviderServer(ctx context.Context) (*providerServer, error) {
	s := &providerServer{ProviderServer: provider.NewServer("bench")()}
	var err error
	s.schema, err = s.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	return s, err
}

// configure configures the provider as the environment says.
func (s *providerServer) configure(ctx context.Context) error {
	config, err := benchtest.Block(s.schema.Provider, nil)
	if err != nil {
		return err
	}
	resp, err := s.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil {
		return err
	}
	return refusal(resp.Diagnostics)
}

// read reads the data source and returns its answer.
func (s *providerServer) read(ctx context.Context, arguments map[string]any) (*tfprotov6.DynamicValue, error) {
	config, err := benchtest.Block(s.schema.DataSourceSchemas[listDataSource], arguments)
	if err != nil {
		return nil, err
	}
	resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: listDataSource, Config: config})
	if err != nil {
		return nil, err
	}
	return resp.State, refusal(resp.Diagnostics)
}

// refusal makes diagnostics an error.
func refusal(diags []*tfprotov6.Diagnostic) error {
	if len(diags) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", diags[0].Summary, diags[0].Detail)
}

// sampleDataSource measures the processor time of reading the data source, up
// to the bytes that go to the CLI.
func sampleDataSource(ctx context.Context, _ string) (samples, error) {
	s, err := newProviderServer(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.configure(ctx); err != nil {
		return nil, err
	}
	if _, err := s.read(ctx, map[string]any{"limit": 1}); err != nil {
		return nil, err
	}
	var answer *tfprotov6.DynamicValue
	used, err := cpu(func() (err error) {
		answer, err = s.read(ctx, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return samples{"cpu": used, "bytes": float64(len(answer.MsgPack))}, nil
}
