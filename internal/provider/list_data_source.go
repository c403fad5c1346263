package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/wirelist"
)

// apiList is a list of the API: what is a T there is an M in Terraform.
type apiList[T, M any] struct {
	name        string // of the data source, without the prefix of the provider
	description string
	filters     map[string]schema.Attribute // all are texts
	rows        string                      // the attribute that has the rows
	noun        string                      // what people call the rows
	order       string                      // of the rows
	row         map[string]schema.Attribute // M's
	// maxPage is the largest page on a platform.
	maxPage func(twilio.Platform) int
	// list lists what matches the filters, of which an empty one matches all.
	list    func(ctx context.Context, c *twilio.Client, filters map[string]string, opts rest.ListOptions) iter.Seq2[T, error]
	fromAPI func(T) M
	// empty says what is probably wrong where nothing matches; nil, or an empty text,
	// where that is nothing.
	empty func(filters map[string]string) string
}

// listDataSource is the data source that reads a list.
type listDataSource[T, M any] struct {
	dataSource
	list *apiList[T, M]
}

var _ datasource.DataSourceWithConfigure = (*listDataSource[twilio.IPCommand, ipCommandModel])(nil)

func newListDataSource[T, M any](list *apiList[T, M]) func() datasource.DataSource {
	return func() datasource.DataSource { return &listDataSource[T, M]{dataSource{name: list.name}, list} }
}

func (d *listDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{MarkdownDescription: d.list.description, Attributes: d.list.attributes()}
}

func (d *listDataSource[T, M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(d.list.read(ctx, d.data, req.Config)...)
}

// attributes are the arguments of the list, and its rows.
func (l *apiList[T, M]) attributes() map[string]schema.Attribute {
	largest, pages := l.maxPage(twilio.Twilio), ""
	if kore := l.maxPage(twilio.KORE); kore != largest {
		pages = fmt.Sprintf(" (KORE: %d)", kore)
	}
	attributes := map[string]schema.Attribute{
		"page_size": schema.Int64Attribute{
			MarkdownDescription: fmt.Sprintf("Rows in one request, 1 to %d%s. Default: the largest.", largest, pages),
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, int64(largest))}, // arguments checks KORE's.
		},
		"limit": schema.Int64Attribute{
			MarkdownDescription: "Return at most this many. Default: all.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AtLeast(1)},
		},
		l.rows: schema.ListNestedAttribute{
			MarkdownDescription: fmt.Sprintf("The %s that match, %s.", l.noun, l.order),
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: l.row},
		},
	}
	maps.Copy(attributes, l.filters)
	return attributes
}

// read reads the list that a configuration asks for, in a data source or an
// ephemeral resource. The framework's response starts as a copy of the
// configuration; the rows complete it.
func (l *apiList[T, M]) read(ctx context.Context, data *providerData, config tfsdk.Config) (diags diag.Diagnostics) {
	client := data.api(&diags)
	if diags.HasError() {
		return diags
	}
	var limit types.Int64
	diags.Append(config.GetAttribute(ctx, path.Root("limit"), &limit)...)
	filters, opts := l.arguments(ctx, config, limit.ValueInt64(), client.Platform, &diags)
	if diags.HasError() {
		return diags
	}
	rows := wirelist.New[M](ctx, l.rows)
	for item, err := range l.list(ctx, client, filters, opts) {
		if err == nil {
			err = rows.Append(l.fromAPI(item))
		}
		if err != nil {
			diags.AddError(l.failure(err, rows.Len()))
			return diags
		}
	}
	rows.Send()
	if rows.Len() == 0 && l.empty != nil {
		if hint := l.empty(filters); hint != "" {
			diags.AddWarning("No "+l.noun+" match", hint)
		}
	}
	return diags
}

// arguments returns the filters that a configuration has, and how much of the
// list to read. A schema cannot know the platform's largest page.
func (l *apiList[T, M]) arguments(ctx context.Context, config tfsdk.Config, limit int64, on twilio.Platform, diags *diag.Diagnostics) (map[string]string, rest.ListOptions) {
	filters := map[string]string{}
	for name := range l.filters {
		if _, has := config.Schema.GetAttributes()[name]; has { // A list resource has fewer.
			var value types.String
			diags.Append(config.GetAttribute(ctx, path.Root(name), &value)...)
			filters[name] = value.ValueString()
		}
	}
	var pageSize types.Int64
	diags.Append(config.GetAttribute(ctx, path.Root("page_size"), &pageSize)...)
	if n, most := pageSize.ValueInt64(), l.maxPage(on); n > int64(most) {
		diags.AddAttributeError(path.Root("page_size"), "Invalid page size",
			fmt.Sprintf("%d is not between 1 and %d. Leave page_size out to make the fewest requests; to get fewer %s, set limit.", n, most, l.noun))
	}
	return filters, listOptions(pageSize.ValueInt64(), limit)
}

// listOptions makes ints of what Terraform has as numbers of 64 bits. An int may
// have only 32, and no list is longer than that can count.
func listOptions(pageSize, limit int64) rest.ListOptions {
	return rest.ListOptions{PageSize: int(pageSize), Limit: int(min(limit, math.MaxInt32))}
}

// failure describes an error that ended the list after a number of rows.
func (l *apiList[T, M]) failure(err error, rows int) (summary, detail string) {
	if errors.Is(err, wirelist.ErrTooLarge) {
		return "Too many " + l.noun, fmt.Sprintf("After %d %s, %v. Set limit, or narrow the list with its filters: %s.",
			rows, l.noun, err, strings.Join(slices.Sorted(maps.Keys(l.filters)), ", "))
	}
	return capital(l.noun) + " could not be listed", sentence(err)
}
