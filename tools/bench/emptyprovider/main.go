// Command emptyprovider is the floor for what a provider costs the CLI: a
// provider on the same framework with one resource, whose attributes are
// strings, and which does nothing.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return emptyProvider{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/seed-0925943e/empty", ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}

type emptyProvider struct{}

var _ provider.Provider = emptyProvider{}

func (emptyProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "empty"
}

func (emptyProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (emptyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (emptyProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{} }}
}

func (emptyProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// thing is the resource empty_thing: as many arguments and facts as a
// twilio_ip_command has, all of them strings.
type thing struct{}

var _ resource.Resource = thing{}

const (
	arguments = 10
	facts     = 11
	// fact is as long as those of a twilio_ip_command are on average.
	fact = "abcdefghijklmnopqrstuvwxyz"
)

func (thing) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_thing"
}

func (thing) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{}
	for i := range arguments {
		resp.Schema.Attributes[fmt.Sprintf("argument_%d", i)] = schema.StringAttribute{Optional: true}
	}
	for i := range facts {
		resp.Schema.Attributes[fmt.Sprintf("fact_%d", i)] = schema.StringAttribute{Computed: true}
	}
}

// Create makes every fact known.
func (thing) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var err error
	resp.State.Raw, err = tftypes.Transform(req.Plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		return tftypes.NewValue(tftypes.String, fact), nil
	})
	if err != nil {
		resp.Diagnostics.AddError("No thing was created", err.Error())
	}
}

func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (thing) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
