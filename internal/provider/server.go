package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/wirelist"
)

// NewServer returns a factory of the provider's server, protocol 6, in a
// version, such as "1.2.3".
func NewServer(version string) func() tfprotov6.ProviderServer {
	return serve(New(version))
}

// serve wraps the framework's server in ours.
func serve(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		framework, ok := providerserver.NewProtocol6(newProvider())().(wirelist.ProviderServer)
		if !ok {
			panic("the framework's server lacks a part of protocol 6")
		}
		return &server{Server: wirelist.Server{ProviderServer: framework}}
	}
}

// server adds to the framework's server what long lists and actions need.
type server struct {
	wirelist.Server
	invocations invocations
}

// GetProviderSchema marks payload_wo of the action as write-only. With the
// framework's own mark, the framework (1.19.0) refuses every value: it takes
// write-only attributes for something that only resources have.
func (s *server) GetProviderSchema(ctx context.Context, req *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	resp, err := s.Server.GetProviderSchema(ctx, req)
	if err != nil {
		return nil, err
	}
	for _, action := range resp.ActionSchemas {
		for _, attribute := range action.Schema.Block.Attributes {
			if attribute.Name == "payload_wo" {
				attribute.WriteOnly = true
			}
		}
	}
	return resp, nil
}

// InvokeAction first validates the configuration again. The CLIs do so for every
// other object once all values are known, but not for an action.
func (s *server) InvokeAction(ctx context.Context, req *tfprotov6.InvokeActionRequest) (*tfprotov6.InvokeActionServerStream, error) {
	valid, err := s.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: req.ActionType, Config: req.Config})
	if err != nil {
		return nil, err
	}
	for _, d := range valid.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			end := tfprotov6.InvokeActionEvent{Type: tfprotov6.CompletedInvokeActionEventType{Diagnostics: valid.Diagnostics}}
			return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{end})}, nil
		}
	}
	return s.interruptible(ctx, req)
}
