package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// defaultWaitTimeout is how long a message is waited for unless a timeout
// says otherwise.
const defaultWaitTimeout = time.Minute

// checkTimeout refuses a timeout that ends before it begins.
func checkTimeout(timeout time.Duration) diag.Diagnostics {
	var diags diag.Diagnostics
	if timeout <= 0 {
		diags.AddAttributeError(path.Root("timeouts"), "Invalid timeout",
			"The timeout must be more than zero, such as \"30s\". To end without waiting, set wait_for_sent to false.")
	}
	return diags
}
