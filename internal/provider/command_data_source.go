package provider

import (
	"context"
	"fmt"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// command is the data source twilio_command: one message of Programmable Wireless,
// looked up by SID.
var command = &apiObject[twilio.Command, commandModel]{
	name: "command",
	noun: "Command",
	description: "Looks up one Command of Programmable Wireless by its SID: a message, mostly an SMS, sent to or received from the device behind one of its SIMs. " +
		"To look up one that the API does not know, or no longer, is an error.",
	prefix:     "DC",
	attributes: commandAttributes(),
	fetch: func(ctx context.Context, c *twilio.Client, sid string) (twilio.Command, error) {
		return c.Commands.Fetch(ctx, sid)
	},
	fromAPI: commandFromAPI,
	notFound: func(sid string) string {
		return fmt.Sprintf("The API does not know %s, or no longer (HTTP 404). It knows only the Commands of the account that the provider uses; IP Commands (HG…) have a data source of their own, twilio_ip_command.", sid)
	},
}
