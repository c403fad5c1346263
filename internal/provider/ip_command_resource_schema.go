package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

func (r *ipCommandResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"sim": schema.StringAttribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["sim"]),
			Required:            true,
			PlanModifiers:       []planmodifier.String{replaceUnlessAdopting()},
		},
		"payload": schema.StringAttribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["payload"]) + " Either this or `payload_wo` is needed.",
			Optional:            true,
			PlanModifiers:       []planmodifier.String{replaceUnlessAdopting()},
		},
		"payload_wo": schema.StringAttribute{
			MarkdownDescription: "The same as `payload`, but write-only: it is in no plan and no state, and may come from an ephemeral value. Needs `payload_wo_version`, and Terraform 1.11 or OpenTofu 1.11. A change alone sends nothing, since Terraform does not remember the value.",
			Optional:            true,
			WriteOnly:           true,
		},
		"payload_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Any number that stands for the value of `payload_wo`; needs that. A change sends a new message.",
			Optional:            true,
			PlanModifiers:       []planmodifier.Int64{replaceNumberUnlessAdopting()},
		},
		"payload_type": schema.StringAttribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["payload_type"]),
			Optional:            true,
			Computed:            true,
			Default:             stringdefault.StaticString(twilio.PayloadText),
			PlanModifiers:       []planmodifier.String{replaceUnlessAdopting()},
		},
		"device_port": schema.Int64Attribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["device_port"]),
			Required:            true,
			PlanModifiers:       []planmodifier.Int64{replaceNumberUnlessAdopting()},
		},
		"callback_url": schema.StringAttribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["callback_url"]),
			Optional:            true,
			PlanModifiers:       []planmodifier.String{replaceUnlessAdopting()},
		},
		"callback_method": schema.StringAttribute{
			MarkdownDescription: sends(ipCommandInputDescriptions["callback_method"]),
			Optional:            true,
			PlanModifiers:       []planmodifier.String{replaceUnlessAdopting()},
		},
		"wait_for_sent": schema.BoolAttribute{
			MarkdownDescription: "Whether `apply` waits until the message has left for the device, for as long as `timeouts.create` says, and fails when it could not be sent. With `false`, apply ends as soon as the API has accepted the message, and the next apply records what became of it. Default: `true`. A change sends nothing.",
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
		},
		"timeouts": timeoutsAttribute(ctx),
	}
	for name, description := range ipCommandFactDescriptions {
		attributes[name] = schema.StringAttribute{
			MarkdownDescription: description,
			Computed:            true,
			// An update in place makes no request, so it changes none of them.
			PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends a UDP message (an *IP Command*) to the device behind a Super SIM.\n\n" +
			"One resource is one message, sent when the resource is created. A message cannot be changed, recalled or deleted: " +
			"a change of the message or its addressee replaces the resource, which sends a new message; destroying it only forgets the old one.",
		Attributes: attributes,
	}
}

// ipCommandFactDescriptions describe the fields that only the API knows, for
// every object that shows them.
var ipCommandFactDescriptions = map[string]string{
	"sid":          "Identifier of the IP Command: `HG` and 32 hexadecimal digits.",
	"account_sid":  "SID of the account that the command belongs to: `AC` and 32 hexadecimal digits.",
	"sim_sid":      "SID of the Super SIM: `HS` and 32 hexadecimal digits.",
	"sim_iccid":    "ICCID of the Super SIM: the number printed on the card, 19 or 20 digits.",
	"status":       "Status of the command: `queued` (accepted, waiting to be sent), `sent` (has left for the device, which need not mean that it arrived), `received` (came from the device) or `failed` (could not be sent).",
	"direction":    "`to_sim` for a command sent to the device, `from_sim` for one received from it.",
	"device_ip":    "IP address of the device in the mobile network. For a command to a device it is null until the command has been sent.",
	"date_created": "When the API accepted or received the command: RFC 3339, UTC, such as `2026-03-01T12:00:00Z`.",
	"date_updated": "When the command last changed: RFC 3339, UTC.",
	"url":          "URL of the command in the API.",
}

// timeoutsAttribute is the library's attribute, which has no description of
// its own.
func timeoutsAttribute(ctx context.Context) schema.Attribute {
	attribute := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true,
		CreateDescription: "How long `apply` waits, all in all, for an API that refuses because of its rate limit (429), and then for the message to leave: a number with a unit, such as `30s` or `2m`; more than zero. " +
			"When it is over and the message is still queued, apply ends with a warning, and the next apply looks again. Default: `1m`. A change sends nothing.",
	})
	nested, ok := attribute.(schema.SingleNestedAttribute)
	if !ok {
		return attribute
	}
	nested.MarkdownDescription = "How long `apply` waits."
	return nested
}

// ipCommandInputDescriptions describe the arguments of a message, for every
// object that sends one.
var ipCommandInputDescriptions = map[string]string{
	"sim":             "Super SIM to send to: its SID (`HS` and 32 hexadecimal digits) or its unique name.",
	"payload":         "What the device receives, 1 to 1300 bytes: text (the limit counts its bytes in UTF-8), or standard, padded Base64 where `payload_type` is `binary` (the limit counts the decoded bytes).",
	"payload_type":    "How `payload` is written here: as `text`, or as Base64 (`binary`); the device receives the bytes either way. Default: `text`.",
	"device_port":     "UDP port on which the device listens, 1 to 65535.",
	"callback_url":    "Absolute http or https URL that the platform calls whenever the status of the command changes. Default: none.",
	"callback_method": "HTTP method with which the platform calls `callback_url`: `GET` or `POST`. Needs `callback_url`. Default: null, for which the API takes `POST`.",
}

// sends adds to the description of an argument what a change of it does.
func sends(description string) string { return description + " A change sends a new message." }
