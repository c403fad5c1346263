package provider

import (
	"fmt"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// providerData is what the configured provider hands to its objects. They have
// none during validation, when the provider is not configured.
type providerData struct {
	// client is nil while a provider argument is unknown.
	client  *twilio.Client
	unknown []string
	clock   clock.Clock
	// dropsWarnings reports whether the CLI shows no warning of an action that an
	// event triggered and that succeeds.
	dropsWarnings bool
	// window is the deduplication window of a resource that does not give one.
	window duration

	// read has the SIDs that were read or imported since the provider was
	// configured: by every plan with a refresh, and by no apply (rule R13).
	read sync.Map
}

// giveUp tells the client that a resource gives up its message, for another one
// unless by is nil. That one looks for itself first if it may have been sent.
func (d *providerData) giveUp(state ipCommandResourceModel, by *twilio.Replacement, mayBeSent bool) {
	if d.client == nil {
		return
	}
	m := state.message()
	if mayBeSent {
		m.Params.Payload = ""
	}
	d.client.IPCommands.GiveUp(m, by)
}

// windowOf returns the deduplication window of a resource, of which it may give none.
func (d *providerData) windowOf(own types.String) duration {
	if own.IsNull() {
		return d.window
	}
	return parseDuration(own)
}

// api returns the client. Where there is none, it reports why.
func (d *providerData) api(diags *diag.Diagnostics) *twilio.Client {
	if d == nil {
		diags.AddError("Provider is not configured", "The API was needed before the provider was configured. This is a bug in the provider; please report it.")
		return nil
	}
	if d.client == nil {
		diags.AddError("Provider arguments are not known yet",
			fmt.Sprintf("The API has to be asked now, but these arguments of the provider block depend on values that are known only after apply: %s. "+
				"Give them values that are known during plan, or apply what they depend on first, with -target.", strings.Join(d.unknown, ", ")))
	}
	return d.client
}
