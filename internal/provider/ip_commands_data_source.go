package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// ipCommands is the list of the data source twilio_ip_commands, and of the
// ephemeral and the list resource: all messages that match the filters.
var ipCommands = &apiList[twilio.IPCommand, ipCommandModel]{
	name: "ip_commands",
	description: "Looks up the IP Commands of the last 30 days: UDP messages sent to and received from the devices behind Super SIMs. " +
		"A command must pass every filter that is set; without any, all commands of the account are returned.",
	filters: map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: "Only this Super SIM: SID or unique name.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("sim", "the SID or the unique name of a SIM")},
		},
		"sim_iccid": schema.StringAttribute{
			MarkdownDescription: "Only the Super SIM with this ICCID.",
			Optional:            true,
			Validators:          []validator.String{notBlankFilter("sim_iccid", "the ICCID of a SIM")},
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "Only this status: `queued`, `sent`, `received` or `failed`.",
			Optional:            true,
			Validators:          []validator.String{oneOf(twilio.StatusQueued, twilio.StatusSent, twilio.StatusReceived, twilio.StatusFailed)},
		},
		"direction": directionFilter(),
	},
	rows:    "ip_commands",
	noun:    "commands",
	order:   "newest first",
	row:     ipCommandAttributes(),
	maxPage: func(p twilio.Platform) int { return p.MaxIPCommandsPage },
	list: func(ctx context.Context, c *twilio.Client, f map[string]string, opts rest.ListOptions) iter.Seq2[twilio.IPCommand, error] {
		return c.IPCommands.List(ctx, twilio.IPCommandFilter{SIM: f["sim"], SIMICCID: f["sim_iccid"], Status: f["status"], Direction: f["direction"]}, opts)
	},
	fromAPI: ipCommandFromAPI,
}

// directionFilter is the argument of every list of messages.
func directionFilter() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "`to_sim` or `from_sim`. Default: both.",
		Optional:            true,
		Validators:          []validator.String{oneOf(twilio.DirectionToSIM, twilio.DirectionFromSIM)},
	}
}
