package provider

import (
	"context"
	"fmt"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommand is the data source twilio_ip_command: one message, looked up by SID.
var ipCommand = &apiObject[twilio.IPCommand, ipCommandModel]{
	name: "ip_command",
	noun: "IP Command",
	description: "Looks up one IP Command by its SID: a UDP message sent to or received from the device behind a Super SIM. " +
		"The API forgets commands 30 days after they were created; to look one up is then an error.",
	prefix:     "HG",
	attributes: ipCommandAttributes(),
	fetch: func(ctx context.Context, c *twilio.Client, sid string) (twilio.IPCommand, error) {
		return c.IPCommands.Fetch(ctx, sid)
	},
	fromAPI:  ipCommandFromAPI,
	notFound: ipCommandNotFound,
}

// ipCommandNotFound explains a 404.
func ipCommandNotFound(sid string) string {
	return fmt.Sprintf("The API does not know %s (HTTP 404). It forgets commands 30 days after they were created, and knows only those of the account that the provider uses.", sid)
}
