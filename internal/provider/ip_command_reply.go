package provider

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// waitForReply is the argument of rule R11, in the resource and in the action.
var waitForReply = schema.SingleNestedAttribute{
	MarkdownDescription: "Wait for the device's reply: the oldest message from the SIM that is no older than this one.",
	Optional:            true,
	Validators:          []validator.Object{needsWaitForSent{}},
	Attributes: map[string]schema.Attribute{
		"timeout": schema.StringAttribute{
			MarkdownDescription: "How long to wait once the message has left: a duration such as `30s`.",
			Required:            true,
			Validators:          []validator.String{positiveDuration("To send without waiting for a reply, leave wait_for_reply out.")},
		},
		"device_port": schema.Int64Attribute{
			MarkdownDescription: "Port that the reply comes from. Default: the port of the message.",
			Optional:            true,
			Validators:          []validator.Int64{int64validator.Between(1, 65535)},
		},
		"pattern": schema.StringAttribute{
			MarkdownDescription: "Regular expression ([RE2](https://github.com/google/re2/wiki/Syntax)) that the reply must match, in its text or, if that is not UTF-8, its lower-case hexadecimal digits. Default: any reply.",
			Optional:            true,
			Validators: []validator.String{stringRule{"must be a regular expression (RE2)", func(value string) string {
				if _, err := regexp.Compile(value); err != nil {
					return fmt.Sprintf("The pattern is not a regular expression of RE2: %v.", err)
				}
				return ""
			}}},
		},
	},
}

// waitForReplyType is the type of wait_for_reply.
var waitForReplyType = map[string]attr.Type{"timeout": types.StringType, "device_port": types.Int64Type, "pattern": types.StringType}

// needsWaitForSent refuses to wait for a reply to a message that may not have
// left.
type needsWaitForSent struct{}

func (needsWaitForSent) Description(context.Context) string { return "needs wait_for_sent" }

func (v needsWaitForSent) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (needsWaitForSent) ValidateObject(ctx context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if _, has := req.Config.Schema.GetAttributes()["wait_for_sent"]; !has {
		return // A rollout always waits.
	}
	var wait types.Bool
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("wait_for_sent"), &wait)...)
	if known(req.ConfigValue) && known(wait) && !wait.ValueBool() {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Combination",
			"wait_for_reply needs wait_for_sent: a reply can come only once the message has left. Remove wait_for_sent = false, or wait_for_reply.")
	}
}

// replyWait says which reply to wait for, and how long.
type replyWait struct {
	twilio.ReplyFilter
	timeout duration
}

// newReplyWait reads wait_for_reply of a message to a port; nil means that nobody
// waits.
func newReplyWait(ctx context.Context, argument types.Object, port types.Int64) (*replyWait, diag.Diagnostics) {
	if argument.IsNull() {
		return nil, nil
	}
	var model struct {
		Timeout    types.String `tfsdk:"timeout"`
		DevicePort types.Int64  `tfsdk:"device_port"`
		Pattern    types.String `tfsdk:"pattern"`
	}
	diags := argument.As(ctx, &model, basetypes.ObjectAsOptions{})
	w := &replyWait{ReplyFilter: twilio.ReplyFilter{DevicePort: port.ValueInt64()}, timeout: parseDuration(model.Timeout)}
	if !model.DevicePort.IsNull() {
		w.DevicePort = model.DevicePort.ValueInt64()
	}
	if pattern := model.Pattern.ValueString(); pattern != "" {
		w.Pattern, _ = regexp.Compile(pattern) // The validators have seen to it.
	}
	return w, diags
}

// replyType is the type of reply.
var replyType = map[string]attr.Type{
	"sid": types.StringType, "payload": types.StringType, "text": types.StringType, "hex": types.StringType,
	"device_port": types.Int64Type, "date_created": types.StringType,
}

// replyAttribute is the reply of a device.
func replyAttribute() schema.Attribute {
	computed := func(description string) schema.Attribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: "The device's reply; null without one.",
		Computed:            true,
		PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		Attributes: map[string]schema.Attribute{
			"sid":          computed("SID of the reply, `HG…`."),
			"payload":      computed("Its bytes in Base64."),
			"text":         computed("Its bytes as text; null if they are not UTF-8."),
			"hex":          computed("Its bytes in lower-case hexadecimal digits."),
			"device_port":  schema.Int64Attribute{MarkdownDescription: "Port that it came from.", Computed: true},
			"date_created": computed("When the API received it: RFC 3339, UTC."),
		},
	}
}

// replyFromAPI is the one mapping of a reply.
func replyFromAPI(c twilio.IPCommand) types.Object {
	bytes, _ := c.Bytes() // A reply was chosen by its bytes.
	text := types.StringNull()
	if utf8.Valid(bytes) {
		text = types.StringValue(string(bytes))
	}
	return types.ObjectValueMust(replyType, map[string]attr.Value{
		"sid":          types.StringValue(c.SID),
		"payload":      types.StringValue(base64.StdEncoding.EncodeToString(bytes)),
		"text":         text,
		"hex":          types.StringValue(hex.EncodeToString(bytes)),
		"device_port":  types.Int64PointerValue(c.DevicePort),
		"date_created": dateValue(c.DateCreated),
	})
}

// awaitsReply reports whether the state lacks a reply that may still be found.
func (m ipCommandResourceModel) awaitsReply() bool {
	return !m.WaitForReply.IsNull() && m.Reply.IsNull() && m.Status.ValueString() == twilio.StatusSent
}

// findReply looks once for the reply that the state lacks (rule R11).
func (m *ipCommandResourceModel) findReply(ctx context.Context, client *twilio.Client) diag.Diagnostics {
	wait, diags := newReplyWait(ctx, m.WaitForReply, m.DevicePort)
	if diags.HasError() {
		return diags
	}
	reply, found, err := client.IPCommands.FindReply(ctx, m.message(), wait.ReplyFilter)
	switch {
	case errors.Is(err, rest.ErrTooMany), errors.Is(err, twilio.ErrReplyNotTold):
		// It stays so, and an error would fail even the plan that takes
		// wait_for_reply away.
		diags.AddWarning("The reply to an IP Command was not found", m.SID.ValueString()+" may have been replied to. "+sentence(err)+" Remove wait_for_reply to look no more.")
	case err != nil:
		diags.AddError("The reply to an IP Command could not be read", m.SID.ValueString()+" may have been replied to. "+sentence(err))
	case found:
		m.Reply = replyFromAPI(reply)
	}
	return diags
}
