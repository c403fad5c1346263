package provider

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// output is a state check of an output value.
func output(name string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownOutputValue(name, want)
}

// TestAccIPCommands_complete reads a long list, in order and with the fewest
// requests, and a short one with a single request.
func TestAccIPCommands_complete(t *testing.T) {
	t.Parallel()
	const n = 2345
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	newestFirst := make([]string, n)
	for i := range n {
		newestFirst[n-1-i] = w.AddIPCommand(twiliosim.IPCommand{Payload: fmt.Sprint(i), DateCreated: start.Add(time.Duration(i-n) * time.Minute)}).SID
	}
	c := w.newCLI(t)
	c.write(w.provider() + `
data "twilio_ip_commands" "all" {}

output "sids" {
  value = join(",", data.twilio_ip_commands.all.ip_commands[*].sid)
}
`)
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.run("output", "-raw", "sids"); strings.TrimSpace(got.output) != strings.Join(newestFirst, ",") {
		t.Error("the list is not complete and in order")
	}
	if requests := w.gets(); requests != 3 {
		t.Errorf("%d requests, want 3", requests)
	}

	c.write(w.provider() + `
data "twilio_ip_commands" "some" {
  limit = 10
}

output "payloads" {
  value = join(",", data.twilio_ip_commands.some.ip_commands[*].payload)
}
`)
	before := w.gets()
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.run("output", "-raw", "payloads"); strings.TrimSpace(got.output) != "2344,2343,2342,2341,2340,2339,2338,2337,2336,2335" {
		t.Errorf("limit = 10 gives %s", got.output)
	}
	if requests := w.gets() - before; requests != 1 {
		t.Errorf("limit = 10 made %d requests, want 1", requests)
	}
}

// TestAccLists_filters wants every argument in the query and nothing else.
func TestAccLists_filters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config: w.provider() + fmt.Sprintf(`
data "twilio_ip_commands" "test" {
  sim       = "valve"
  sim_iccid = %q
  status    = "received"
  direction = "from_sim"
  page_size = 7
}

data "twilio_commands" "test" {
  sim       = "meter"
  status    = "delivered"
  direction = "to_sim"
  transport = "sms"
  page_size = 1000
  limit     = 20
}
`, sim.ICCID),
		ConfigPlanChecks: settledPlan(),
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue("data.twilio_ip_commands.test", tfjsonpath.New("ip_commands"), knownvalue.ListExact(nil)),
			statecheck.ExpectKnownValue("data.twilio_commands.test", tfjsonpath.New("commands"), knownvalue.ListExact(nil)),
		},
	})
	want := map[string]url.Values{
		"/v1/IpCommands": {"Sim": {"valve"}, "SimIccid": {sim.ICCID}, "Status": {"received"}, "Direction": {"from_sim"}, "PageSize": {"7"}},
		"/v1/Commands":   {"Sim": {"meter"}, "Status": {"delivered"}, "Direction": {"to_sim"}, "Transport": {"sms"}, "PageSize": {"20"}},
	}
	for _, r := range w.Requests() {
		if r.Query.Encode() != want[r.Path].Encode() {
			t.Errorf("%s has the query %s, want %s", r.Path, r.Query.Encode(), want[r.Path].Encode())
		}
	}
	if len(w.Requests()) < 2 {
		t.Error("the lists were not read")
	}
}

// TestAccLists_fields shows every field of both kinds of messages, and nulls
// where the API gives null.
func TestAccLists_fields(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve", NeverSends: true})
	received := w.ReceiveFromSIM(sim.SID, 7000, []byte{0, 1, 255})
	queued := w.AddIPCommand(twiliosim.IPCommand{Status: "queued", Payload: "wait", DateCreated: start.Add(-time.Hour)})
	later := w.AddIPCommand(twiliosim.IPCommand{Status: "expired", DateCreated: start.Add(-2 * time.Hour)})
	command := w.AddCommand(twiliosim.Command{Command: "reboot", CommandMode: "text", Transport: "ip", Status: "delivered", Direction: "to_sim"})
	ipCommand := func(c twiliosim.IPCommand, deviceIP knownvalue.Check) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{
			"sid": knownvalue.StringExact(c.SID), "account_sid": knownvalue.StringExact(c.AccountSID),
			"sim_sid": knownvalue.StringExact(c.SIMSID), "sim_iccid": knownvalue.StringExact(c.SIMICCID),
			"status": knownvalue.StringExact(c.Status), "direction": knownvalue.StringExact(c.Direction),
			"device_ip": deviceIP, "device_port": knownvalue.Int64Exact(int64(c.DevicePort)),
			"payload_type": knownvalue.StringExact(c.PayloadType), "payload": knownvalue.StringExact(c.Payload),
			"date_created": knownvalue.StringExact(c.DateCreated.Format(time.RFC3339)), "date_updated": knownvalue.StringExact(c.DateUpdated.Format(time.RFC3339)),
			"url": knownvalue.NotNull(),
		})
	}
	w.test(t, resource.TestStep{
		Config: w.provider() + fmt.Sprintf(`
data "twilio_ip_commands" "all" {}
data "twilio_commands" "all" {}
data "twilio_ip_command" "one" {
  sid = %q
}

output "ip_commands" {
  value = data.twilio_ip_commands.all.ip_commands
}
output "commands" {
  value = data.twilio_commands.all.commands
}
output "one" {
  value = data.twilio_ip_command.one
}
`, received.SID),
		ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		ConfigStateChecks: []statecheck.StateCheck{
			output("ip_commands", knownvalue.ListExact([]knownvalue.Check{
				ipCommand(received, knownvalue.StringExact(sim.IP)), ipCommand(queued, knownvalue.Null()), ipCommand(later, knownvalue.NotNull()),
			})),
			output("one", ipCommand(received, knownvalue.StringExact(sim.IP))),
			output("commands", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(map[string]knownvalue.Check{
				"sid": knownvalue.StringExact(command.SID), "account_sid": knownvalue.StringExact(command.AccountSID),
				"sim_sid": knownvalue.StringExact(command.SIMSID), "command": knownvalue.StringExact("reboot"),
				"command_mode": knownvalue.StringExact("text"), "transport": knownvalue.StringExact("ip"),
				"delivery_receipt_requested": knownvalue.Bool(command.DeliveryReceiptRequested),
				"status":                     knownvalue.StringExact("delivered"), "direction": knownvalue.StringExact("to_sim"),
				"date_created": knownvalue.StringExact(command.DateCreated.Format(time.RFC3339)), "date_updated": knownvalue.StringExact(command.DateUpdated.Format(time.RFC3339)),
				"url": knownvalue.NotNull(),
			})})),
		},
	})
}

