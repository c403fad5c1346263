package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// defaultWaitTimeout is how long a message is waited for unless a timeout
// says otherwise.
const defaultWaitTimeout = time.Minute

// waitTimeout returns the timeout of this name, which get reads from timeouts:
// the default where it is not given or not known yet. malformed says that it
// is no duration, which at plan time the attribute's own validator says too.
func waitTimeout(ctx context.Context, timeouts types.Object, name string, get func(context.Context, time.Duration) (time.Duration, diag.Diagnostics)) (timeout time.Duration, malformed diag.Diagnostics) {
	if v, ok := timeouts.Attributes()[name]; timeouts.IsUnknown() || ok && v.IsUnknown() {
		return defaultWaitTimeout, nil
	}
	return get(ctx, defaultWaitTimeout)
}

// checkTimeout refuses a timeout that ends before it begins; one that is
// malformed is for others to refuse.
func checkTimeout(timeout time.Duration, malformed diag.Diagnostics) diag.Diagnostics {
	var diags diag.Diagnostics
	if !malformed.HasError() && timeout <= 0 {
		diags.AddAttributeError(path.Root("timeouts"), "Invalid timeout",
			"The timeout must be more than zero, such as \"30s\". To end without waiting, set wait_for_sent to false.")
	}
	return diags
}
