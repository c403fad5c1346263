package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/resourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func (r *ipCommandResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"payload_wo": schema.StringAttribute{
			MarkdownDescription: "The same as `payload`, but write-only: it is in no plan and no state, and may come from an ephemeral value. " +
				"Needs `payload_wo_version`, and Terraform 1.11 or OpenTofu 1.11. " +
				"A change alone sends nothing, since Terraform does not remember the value.",
			Optional:  true,
			WriteOnly: true,
			Validators: []validator.String{
				payloadValidator{},
				stringvalidator.AlsoRequires(path.MatchRoot("payload_wo_version")),
			},
		},
		"payload_wo_version": schema.Int64Attribute{
			MarkdownDescription: "Any number that stands for the value of `payload_wo`; needs that." + sendsAnew,
			Optional:            true,
			Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("payload_wo"))},
		},
		"wait_for_sent": schema.BoolAttribute{
			MarkdownDescription: "Whether `apply` waits until the message has left for the device, for as long as `timeouts.create` says, and fails when it could not be sent. " +
				"With `false`, apply ends as soon as the API has accepted the message, and the next apply records what became of it. " +
				"Default: `true`." + sendsNothing,
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(true),
		},
		"timeouts": schema.SingleNestedAttribute{
			MarkdownDescription: "How long `apply` waits.",
			Optional:            true,
			CustomType:          ipCommandTimeouts,
			Attributes: map[string]schema.Attribute{
				"create": schema.StringAttribute{
					MarkdownDescription: "How long `apply` waits, all in all, for an API that refuses because of its rate limit (429), and then for the message to leave: a number with a unit, such as `30s` or `2m`; more than zero. " +
						"When it is over and the message is still queued, apply ends with a warning, and the next apply looks again. Default: `1m`." + sendsNothing,
					Optional:   true,
					Validators: []validator.String{waitTimeout()},
				},
			},
		},
	}
	attributes["deduplication_window"] = schema.StringAttribute{
		MarkdownDescription: deduplicationWindow + "Default: that of the provider block, or else none." + sendsNothing,
		Optional:            true,
		Validators:          []validator.String{windowValidator()},
	}
	attributes["wait_for_reply"] = waitForReply
	attributes["reply"] = replyAttribute()
	maps.Copy(attributes, ipCommandMessageAttributes())
	for name, field := range ipCommandAttributes() {
		if attributes[name] == nil {
			attributes[name] = schema.StringAttribute{
				MarkdownDescription: field.GetMarkdownDescription(),
				Computed:            true,
				// An update that sends nothing changes none of them; of one that
				// sends, planChange says that they are not known.
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			}
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends a UDP message (an *IP Command*) to the device behind a Super SIM.\n\n" +
			"One resource is one message, sent when the resource is created. A message cannot be changed, recalled or deleted: " +
			"a change of the message or its addressee sends a new one, and destroying the resource only forgets it.",
		Attributes: attributes,
	}
}

func (r *ipCommandResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{
		resourcevalidator.ExactlyOneOf(path.MatchRoot("payload"), path.MatchRoot("payload_wo")),
	}
}

// ipCommandTimeouts is the type of timeouts.
var ipCommandTimeouts = timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"create": types.StringType}}}
