package provider

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// listConfig is a configuration that asks for a list of T.
type listConfig[T any] interface {
	list(ctx context.Context, client *twilio.Client, diags *diag.Diagnostics) iter.Seq2[T, error]
}

// readList reads the list that a configuration asks for to its end, into the
// attribute of an answer of this type.
func readList[T, M any](ctx context.Context, data *providerData, config listConfig[T], answer attr.Type, attribute string, fromAPI func(T) M) diag.Diagnostics {
	var diags diag.Diagnostics
	client := data.api(&diags)
	if client == nil {
		return diags
	}
	commands := config.list(ctx, client, &diags)
	if diags.HasError() {
		return diags
	}
	diags.Append(writeList(ctx, answer, attribute, commands, fromAPI)...)
	return diags
}

// writeList writes the commands into the attribute of an answer of this type,
// as rows of the model that fromAPI makes. Only one page of the list and the
// answer itself are in memory.
func writeList[T, M any](ctx context.Context, answer attr.Type, attribute string, commands iter.Seq2[T, error], fromAPI func(T) M) diag.Diagnostics {
	var diags diag.Diagnostics
	list, err := wireListFrom(ctx)
	if err == nil {
		object, _ := answer.TerraformType(ctx).(tftypes.Object)
		err = list.begin(object, attribute)
	}
	if err != nil {
		diags.AddError("Commands could not be returned", sentence(err))
		return diags
	}
	rows := newWireRows[M](list)
	for c, err := range commands {
		if err != nil {
			diags.AddError("Commands could not be listed", sentence(err))
			return diags
		}
		if err := rows.add(fromAPI(c)); errors.Is(err, errListTooLarge) {
			diags.AddError("Too many commands", fmt.Sprintf("After %d commands, %v. Set limit, or narrow the list with filters such as sim, status or direction.", list.length, err))
			return diags
		} else if err != nil {
			diags.AddError("Commands could not be returned", sentence(err))
			return diags
		}
	}
	list.end()
	return diags
}
