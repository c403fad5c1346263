package provider

import (
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccVersion_importInModule imports a message in a module, and sends the one
// that has no SID.
func TestAccVersion_importInModule(t *testing.T) {
	t.Parallel()
	needs(t, "1.16", "")
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	files := map[string]string{}
	for _, name := range []string{"main.tf", "valve/main.tf"} {
		files[name] = strings.Replace(repositoryFile(t, "examples/moving-module/"+name), strings.TrimPrefix(Address, "registry.terraform.io/"), Address, 1)
	}
	c.writeFiles(files)
	for _, step := range [][]string{{"init"}, {"apply", "-auto-approve"}} {
		if got := c.run(append(step, "-no-color")...); got.exit != 0 {
			t.Fatal(got.output)
		} else if step[0] == "apply" && !strings.Contains(got.output, "1 imported, 1 added, 1 changed, 0 destroyed") {
			t.Error(got.output)
		}
	}
	w.wantSent(t, 1)
	if got := c.plan("-detailed-exitcode"); got.exit != 0 {
		t.Error(got.output)
	}
}

// TestAccExamples_vendor has this provider beside one that stands in for Twilio's
// own, with the resource of it that the example names.
func TestAccExamples_vendor(t *testing.T) {
	t.Parallel()
	needs(t, "1.1", "1.6")
	const address = "registry.terraform.io/twilio/twilio"
	w := newExampleWorld(t)
	w.giveCredentials(twiliosim.Twilio)
	c := w.newCLI(t)
	for i, v := range c.env {
		if strings.HasPrefix(v, "TF_REATTACH_PROVIDERS=") {
			c.env[i] = strings.TrimSuffix(v, "}") + "," + strings.TrimPrefix(serveVendor(t, address), "{")
		}
	}
	c.writeFiles(map[string]string{"main.tf": strings.NewReplacer(
		`"twilio/twilio"`, `"`+address+`"`, `"`+strings.TrimPrefix(Address, "registry.terraform.io/")+`"`, `"`+Address+`"`,
	).Replace(repositoryFile(t, "examples/vendor/main.tf"))})
	if got := c.run("validate", "-no-color"); got.exit != 0 {
		t.Error(got.output)
	}
	if got := c.apply(); got.exit != 0 || !strings.Contains(got.output, "2 added, 0 changed, 0 destroyed") {
		t.Error(got.output)
	}
	w.wantSent(t, 1)
	if got := c.plan("-detailed-exitcode"); got.exit != 0 {
		t.Error(got.output)
	}
}

// serveVendor serves the stand-in until the test ends, and returns how to reattach.
func serveVendor(t *testing.T, address string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reattach, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	go func() {
		_ = tf6server.Serve(address, providerserver.NewProtocol6(vendor{}), tf6server.WithDebug(ctx, reattach, closed),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithLoggingSink(t))
	}()
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	return strings.Replace(attachTo(<-reattach), Address, address, 1)
}

// vendor stands in for Twilio's own provider.
type vendor struct{}

func (vendor) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "twilio"
}
func (vendor) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (vendor) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (vendor) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (vendor) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return vendorNetwork{} }}
}

// vendorNetwork is a resource that keeps what it is given.
type vendorNetwork struct{}

func (vendorNetwork) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "twilio_supersim_network_access_profiles_networks_v1"
}

func (vendorNetwork) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"network_access_profile_sid": schema.StringAttribute{Required: true},
		"network":                    schema.StringAttribute{Required: true},
	}
}

func (vendorNetwork) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (vendorNetwork) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (vendorNetwork) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (vendorNetwork) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