// TestAccLists_errors shows an API's refusal whole.
func TestAccLists_errors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.Inject(twiliosim.Fault{PathPrefix: "/v1/Commands", Status: 400, Body: []byte(`{"code":20001,"message":"Bad request","more_info":"https://www.twilio.com/docs/errors/20001","status":400}`)})
	c := w.newCLI(t)
	c.write(w.provider() + `data "twilio_commands" "test" {}`)
	got := c.plan()
	for _, want := range []string{"Commands could not be listed", "HTTP 400", "Bad request", "error code 20001", "https://www.twilio.com/docs/errors/20001"} {
		if got.exit != 1 || !strings.Contains(oneLine(got.output), want) {
			t.Errorf("exit code %d, want %q in:\n%s", got.exit, want, got.output)
		}
	}
}

// TestListPaging_limit has more than an int holds where it has 32 bits: it
// must not become a small number.
func TestListPaging_limit(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	if got := (listPaging{Limit: types.Int64Value(1<<32 + 1)}).options(1000, &diags).Limit; got != math.MaxInt32 || diags.HasError() {
		t.Errorf("limit %d, %v", got, diags)
	}
}

// TestLists_tooLarge refuses a list when it has grown beyond what fits into an
// answer, without reading what is left of it.
func TestLists_tooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	for range 5000 {
		w.AddIPCommand(twiliosim.IPCommand{Payload: "open"})
	}
	s := newProtocolServer(t, w.url)
	const name = "twilio_ip_commands"
	req := &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: s.block(t, s.schema.DataSourceSchemas[name], nil)}

	served := s.ProviderServer.(*server)
	served.Limit = 1 << 20
	resp, err := s.ReadDataSource(t.Context(), req)
	if err != nil || len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
		t.Fatal(resp, err)
	}
	text := resp.Diagnostics[0].Summary + ": " + resp.Diagnostics[0].Detail
	var rows int64
	if _, err := fmt.Sscanf(resp.Diagnostics[0].Detail, "After %d commands", &rows); err != nil {
		t.Error(text, err)
	}
	for _, want := range []string{"Too many commands", "255 MiB", "limit", "sim, status or direction"} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q: %s", want, text)
		}
	}
	if want := rows/1000 + 1; rows == 0 || int64(w.Count(http.MethodGet, "")) != want {
		t.Errorf("%d requests for %d commands, want %d", int64(w.Count(http.MethodGet, "")), rows, want)
	}

	// As it is served, the same list is no trouble.
	served.Limit = 0
	if resp, err := s.ReadDataSource(t.Context(), req); err != nil || len(resp.Diagnostics) > 0 {
		t.Error(resp, err)
	}
}

func TestCommandFromAPI(t *testing.T) {
	t.Parallel()
	var c twilio.Command
	body := `{"sid":"DC1","account_sid":"AC1","sim_sid":"DE1","command":"hi","command_mode":"text","transport":"sms","delivery_receipt_requested":true,
		"status":"delivered","direction":"to_sim","date_created":"2015-07-30T20:00:00Z","date_updated":null,"url":"https://x"}`
	if err := json.Unmarshal([]byte(body), &c); err != nil {
		t.Fatal(err)
	}
	want := commandModel{
		SID: types.StringValue("DC1"), AccountSID: types.StringValue("AC1"), SIMSID: types.StringValue("DE1"), Command: types.StringValue("hi"),
		CommandMode: types.StringValue("text"), Transport: types.StringValue("sms"), DeliveryReceiptRequested: types.BoolValue(true),
		Status: types.StringValue("delivered"), Direction: types.StringValue("to_sim"),
		DateCreated: types.StringValue("2015-07-30T20:00:00Z"), DateUpdated: types.StringNull(), URL: types.StringValue("https://x"),
	}
	if got := commandFromAPI(c); got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := commandFromAPI(twilio.Command{SID: "DC1"}); got != (commandModel{SID: types.StringValue("DC1")}) {
		t.Errorf("nulls give %v", got)
	}
}
