package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

const (
	// retention is how long the API remembers a command, from its
	// documentation.
	retention = 30 * 24 * time.Hour
	// retentionMargin allows for clocks that differ, and for an API that forgets a
	// little early or late.
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
	ID types.String `tfsdk:"id"`
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
	resp.ResourceBehavior.MutableIdentity = true // Rule R13: an update may send a message.
}

func (r *ipCommandResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.data, _ = req.ProviderData.(*providerData)
}

// ModifyPlan is the plan's half of rules R7, R8, R10 and R13. Where a message is to
// be sent, it warns of a callback that will not be made.
func (r *ipCommandResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	switch {
	case req.Plan.Raw.IsNull():
		resp.Diagnostics.AddWarning("Destroying an IP Command only forgets it",
			"A message that was sent cannot be recalled or deleted. Terraform removes it from the state without a request to the API.")
	case req.State.Raw.IsNull():
		var plan ipCommandResourceModel
		resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
		resp.Diagnostics.Append(r.data.warnOfCallback(plan.CallbackURL)...)
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, replacementKey, r.replacement(plan))...)
	case !req.Plan.Raw.Equal(req.State.Raw):
		r.planChange(ctx, req, resp)
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
	resp.Diagnostics.Append(r.send(ctx, sender{asker: byResource}, plan, config, &resp.State, resp.Identity)...)
}

// send sends the message of a plan, for Create and Update, and records it. s is
// what they have to say of it.
func (r *ipCommandResource) send(ctx context.Context, s sender, plan, config ipCommandResourceModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	timeout := timeoutIn(plan.Timeouts.Object, "create")
	reply, malformed := newReplyWait(ctx, plan.WaitForReply, plan.DevicePort)
	diags.Append(malformed...)
	client := r.data.api(&diags)
	if diags.HasError() {
		return diags
	}
	// What is write-only is in the configuration alone. The plan goes into
	// the state, so it must not get it.
	message := plan.ipCommandMessage
	message.PayloadWO = config.PayloadWO
	plan.Reply = types.ObjectNull(replyType)
	s.ipCommands = client.IPCommands
	s.timeoutName, s.timeout, s.deadline = "timeouts.create", timeout, r.data.clock.Now().Add(timeout.Duration)
	s.wait, s.window, s.reply = plan.WaitForSent.ValueBool(), r.data.windowOf(plan.Window), reply
	s.record = func(m *twilio.Message) diag.Diagnostics {
		plan.setFacts(m.IPCommand)
		diags := state.Set(ctx, plan)
		diags.Append(setIdentity(ctx, identity, plan.SID)...)
		return diags
	}
	s.recordReply = func(reply twilio.IPCommand) diag.Diagnostics {
		plan.Reply = replyFromAPI(reply)
		return state.Set(ctx, plan)
	}
	diags.Append(s.send(ctx, message.params())...)
	return diags
}

// ipCommandState returns the state of a resource. Where somebody has edited it so
// that it is none, the error is ours, and no request is made with it.
func ipCommandState(ctx context.Context, from tfsdk.State) (state ipCommandResourceModel, diags diag.Diagnostics) {
	malformed := from.Get(ctx, &state)
	problem := malformedSID("IP Command", "HG", state.SID.ValueString())
	for _, d := range malformed.Errors() {
		problem = "It has a value of another type than the provider writes."
		if at, ok := d.(diag.DiagnosticWithPath); ok {
			problem = fmt.Sprintf("Its %s is not what the provider writes.", at.Path())
		}
	}
	if problem != "" {
		diags.AddError("State of an IP Command is damaged", problem+
			" Nothing is sent or forgotten. Restore the state from a backup, or remove the resource from the state and import the message by its SID.")
	}
	return state, diags
}

// setFacts has the model tell what the API knows.
func (m *ipCommandResourceModel) setFacts(cmd twilio.IPCommand) {
	m.ipCommandFacts = ipCommandFromAPI(cmd).ipCommandFacts
	m.ID = m.SID
}

// message is the message of a state.
func (m ipCommandResourceModel) message() *twilio.Message {
	cmd := m.command()
	cmd.DevicePort = m.DevicePort.ValueInt64Pointer()
	return twilio.Recorded(m.params(), cmd)
}

// Read refreshes a command that may still change. It never touches the
// inputs: they are the user's, whatever the API returns (rule R9).
func (r *ipCommandResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	state, diags := ipCommandState(ctx, req.State)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	recorded := state.command()
	r.data.read.Store(recorded.SID, true)
	// A state from before has no identity, and no id.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.SID)...)
	if !state.ID.Equal(state.SID) {
		state.ID = state.SID
		resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
	}
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
		m := state.message()
		err := client.IPCommands.Refresh(ctx, m)
		switch {
		case twilio.IsNotFound(err):
			resp.Diagnostics.Append(r.warnOfLost(recorded)...)
		case err != nil:
			resp.Diagnostics.AddError("IP Command could not be read", recorded.SID+" could not be read. "+sentence(err))
			return
		case m.IsFailed():
			resp.Diagnostics.AddWarning("IP Command failed after apply", failedDetail(client.IPCommands.Shown(m))+
				" That was not known when apply ended. It is not sent again by itself; to send it anew, run apply with -replace for this resource.")
		}
		state.setFacts(m.IPCommand)
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
	return ok && r.data.clock.Now().Sub(created) >= retention+retentionMargin
}

