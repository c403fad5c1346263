package provider

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// badInput is a value that must be refused, on its attribute, with a text
// that says what is wrong and what is allowed.
type badInput struct {
	name  string
	block string // the type of the block, "" for the resource
	// arguments replace or add to those of a good block.
	arguments map[string]string
	// attribute is the one that the error points at; empty where the error is
	// of a nested one, whose line not every CLI finds.
	attribute string
	says      string
}

// good is the arguments of a block that is accepted.
func good(block string) map[string]string {
	switch block {
	case "":
		return map[string]string{"sim": `"valve"`, "payload": `"open"`, "device_port": "5683"}
	default:
		return map[string]string{}
	}
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func badInputs() []badInput {
	binary := func(n int) string { return quoted(base64.StdEncoding.EncodeToString(make([]byte, n))) }
	inputs := []badInput{
		{name: "empty sim", arguments: map[string]string{"sim": `""`}, attribute: "sim", says: "HS and 32 hexadecimal digits"},
		{name: "blank sim", arguments: map[string]string{"sim": `"  "`}, attribute: "sim", says: "sim is empty"},
		{name: "empty payload", arguments: map[string]string{"payload": `""`}, attribute: "payload", says: "1 to 1300 bytes"},
		{name: "1301 bytes", arguments: map[string]string{"payload": quoted(strings.Repeat("x", 1301))}, attribute: "payload", says: "has 1301 bytes in UTF-8; an IP Command carries 1 to 1300"},
		{name: "1302 bytes in 651 characters", arguments: map[string]string{"payload": quoted(strings.Repeat("é", 651))}, attribute: "payload", says: "has 1302 bytes"},
		{name: "1301 bytes once decoded", arguments: map[string]string{"payload": binary(1301), "payload_type": `"binary"`}, attribute: "payload", says: "has 1301 bytes once decoded"},
		{name: "not Base64", arguments: map[string]string{"payload": `"not base64!"`, "payload_type": `"binary"`}, attribute: "payload", says: "base64encode"},
		{name: "Base64 without padding", arguments: map[string]string{"payload": `"AQ"`, "payload_type": `"binary"`}, attribute: "payload", says: "padded Base64"},
		{name: "URL-safe Base64", arguments: map[string]string{"payload": `"_-__"`, "payload_type": `"binary"`}, attribute: "payload", says: "standard, padded Base64"},
		{name: "Base64 with a line break", arguments: map[string]string{"payload": `"AQID\nBAUG"`, "payload_type": `"binary"`}, attribute: "payload", says: "standard, padded Base64"},
		{name: "payload type", arguments: map[string]string{"payload_type": `"hex"`}, attribute: "payload_type", says: `"hex" is not text or binary`},
		{name: "port 0", arguments: map[string]string{"device_port": "0"}, attribute: "device_port", says: "must be between 1 and 65535, got: 0"},
		{name: "negative port", arguments: map[string]string{"device_port": "-1"}, attribute: "device_port", says: "must be between 1 and 65535, got: -1"},
		{name: "port 65536", arguments: map[string]string{"device_port": "65536"}, attribute: "device_port", says: "must be between 1 and 65535, got: 65536"},
		{name: "callback method without URL", arguments: map[string]string{"callback_method": `"GET"`}, attribute: "callback_method", says: `"callback_url" must be specified when "callback_method" is specified`},
		{name: "callback method", arguments: map[string]string{"callback_url": `"https://example.com"`, "callback_method": `"PUT"`}, attribute: "callback_method", says: `"PUT" is not GET or POST`},
		{name: "zero timeout", arguments: map[string]string{"timeouts": `{ create = "0s" }`}, says: "set wait_for_sent to false"},
		{name: "timeout without unit", arguments: map[string]string{"timeouts": `{ create = "60" }`}, says: `"60" is not a duration`},
		{name: "window in days", arguments: map[string]string{"deduplication_window": `"7d"`}, attribute: "deduplication_window", says: `Give a number with a unit, h, m or s, such as "24h"`},
		{name: "no window", arguments: map[string]string{"deduplication_window": `"-1s"`}, attribute: "deduplication_window", says: `or "0s" to send without a look`},
		{name: "window of 697h", arguments: map[string]string{"deduplication_window": `"697h"`}, attribute: "deduplication_window", says: "more than 696h (29 days)"},
		{name: "answer without a wait", arguments: map[string]string{"wait_for_sent": "false", "wait_for_reply": `{ timeout = "10s" }`}, attribute: "wait_for_reply", says: "wait_for_reply needs wait_for_sent"},
		{name: "no time for an answer", arguments: map[string]string{"wait_for_reply": `{ timeout = "0s" }`}, says: "leave wait_for_reply out"},
		{name: "port 0 of an answer", arguments: map[string]string{"wait_for_reply": `{ timeout = "10s", device_port = 0 }`}, says: "must be between 1 and 65535, got: 0"},
		{name: "pattern", arguments: map[string]string{"wait_for_reply": `{ timeout = "10s", pattern = "(" }`}, says: "not a regular expression of RE2"},
		{name: "malformed SID", block: "twilio_ip_command", arguments: map[string]string{"sid": `"HG12"`}, attribute: "sid", says: `"HG12" is not the SID of an IP Command`},
		{name: "empty ICCID", block: "twilio_ip_commands", arguments: map[string]string{"sim_iccid": `""`}, attribute: "sim_iccid", says: "leave it out to match all"},
		{name: "status of Commands only", block: "twilio_ip_commands", arguments: map[string]string{"status": `"delivered"`}, attribute: "status", says: `"delivered" is not queued, sent, received or failed`},
		{name: "transport", block: "twilio_commands", arguments: map[string]string{"transport": `"udp"`}, attribute: "transport", says: `"udp" is not sms or ip`},
	}
	for _, url := range []string{"", "example.com", "/sent", "ftp://example.com", "https://", "https:// example.com", "mailto:a@example.com"} {
		inputs = append(inputs, badInput{name: "callback URL " + url, arguments: map[string]string{"callback_url": quoted(url)}, attribute: "callback_url", says: "is not an absolute http or https URL"})
	}
	for _, filter := range []string{"fleet", "status", "iccid"} {
		inputs = append(inputs, badInput{name: "blank " + filter, block: "twilio_super_sims", arguments: map[string]string{filter: `" "`}, attribute: filter, says: "leave it out to match all"})
	}
	for _, block := range []string{"twilio_ip_commands", "twilio_commands"} {
		inputs = append(inputs,
			badInput{name: "empty sim", block: block, arguments: map[string]string{"sim": `""`}, attribute: "sim", says: "leave it out to match all"},
			badInput{name: "status", block: block, arguments: map[string]string{"status": `"lost"`}, attribute: "status", says: `"lost" is not `},
			badInput{name: "direction", block: block, arguments: map[string]string{"direction": `"up"`}, attribute: "direction", says: `"up" is not to_sim or from_sim`},
		)
	}
	for _, l := range listCases {
		block := l.name
		inputs = append(inputs,
			badInput{name: "page size 0", block: block, arguments: map[string]string{"page_size": "0"}, attribute: "page_size", says: "must be between 1 and 1000, got: 0"},
			badInput{name: "page size 1001", block: block, arguments: map[string]string{"page_size": "1001"}, attribute: "page_size", says: "must be between 1 and 1000, got: 1001"},
			badInput{name: "limit 0", block: block, arguments: map[string]string{"limit": "0"}, attribute: "limit", says: "must be at least 1, got: 0"},
			badInput{name: "negative limit", block: block, arguments: map[string]string{"limit": "-5"}, attribute: "limit", says: "must be at least 1, got: -5"},
		)
	}
	return inputs
}

// configuration writes the block, each argument made by f.
func (b badInput) configuration(f func(name, v string) string) string {
	arguments := good(b.block)
	maps.Copy(arguments, b.arguments)
	header := `resource "twilio_ip_command" "test"`
	if b.block != "" {
		header = fmt.Sprintf("data %q \"test\"", b.block)
	}
	var s strings.Builder
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		fmt.Fprintf(&s, "  %s = %s\n", name, f(name, arguments[name]))
	}
	return header + " {\n" + s.String() + "}\n"
}

