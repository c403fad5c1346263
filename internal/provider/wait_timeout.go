package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// defaultWaitTimeout is how long a message is waited for unless a timeout
// says otherwise.
const defaultWaitTimeout = time.Minute

// waitTimeout refuses a timeout that ends before it begins.
func waitTimeout() validator.String {
	return positiveDuration("To end without waiting, set wait_for_sent to false.")
}
