package provider

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const (
	// retention is how long the API remembers a command, from its
	// documentation.
	retention = 30 * 24 * time.Hour
	// retentionMargin allows for clocks that differ, and for an API that
	// forgets a little early: a command that it may have forgotten for its age
	// is not taken for lost, which would send the message again.
	retentionMargin = 24 * time.Hour
	// readableAfter is how long a command may take to become readable after
	// it was created.
	readableAfter = 10 * time.Minute
)

// ipCommandResource is the resource twilio_ip_command: one message.
type ipCommandResource struct{ data *providerData }

var (
	_ resource.Resource                     = (*ipCommandResource)(nil)
	_ resource.ResourceWithConfigure        = (*ipCommandResource)(nil)
	_ resource.ResourceWithConfigValidators = (*ipCommandResource)(nil)
	_ resource.ResourceWithModifyPlan       = (*ipCommandResource)(nil)
)

func newIPCommandResource() resource.Resource { return &ipCommandResource{} }

type ipCommandResourceModel struct {
	ipCommandFacts
	ipCommandMessage
	PayloadWOVersion types.Int64    `tfsdk:"payload_wo_version"`
	WaitForSent      types.Bool     `tfsdk:"wait_for_sent"`
	Timeouts         timeouts.Value `tfsdk:"timeouts"`
	Window           types.String   `tfsdk:"deduplication_window"`
	WaitForReply     types.Object   `tfsdk:"wait_for_reply"`
	Reply            types.Object   `tfsdk:"reply"`
}

func (r *ipCommandResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_ip_command"
}

func (r *ipCommandResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*providerData)
}

// ModifyPlan is the plan's half of rule R7: it warns that a destroy recalls
// nothing. Where a message is to be sent, it warns of a callback that will not
// be made.
func (r *ipCommandResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if !req.State.Raw.IsNull() && !req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(warnOfAdoption(ctx, req)...)
	}
	if req.State.Raw.IsNull() {
		var callback types.String
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("callback_url"), &callback)...)
		resp.Diagnostics.Append(r.data.warnOfCallback(callback)...)
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, destroyedKey, []byte("true"))...)
		resp.Diagnostics.AddWarning("Destroying an IP Command only forgets it",
			"A message that was sent cannot be recalled or deleted. Terraform removes it from the state without a request to the API.")
	}
}