// warnOfLost is rule R6: a 404 is told, and changes nothing. The API gives it for
// messages that exist, and so do another account and another platform; to remove
// the message from the state would send it again.
func (r *ipCommandResource) warnOfLost(recorded twilio.IPCommand) (diags diag.Diagnostics) {
	created, ok := recorded.Created()
	age := r.data.clock.Now().Sub(created)
	if ok && (age < readableAfter || age > retention-retentionMargin) || !recorded.IsQueued() {
		return nil
	}
	diags.AddWarning("IP Command is not known to the API", fmt.Sprintf(
		"%s, created at %s, was still queued, and the API does not know it now. It stays in the state, and nothing is sent. "+
			"The usual causes: the provider uses another account or platform than the one that sent it, or the API lost it. "+
			"Check the credentials first. If the message is lost, apply with -replace for this resource sends it anew.", recorded.SID, dateText(recorded.DateCreated)))
	return diags
}

// Update changes how apply waits, or takes over the arguments of an imported
// command; neither makes a request. Where an argument that was not known in the
// plan has turned out to differ, it sends the new message (rule R13).
func (r *ipCommandResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	change, diags := readChange(ctx, req.State, req.Plan, req.Config, req.Private)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	state, plan, config := change.state, change.plan, change.config
	switch {
	case len(change.differs) == 0:
		plan.ID, plan.ipCommandFacts, plan.Reply = state.SID, state.ipCommandFacts, state.Reply
		resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
		resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.SID)...)
	case change.isImported:
		resp.Diagnostics.AddAttributeError(change.differs[0], "Imported IP Command is another message", fmt.Sprintf(
			"%s was imported, and its %s was not known in the plan. Now it is, and it is not what the command has. Nothing was sent, and the command stays imported. "+
				"Give the arguments that the command has; to send another message, add a resource for it.", state.SID.ValueString(), change.differs[0]))
		return
	default:
		lost, diags := req.Private.GetKey(ctx, lostUpdateKey)
		resp.Diagnostics.Append(diags...)
		r.data.giveUp(state, &twilio.Replacement{Params: plan.params(), Looks: r.data.windowOf(plan.Window).Duration > 0}, lost != nil)
		s := sender{asker: byUpdate(state.SID.ValueString()), mayBeSent: func() { lost = []byte("true") }}
		resp.Diagnostics.Append(r.send(ctx, s, plan, config, &resp.State, resp.Identity)...)
		if resp.Diagnostics.HasError() {
			// An update cannot taint. With the message that was before, the next
			// plan replaces it.
			resp.State.Raw = req.State.Raw
			resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, state.SID)...)
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostUpdateKey, lost)...)
			return
		}
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, lostUpdateKey, nil)...)
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, importedKey, nil)...)
}

// lostUpdateKey is in the private state of a resource after an update whose
// message may have been sent. The next one then looks first, however equal it is
// to the one before.
const lostUpdateKey = "lost_update"

// replacementKey is in the private state that the plan of a create hands over. Where
// that is one half of a replacement, Delete is the other half, and gets it. Create
// does not, nor does what the create leaves in the state.
const replacementKey = "replacement"

// replacement is what the plan of a create tells Delete: the message, or null where
// that is not known.
func (r *ipCommandResource) replacement(plan ipCommandResourceModel) []byte {
	if r.data.client == nil || plan.SIM.IsUnknown() || plan.Payload.IsUnknown() || plan.PayloadType.IsUnknown() || plan.DevicePort.IsUnknown() || plan.Window.IsUnknown() {
		return []byte("null")
	}
	replacement, _ := json.Marshal(twilio.Replacement{Params: plan.params(), Looks: r.data.windowOf(plan.Window).Duration > 0})
	return replacement
}

// Delete is rule R7: it makes no request. The framework removes the resource
// from the state. The client is told which message is given up, and for which one, so
// that the one that replaces it is not mistaken for it (rules R2 and R10).
func (r *ipCommandResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	state, damaged := ipCommandState(ctx, req.State)
	replacement, diags := req.Private.GetKey(ctx, replacementKey)
	resp.Diagnostics.Append(diags...)
	lost, diags := req.Private.GetKey(ctx, lostUpdateKey)
	resp.Diagnostics.Append(diags...)
	if damaged.HasError() { // It can be forgotten all the same.
		return
	}
	var by *twilio.Replacement
	if replacement != nil {
		by = &twilio.Replacement{Params: state.params(), Looks: true} // Null leaves it.
		_ = json.Unmarshal(replacement, by)
	}
	r.data.giveUp(state, by, lost != nil)
}
