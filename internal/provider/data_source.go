package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
)

// dataSource is what all data sources are.
type dataSource struct {
	name string // without the provider's
	data *providerData
}

func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.data = configured(req.ProviderData, &resp.Diagnostics)
}
