package provider

import (
	"fmt"
	"math"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// listArguments are the arguments of every list of messages.
type listArguments struct {
	SIM       types.String `tfsdk:"sim"`
	Status    types.String `tfsdk:"status"`
	Direction types.String `tfsdk:"direction"`
	PageSize  types.Int64  `tfsdk:"page_size"`
	Limit     types.Int64  `tfsdk:"limit"`
}

func (a listArguments) options() twilio.ListOptions {
	// An int may have 32 bits, and no list so many commands.
	return twilio.ListOptions{PageSize: int(a.PageSize.ValueInt64()), Limit: int(min(a.Limit.ValueInt64(), math.MaxInt32))}
}

// check refuses values that the API would refuse or ignore; unknown values
// are passed over. maxPage is the largest page that the list has on the
// platform, or on any while that is not known.
func (a listArguments) check(statuses []string, maxPage int) diag.Diagnostics {
	var diags diag.Diagnostics
	diags.Append(checkNotEmpty(path.Root("sim"), a.SIM, "the SID or the unique name of a SIM")...)
	if known(a.Status) {
		diags.Append(checkOneOf(path.Root("status"), a.Status, statuses...)...)
	}
	if known(a.Direction) {
		diags.Append(checkOneOf(path.Root("direction"), a.Direction, twilio.DirectionToSIM, twilio.DirectionFromSIM)...)
	}
	if n := a.PageSize.ValueInt64(); known(a.PageSize) && (n < 1 || n > int64(maxPage)) {
		diags.AddAttributeError(path.Root("page_size"), "Invalid page size",
			fmt.Sprintf("%d is not between 1 and %d. Leave page_size out to make the fewest requests; to get fewer commands, set limit.", n, maxPage))
	}
	if n := a.Limit.ValueInt64(); known(a.Limit) && n < 1 {
		diags.AddAttributeError(path.Root("limit"), "Invalid limit",
			fmt.Sprintf("%d is not 1 or more. Leave limit out to get all commands.", n))
	}
	return diags
}

// checkNotEmpty refuses a filter that is set to nothing: the API would take
// it for no filter and return everything.
func checkNotEmpty(at path.Path, v types.String, what string) diag.Diagnostics {
	var diags diag.Diagnostics
	if known(v) && strings.TrimSpace(v.ValueString()) == "" {
		diags.AddAttributeError(at, "Empty filter", fmt.Sprintf("%s is empty. Give %s, or leave it out to match all.", at, what))
	}
	return diags
}

// listArgumentSpecs describe listArguments.
func listArgumentSpecs(sim string, statuses []string, pages string) attributeSpecs {
	return stringSpecs(map[string]string{
		"sim":       sim + " Default: all SIMs.",
		"status":    "Only commands with this status: " + codeList(statuses) + ". Default: all.",
		"direction": "Only commands sent to devices (`to_sim`) or received from them (`from_sim`). Default: both.",
	}).with(attributeSpecs{
		"page_size": {types.Int64Type, "Number of commands in one request to the API, " + pages + ". It changes the number of requests, not the result. Default: the largest, or `limit` where that is less."},
		"limit":     {types.Int64Type, "Number of commands to return at most, 1 or more. The API lists the newest first, so these are the newest. Default: all."},
	})
}

func codeList(values []string) string {
	return "`" + strings.Join(values, "`, `") + "`"
}
