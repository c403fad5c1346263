package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// ipCommandRolloutAction is the action twilio_ip_command_rollout: it sends one message
// to each of many SIMs, in waves (ip_command_rollout.go), and keeps nothing.
type ipCommandRolloutAction struct{ messageAction }

var (
	_ action.ActionWithConfigure        = (*ipCommandRolloutAction)(nil)
	_ action.ActionWithConfigValidators = (*ipCommandRolloutAction)(nil)
	_ action.ActionWithModifyPlan       = (*ipCommandRolloutAction)(nil)
)

func newIPCommandRolloutAction() action.Action {
	return &ipCommandRolloutAction{messageAction{name: "ip_command_rollout"}}
}

type ipCommandRolloutModel struct {
	SIMs types.List `tfsdk:"sims"`
	ipCommandContent
	Window       types.String `tfsdk:"deduplication_window"`
	WaitForReply types.Object `tfsdk:"wait_for_reply"`
	WaveSize     types.Int64  `tfsdk:"wave_size"`
	MaxFailures  types.Int64  `tfsdk:"max_failures"`
	Timeout      types.String `tfsdk:"timeout"`
}

// maxRolloutSIMs bounds a list whose cost in the CLI grows with its square.
const maxRolloutSIMs = 20_000

func (a *ipCommandRolloutAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := actionAttributes(ipCommandArguments())
	delete(attributes, "sim")
	delete(attributes, "wait_for_sent") // It always waits.
	attributes["sims"] = schema.ListAttribute{
		MarkdownDescription: "SIDs or unique names of the Super SIMs, in the order in which they are sent to: 1 to 20,000, none twice.",
		Required:            true,
		ElementType:         types.StringType,
		Validators:          []validator.List{listvalidator.SizeBetween(1, maxRolloutSIMs), distinctSIMs{}},
	}
	attributes["wave_size"] = schema.Int64Attribute{
		MarkdownDescription: "How many SIMs are sent to before the outcome of these is looked at. Default: all.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.AtLeast(1)},
	}
	attributes["max_failures"] = schema.Int64Attribute{
		MarkdownDescription: "No further wave begins once more SIMs than this did not go well. Default: `0`.",
		Optional:            true,
		Validators:          []validator.Int64{int64validator.AtLeast(0)},
	}
	attributes["timeout"] = schema.StringAttribute{
		MarkdownDescription: "How long each message may take to leave, from when it is first tried: a duration such as `2m`. Default: `1m`.",
		Optional:            true,
		Validators:          []validator.String{positiveDuration("")},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Sends one UDP message (an *IP Command*) to each of many Super SIMs, in waves, and stops when too many fail. Terraform 1.14 and later.",
		Attributes:          attributes,
	}
}

// distinctSIMs refuses a list that has a SIM twice, or an empty one.
type distinctSIMs struct{}

// Description implements validator.List.
func (distinctSIMs) Description(context.Context) string { return "must have each SIM once" }

// MarkdownDescription implements validator.List.
func (v distinctSIMs) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList implements validator.List.
func (distinctSIMs) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	seen := map[string]int{}
	for i, element := range req.ConfigValue.Elements() {
		sim, isText := element.(types.String)
		if !isText || sim.IsUnknown() {
			continue
		}
		key := sim.ValueString()
		if twilio.IsSID("HS", key) {
			key = strings.ToLower(key)
		}
		before, isTwice := seen[key]
		seen[key] = i
		at := req.Path.AtListIndex(i)
		switch {
		case strings.TrimSpace(key) == "":
			resp.Diagnostics.AddAttributeError(at, "Invalid Attribute Value", "The SIM is empty. "+giveSIM)
		case isTwice:
			resp.Diagnostics.AddAttributeError(at, "Invalid Attribute Value", fmt.Sprintf("%q is at %d already. Each SIM gets one message: use distinct(), or remove one.", sim.ValueString(), before))
		}
	}
}

// Invoke sends the messages and reports its progress.
func (a *ipCommandRolloutAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var config ipCommandRolloutModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var sims []string
	resp.Diagnostics.Append(config.SIMs.ElementsAs(ctx, &sims, false)...)
	reply, malformed := newReplyWait(ctx, config.WaitForReply, config.DevicePort)
	resp.Diagnostics.Append(malformed...)
	client := a.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	message := ipCommandMessage{ipCommandContent: config.ipCommandContent}
	r := &rollout{
		client: client, clock: a.data.clock, params: message.params(), sims: sims, reply: reply,
		window: parseDuration(config.Window), timeout: timeoutOf(config.Timeout),
		waveSize: len(sims), maxFailures: int(min(config.MaxFailures.ValueInt64(), math.MaxInt32)),
		ended: map[outcome][]ending{},
		report: func(format string, args ...any) {
			if ctx.Err() == nil { // An interrupted CLI takes no progress.
				resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
			}
		},
	}
	if size := config.WaveSize.ValueInt64(); size > 0 {
		r.waveSize = int(min(size, int64(len(sims))))
	}
	err := r.run(ctx)
	if same := (*twilio.SameSIMError)(nil); errors.As(err, &same) {
		resp.Diagnostics.AddAttributeError(path.Root("sims"), "Two entries are the same SIM", sentence(err)+" Nothing was sent. Remove one of them.")
		return
	}
	if err != nil || r.notWell() > 0 {
		resp.Diagnostics.AddError("Rollout did not end well for all SIMs", r.summary(ctx, err))
	}
}

// shownSIMs is how many SIMs of each outcome are named.
const shownSIMs = 20

// summary says where the rollout stands, who needs a person, and what to do.
func (r *rollout) summary(ctx context.Context, err error) string {
	var b, names strings.Builder
	counts := []string{}
	for _, o := range []outcome{outcomeSent, outcomeFound, outcomeFailed, outcomeRefused, outcomeNotSent, outcomeUnknown, outcomeQueued, outcomeSilent, outcomeNotBegun} {
		endings := r.ended[o]
		if len(endings) > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", len(endings), o))
		}
		if len(endings) == 0 || o.isWell() || o == outcomeNotBegun {
			continue
		}
		fmt.Fprintf(&names, "\n%s:\n", capital(string(o)))
		for _, e := range endings[:min(shownSIMs, len(endings))] {
			fmt.Fprintf(&names, "  %s  %s\n", e.sim, e.why)
		}
		if more := len(endings) - shownSIMs; more > 0 {
			fmt.Fprintf(&names, "  and %d more\n", more)
		}
	}
	fmt.Fprintf(&b, "Of %d SIMs: %s.\n", len(r.sims), strings.Join(counts, ", "))
	switch {
	case err != nil:
		fmt.Fprintf(&b, "It ended early: %s\n", sentence(err))
	case ctx.Err() != nil:
		b.WriteString("It was interrupted.\n")
	case len(r.ended[outcomeNotBegun]) > 0:
		fmt.Fprintf(&b, "It stopped, since it did not go well for more than %d (max_failures).\n", r.maxFailures)
	}
	b.WriteString(names.String() + "\n")
	if r.window.Duration > 0 {
		fmt.Fprintf(&b, "To go on, invoke it again within the deduplication_window of %s: who has the message is found, and not sent to again.", r.window)
	} else {
		b.WriteString("Without a deduplication_window, invoking it again sends to all SIMs again, also to those who have the message. Set one first.")
	}
	return b.String()
}