// TestAccBadInput_plan wants every bad value refused by a plan, on its
// attribute and without a request.
func TestAccBadInput_plan(t *testing.T) {
	t.Parallel()
	for _, b := range badInputs() {
		t.Run(b.block+" "+b.name, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + b.configuration(func(_, v string) string { return v }))
			got := c.plan()
			b.check(t, w, got)
			// The diagnostic shows the line of the attribute.
			if b.attribute != "" && !strings.Contains(oneLine(got.output), ": "+b.attribute+" = ") {
				t.Errorf("the error does not point at %s:\n%s", b.attribute, got.output)
			}
		})
	}
}

// atApply writes the block with values that are known only at apply.
func (b badInput) atApply() string {
	inputs := ""
	block := b.configuration(func(name, v string) string {
		inputs += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", name, v)
		return "terraform_data." + name + ".output"
	})
	return inputs + block
}

// TestAccBadInput_apply wants the same of values that are known only at
// apply: refused before any request. The CLI has them validated again.
func TestAccBadInput_apply(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	for _, b := range badInputs() {
		t.Run(b.block+" "+b.name, func(t *testing.T) {
			t.Parallel()
			b.checkAtApply(t, b.atApply())
		})
	}
}

// TestAccBadInput_applyEphemeral wants the same of an ephemeral resource.
func TestAccBadInput_applyEphemeral(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	for _, b := range badInputs() {
		if b.block != "twilio_ip_commands" {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			b.checkAtApply(t, strings.Replace(b.atApply(), "data \"twilio_ip_commands\"", "ephemeral \"twilio_ip_commands\"", 1)+`
resource "twilio_ip_command" "reader" {
  sim                = "valve"
  payload_wo         = jsonencode(ephemeral.twilio_ip_commands.test.ip_commands)
  payload_wo_version = 1
  device_port        = 1
}
`)
		})
	}
}

