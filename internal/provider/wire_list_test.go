package provider

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func ptr[T any](v T) *T { return &v }

// TestWireList wants from the list's own encoding exactly what the framework
// makes of the same models, between the answer's other attributes.
func TestWireList(t *testing.T) {
	t.Parallel()
	text, date := ptr("für \"x\"\x00\n"), ptr[twilio.Timestamp]("2026-03-01T12:00:00Z")
	long := ptr(strings.Repeat("é", 700))
	t.Run("twilio_ip_commands", func(t *testing.T) {
		t.Parallel()
		testWireList(t, newIPCommandsDataSource(), "ip_commands", ipCommandFromAPI, []twilio.IPCommand{
			{SID: "HG1"},
			{
				SID: "HG2", AccountSID: ptr("AC1"), SIMSID: ptr("HS1"), SIMICCID: ptr("8988307"), Status: ptr("sent"), Direction: ptr("to_sim"),
				DeviceIP: ptr("100.64.0.2"), DevicePort: ptr[int64](65535), PayloadType: ptr("text"), Payload: text,
				DateCreated: date, DateUpdated: date, URL: ptr("https://supersim.twilio.com/v1/IpCommands/HG2"),
			},
			{SID: "", Payload: ptr(""), DevicePort: ptr[int64](0), Status: ptr("later than this test")},
			{SID: "HG3", Payload: long, DevicePort: ptr[int64](-1), DateCreated: ptr[twilio.Timestamp]("no date")},
			{SID: "HG4", DevicePort: ptr[int64](1 << 40)},
		})
	})
	t.Run("twilio_commands", func(t *testing.T) {
		t.Parallel()
		testWireList(t, newCommandsDataSource(), "commands", commandFromAPI, []twilio.Command{
			{SID: "DC1"},
			{
				SID: "DC2", AccountSID: ptr("AC1"), SIMSID: ptr("DE1"), Command: text, CommandMode: ptr("text"), Transport: ptr("sms"),
				DeliveryReceiptRequested: ptr(true), Status: ptr("delivered"), Direction: ptr("to_sim"),
				DateCreated: date, DateUpdated: date, URL: ptr("https://wireless.twilio.com/v1/Commands/DC2"),
			},
			{SID: "DC3", DeliveryReceiptRequested: ptr(false), Command: long},
		})
	})
	t.Run("empty", func(t *testing.T) {
		t.Parallel()
		testWireList(t, newCommandsDataSource(), "commands", commandFromAPI, nil)
	})
}

func testWireList[T, M any](t *testing.T, source datasource.DataSource, attribute string, fromAPI func(T) M, commands []T) {
	t.Helper()
	var schema datasource.SchemaResponse
	source.Schema(t.Context(), datasource.SchemaRequest{}, &schema)
	object := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	listType := schema.Schema.Attributes[attribute].GetType().(attr.TypeWithElementType)

	list := &wireList{limit: maxAnswer}
	ctx := context.WithValue(t.Context(), wireListKey{}, list)
	if diags := writeList(ctx, schema.Schema.Type(), attribute, sequence(commands), fromAPI); diags.HasError() {
		t.Fatal(diags)
	}
	// The framework's part of the answer: an argument that is set, others
	// that are null, and no list.
	want := map[string]tftypes.Value{}
	for name, of := range object.AttributeTypes {
		want[name] = tftypes.NewValue(of, nil)
	}
	want["limit"] = tftypes.NewValue(tftypes.Number, 7)
	want["sim"] = tftypes.NewValue(tftypes.String, "valve")
	answer, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, want))
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := list.into(&answer)
	if err != nil {
		t.Fatal(err)
	}
	got, err := encoded.Unmarshal(object)
	if err != nil {
		t.Fatal(err)
	}

	models := make([]M, len(commands))
	for i, c := range commands {
		models[i] = fromAPI(c)
	}
	rows, diags := types.ListValueFrom(t.Context(), listType.ElementType(), models)
	if diags.HasError() {
		t.Fatal(diags)
	}
	if want[attribute], err = rows.ToTerraformValue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff, err := tftypes.NewValue(object, want).Diff(got); err != nil || len(diff) > 0 {
		t.Errorf("%d differences, such as %v, %v", len(diff), diff[:min(len(diff), 3)], err)
	}
}

// sequence is a list that ends well.
func sequence[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}

// TestWireList_tooLarge refuses a list when it has grown beyond what fits
// into an answer, without reading what is left of it.
func TestWireList_tooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	for range 5000 {
		w.AddIPCommand(twiliosim.IPCommand{Payload: "open"})
	}
	s := newProtocolServer(t, w.url)
	const name = "twilio_ip_commands"
	req := &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.block(t, s.schema.DataSourceSchemas[name], nil)}

	list := &wireList{limit: 1 << 20}
	framework := s.ProviderServer.(*server).frameworkServer
	resp, err := framework.ReadDataSource(context.WithValue(t.Context(), wireListKey{}, list), req)
	if err != nil || len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatal(resp, err)
	}
	text := resp.Diagnostics[0].Summary + ": " + resp.Diagnostics[0].Detail
	for _, want := range []string{"Too many commands", fmt.Sprintf("After %d commands", list.length), "255 MiB", "limit", "sim, status or direction"} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q: %s", want, text)
		}
	}
	if size := list.text.size; list.done || size < list.limit || size > list.limit+4096 {
		t.Errorf("%d bytes were built for a limit of %d", size, list.limit)
	}
	if got, want := w.Count(http.MethodGet, ""), int(list.length)/1000+1; list.length == 0 || got != want {
		t.Errorf("%d requests for %d commands, want %d", got, list.length, want)
	}

	// As it is served, the same list is no trouble.
	if resp, err := s.ReadDataSource(t.Context(), req); err != nil || len(resp.Diagnostics) > 0 {
		t.Error(resp, err)
	}
}
