package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// dataSource is what all data sources have in common.
type dataSource struct {
	name string // without the prefix of the provider
	data *providerData
}

func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.data, _ = req.ProviderData.(*providerData)
}

// apiObject is an object of the API that is looked up by its SID: what is a T there
// is an M in Terraform.
type apiObject[T, M any] struct {
	name        string // of the data source, without the prefix of the provider
	noun        string // what people call the object
	description string
	prefix      string                      // of its SID
	attributes  map[string]schema.Attribute // M's
	fetch       func(ctx context.Context, c *twilio.Client, sid string) (T, error)
	fromAPI     func(T) M
	// notFound explains a 404.
	notFound func(sid string) string
}

// objectDataSource is the data source that looks an object up.
type objectDataSource[T, M any] struct {
	dataSource
	object *apiObject[T, M]
}

var _ datasource.DataSourceWithConfigure = (*objectDataSource[twilio.IPCommand, ipCommandModel])(nil)

func newObjectDataSource[T, M any](object *apiObject[T, M]) func() datasource.DataSource {
	return func() datasource.DataSource {
		return &objectDataSource[T, M]{dataSource{name: object.name}, object}
	}
}

func (d *objectDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.object.description, Attributes: map[string]schema.Attribute{}}
	for name, attribute := range d.object.attributes {
		if name == "sid" {
			attribute = schema.StringAttribute{
				MarkdownDescription: attribute.GetMarkdownDescription(),
				Required:            true,
				Validators:          []validator.String{sidRule(d.object.noun, d.object.prefix)},
			}
		}
		resp.Schema.Attributes[name] = attribute
	}
}

func (d *objectDataSource[T, M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var sid types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("sid"), &sid)...)
	client := d.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	object, err := d.object.fetch(ctx, client, sid.ValueString())
	switch {
	case twilio.IsNotFound(err):
		resp.Diagnostics.AddAttributeError(path.Root("sid"), d.object.noun+" was not found", d.object.notFound(sid.ValueString()))
	case err != nil:
		resp.Diagnostics.AddError(d.object.noun+" could not be read", sentence(err))
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, d.object.fromAPI(object))...)
	}
}