// Create sends the message and waits for it to leave.
func (r *ipCommandResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan, config ipCommandResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, malformed := plan.Timeouts.Create(ctx, defaultWaitTimeout)
	resp.Diagnostics.Append(malformed...)
	reply, malformed := newReplyWait(ctx, plan.WaitForReply, plan.DevicePort)
	resp.Diagnostics.Append(malformed...)
	client := r.data.api(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	// What is write-only is in the configuration alone. The plan goes into
	// the state, so it must not get it.
	message := plan.ipCommandMessage
	message.PayloadWO = config.PayloadWO
	plan.Reply = types.ObjectNull(replyType)
	s := sender{
		client: client, inState: true,
		timeoutName: "timeouts.create", timeout: timeout, deadline: r.data.clock.Now().Add(timeout),
		wait:   plan.WaitForSent.ValueBool(),
		window: window(plan.Window),
		record: func(cmd twilio.IPCommand) diag.Diagnostics {
			plan.ipCommandFacts = ipCommandFromAPI(cmd).ipCommandFacts
			diags := resp.State.Set(ctx, plan)
			diags.Append(setIdentity(ctx, resp.Identity, plan.SID)...)
			return diags
		},
		reply: reply,
		recordReply: func(reply twilio.IPCommand) diag.Diagnostics {
			plan.Reply = replyFromAPI(reply)
			return resp.State.Set(ctx, plan)
		},
	}
	resp.Diagnostics.Append(s.send(ctx, message.params())...)
}

// Read refreshes a command that may still change. It never touches the
// inputs: they are the user's, whatever the API returns (rule R9).
func (r *ipCommandResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state ipCommandResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	// A state from before there were identities gets its own here.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.SID)...)
	if r.data != nil && r.data.client != nil && !state.Reply.IsNull() {
		// No other message gets the answer that this one has.
		if sid, ok := state.Reply.Attributes()["sid"].(types.String); ok {
			r.data.client.TakeReply(sid.ValueString())
		}
	}
	recorded := state.command()
	// Rule R5: a settled command is history, and costs no request.
	isSettled := recorded.IsSettled()
	if r.isForgotten(recorded) || isSettled && !state.awaitsReply() {
		return
	}
	client := r.data.api(&resp.Diagnostics)
	if client == nil {
		return
	}
	if !isSettled {
		cmd, err := client.FetchIPCommand(ctx, recorded.SID, state.params().Secrets()...)
		if rest.IsNotFound(err) {
			r.readLost(ctx, recorded, err, resp)
			return
		}
		if err != nil {
			resp.Diagnostics.AddError("IP Command could not be read", recorded.SID+" could not be read. "+sentence(err))
			return
		}
		if cmd.IsFailed() {
			resp.Diagnostics.AddWarning("IP Command failed after apply", failedDetail(cmd)+
				" That was not known when apply ended. It is not sent again by itself; to send it anew, run apply with -replace for this resource.")
		}
		state.ipCommandFacts = ipCommandFromAPI(cmd).ipCommandFacts
	}
	if state.awaitsReply() {
		resp.Diagnostics.Append(state.findReply(ctx, client)...)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// isForgotten reports whether the API has certainly forgotten a command, by our
// own clock. Asking for it would cost a request in every plan, for nothing.
func (r *ipCommandResource) isForgotten(recorded twilio.IPCommand) bool {
	created, ok := recorded.Created()
	return ok && r.data != nil && r.data.clock.Now().Sub(created) >= retention+retentionMargin
}

// readLost is rule R6: expiry is not deletion. The API forgets a command
// after 30 days; one that it forgets earlier while it is queued was lost.
// Whatever else it does not know stays in the state, since removing it would
// send the message again: one that has left, one whose age is not known, and
// one that is so young that it may not be readable yet.
func (r *ipCommandResource) readLost(ctx context.Context, recorded twilio.IPCommand, notFound error, resp *resource.ReadResponse) {
	now := r.data.clock.Now()
	var api *rest.APIError
	if errors.As(notFound, &api) && !api.Date.IsZero() {
		now = api.Date // The clock that date_created is by.
	}
	created, ok := recorded.Created()
	age := now.Sub(created)
	if !ok || !recorded.IsQueued() || age >= retention-retentionMargin {
		return
	}
	if age < readableAfter {
		resp.Diagnostics.AddWarning("IP Command is not readable yet",
			recorded.SID+" was created less than "+readableAfter.String()+" ago, and the API does not know it yet. It stays in the state; the next plan looks again.")
		return
	}
	resp.State.RemoveResource(ctx)
	resp.Diagnostics.AddWarning("IP Command is not known to the API",
		recorded.SID+" was created at "+created.Format(time.RFC3339)+", less than 30 days ago, and was still queued, but the API does not know it any more. "+
			"It is removed from the state; the next apply sends the message anew. Check first whether the provider uses the account and the platform that sent it.")
}

// Update changes how apply waits, or adopts the arguments of an imported
// command; neither makes a request.
func (r *ipCommandResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state ipCommandResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ipCommandFacts = state.ipCommandFacts
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.SID)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
}

// destroyedKey is what the plan of a destroy leaves in the private state. The
// plan of a replacement does not.
const destroyedKey = "destroyed"

// Delete is rule R7: it makes no request. The framework removes the resource
// from the state. The client is told whose the command was, so that the message
// that replaces it is not mistaken for it (rules R2 and R10).
func (r *ipCommandResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var sid types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("sid"), &sid)...)
	if r.data != nil && r.data.client != nil && known(sid) {
		destroyed, diags := req.Private.GetKey(ctx, destroyedKey)
		resp.Diagnostics.Append(diags...)
		r.data.client.Forget(sid.ValueString(), destroyed == nil)
	}
}