// TestAccBadInput_applyAction wants the same of an action.
func TestAccBadInput_applyAction(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for _, b := range badInputs() {
		if b.block != "" || b.arguments["timeouts"] != "" {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			inputs, block, _ := strings.Cut(b.atApply(), "resource \"twilio_ip_command\" \"test\"")
			b.checkAtApply(t, inputs+"action \"twilio_ip_command\" \"test\" {\n config"+block+`}
resource "terraform_data" "release" {
  input = terraform_data.payload.output
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.twilio_ip_command.test]
    }
  }
}
`)
		})
	}
}

func (b badInput) checkAtApply(t *testing.T, configuration string) {
	t.Helper()
	w, c := newCLIWorld(t)
	c.write(w.provider() + configuration)
	if plan := c.plan(); plan.exit != 0 {
		t.Fatalf("the plan knows the values:\n%s", plan.output)
	}
	b.check(t, w, c.apply())
}

func (b badInput) check(t *testing.T, w *world, got ran) {
	t.Helper()
	if got.exit != 1 || !strings.Contains(oneLine(got.output), b.says) {
		t.Errorf("exit code %d, want an error that says %q:\n%s", got.exit, b.says, got.output)
	}
	if n := len(w.Requests()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// TestAccGoodInput_bounds sends what is just inside the bounds.
func TestAccGoodInput_bounds(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	binary := quoted(base64.StdEncoding.EncodeToString(make([]byte, 1300)))
	c.write(hcl(w.provider(), message("text", quoted(strings.Repeat("é", 650)), "text", 1), message("binary", binary, "binary", 65535), message("byte", `"x"`, "text", 1)))
	c.succeeds(c.apply())
	sizes := map[int]int{}
	for _, d := range w.Deliveries() {
		sizes[len(d.Payload)]++
	}
	if sizes[1300] != 2 || sizes[1] != 1 {
		t.Errorf("the device got messages of these sizes: %v", sizes)
	}
}

func message(name, payload, payloadType string, port int) string {
	return fmt.Sprintf("resource \"twilio_ip_command\" %q {\n  sim = \"valve\"\n  payload = %s\n  payload_type = %q\n  device_port = %d\n}\n", name, payload, payloadType, port)
}
