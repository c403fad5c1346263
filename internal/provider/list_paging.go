package provider

import (
	"errors"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/wirelist"
)

// listPaging are the arguments of every list that limit how much is read.
type listPaging struct {
	PageSize types.Int64 `tfsdk:"page_size"`
	Limit    types.Int64 `tfsdk:"limit"`
}

// pageSizeAttribute accepts the largest page of any platform; pages describes
// the range on each.
func pageSizeAttribute(maxPage int, pages string) schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: "Number of commands in one request to the API, " + pages + ". It changes the number of requests, not the result. Default: the largest, or `limit` where that is less.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.Between(1, int64(maxPage))},
	}
}

func limitAttribute() schema.Int64Attribute {
	return schema.Int64Attribute{
		MarkdownDescription: "Number of commands to return at most, 1 or more. " +
			"The API lists the newest first, so these are the newest. " +
			"Default: all.",
		Optional:   true,
		Validators: []validator.Int64{int64validator.AtLeast(1)},
	}
}

// directionFilter is the argument of every list of messages.
func directionFilter() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "Only commands sent to devices (`to_sim`) or received from them (`from_sim`). Default: both.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(twilio.DirectionToSIM, twilio.DirectionFromSIM)},
	}
}

// options returns the arguments for the client. maxPage is the largest page on
// the platform in use, which a schema cannot know.
func (p listPaging) options(maxPage int, diags *diag.Diagnostics) twilio.ListOptions {
	if n := p.PageSize.ValueInt64(); n > int64(maxPage) {
		diags.AddAttributeError(path.Root("page_size"), "Invalid page size",
			fmt.Sprintf("%d is not between 1 and %d. Leave page_size out to make the fewest requests; to get fewer commands, set limit.", n, maxPage))
	}
	// An int may have only 32 bits, and no list is longer than that can count.
	return twilio.ListOptions{PageSize: int(p.PageSize.ValueInt64()), Limit: int(min(p.Limit.ValueInt64(), math.MaxInt32))}
}

// listError describes an error that ended a list after a number of rows.
func listError(err error, rows int) (summary, detail string) {
	if errors.Is(err, wirelist.ErrTooLarge) {
		return "Too many commands", fmt.Sprintf("After %d commands, %v. Set limit, or narrow the list with filters such as sim, status or direction.", rows, err)
	}
	return "Commands could not be listed", sentence(err)
}
