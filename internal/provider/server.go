package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// NewServer returns what makes the provider of a version, such as "1.2.3", as
// the CLI talks to it: protocol 6.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return serve(New(version))
}

// serve puts the framework's server behind ours.
func serve(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		framework, ok := providerserver.NewProtocol6(newProvider())().(frameworkServer)
		if !ok {
			panic("the framework's server lacks a part of protocol 6")
		}
		return &server{frameworkServer: framework}
	}
}

// frameworkServer is what the framework's server can do.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// server is the framework's server, except that the rows of a long list do
// not pass through the framework: its reflection and its trees of values cost
// some thirty times as much as reading the list from the API. Such an object
// hands its rows to the wireList in its context, and leaves the
// attribute null; here they take its place in the answer.
type server struct {
	frameworkServer
	invocations invocations
}

func (s *server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, list := withWireList(ctx)
	resp, err := s.frameworkServer.ReadDataSource(ctx, req)
	if err == nil && list.done {
		resp.State, err = list.into(resp.State)
	}
	return resp, err
}

func (s *server) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	ctx, list := withWireList(ctx)
	resp, err := s.frameworkServer.OpenEphemeralResource(ctx, req)
	if err == nil && list.done {
		resp.Result, err = list.into(resp.Result)
	}
	return resp, err
}

// InvokeAction has the configuration validated again: the CLI does so for
// everything else when values have become known, but not for an action.
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
