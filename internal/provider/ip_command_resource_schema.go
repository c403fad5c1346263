package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// Schema is that of a message: the arguments that all messages have, what a resource
// adds to them, and what the API knows.
func (r *ipCommandResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := ipCommandArguments()

	payloadWO := attributes["payload_wo"].(schema.StringAttribute)
	payloadWO.WriteOnly = true
	payloadWO.Validators = append(payloadWO.Validators, stringvalidator.AlsoRequires(path.MatchRoot("payload_wo_version")))
	payloadWO.MarkdownDescription += " Needs `payload_wo_version`."
	attributes["payload_wo"] = payloadWO
	attributes["payload_wo_version"] = schema.Int64Attribute{
		MarkdownDescription: "Any number. Another number sends `payload_wo` again.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.AlsoRequires(path.MatchRoot("payload_wo"))},
	}

	payloadType := attributes["payload_type"].(schema.StringAttribute)
	payloadType.Computed, payloadType.Default = true, stringdefault.StaticString(twilio.PayloadText)
	attributes["payload_type"] = payloadType

	waitForSent := attributes["wait_for_sent"].(schema.BoolAttribute)
	waitForSent.Computed, waitForSent.Default = true, booldefault.StaticBool(true)
	attributes["wait_for_sent"] = waitForSent

	window := attributes["deduplication_window"].(schema.StringAttribute)
	window.MarkdownDescription += " Default: that of the provider block."
	attributes["deduplication_window"] = window

	attributes["timeouts"] = schema.SingleNestedAttribute{
		MarkdownDescription: "How long apply waits.",
		Optional:            true,
		CustomType:          ipCommandTimeouts,
		Attributes: map[string]schema.Attribute{
			"create": schema.StringAttribute{
				MarkdownDescription: "How long the message may take to leave, in the queue included: a duration such as `2m`. Default: `1m`.",
				Optional:            true,
				Validators:          []validator.String{waitTimeout()},
			},
		},
	}

	attributes["reply"] = replyAttribute()
	attributes["id"] = schema.StringAttribute{
		MarkdownDescription: "The same as `sid`.",
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseNonNullStateForUnknown()}, // A state from before has none.
	}
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
		MarkdownDescription: "Sends a UDP message (an *IP Command*) to the device behind a Super SIM.",
		Attributes:          attributes,
	}
}

// ipCommandTimeouts is the type of timeouts.
var ipCommandTimeouts = timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"create": types.StringType}}}

func (r *ipCommandResource) ConfigValidators(context.Context) []resource.ConfigValidator {
	return []resource.ConfigValidator{onePayload{"payload_wo with payload_wo_version"}}
}
