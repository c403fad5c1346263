package provider

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// badInput is a value that must be refused, on its attribute, with a text
// that says what is wrong and what is allowed.
type badInput struct {
	name, attribute, value string
	more                   string // further arguments, as HCL has them
	says                   string
	block                  string // the type of the data source; empty for the resource
	// isNested is whether the error is of a nested attribute, whose line not every CLI
	// finds.
	isNested bool
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

func badInputs() []badInput {
	encoded := quoted(base64.StdEncoding.EncodeToString(make([]byte, 1301)))
	const binary = `payload_type = "binary"`
	inputs := []badInput{
		{name: "empty sim", attribute: "sim", value: `""`, says: "HS and 32 hexadecimal digits"},
		{name: "blank sim", attribute: "sim", value: `"  "`, says: "sim is empty"},
		{name: "empty payload", attribute: "payload", value: `""`, says: "1 to 1300 bytes"},
		{name: "1301 bytes", attribute: "payload", value: quoted(strings.Repeat("x", 1301)), says: "has 1301 bytes in UTF-8; an IP Command carries 1 to 1300"},
		{name: "1302 bytes in 651 characters", attribute: "payload", value: quoted(strings.Repeat("é", 651)), says: "has 1302 bytes"},
		{name: "1301 bytes once decoded", attribute: "payload", value: encoded, more: binary, says: "has 1301 bytes once decoded"},
		{name: "not Base64", attribute: "payload", value: `"not base64!"`, more: binary, says: "base64encode"},
		{name: "Base64 without padding", attribute: "payload", value: `"AQ"`, more: binary, says: "padded Base64"},
		{name: "URL-safe Base64", attribute: "payload", value: `"_-__"`, more: binary, says: "standard, padded Base64"},
		{name: "Base64 with a line break", attribute: "payload", value: `"AQID\nBAUG"`, more: binary, says: "standard, padded Base64"},
		{name: "payload type", attribute: "payload_type", value: `"hex"`, says: `"hex" is not text or binary`},
		{name: "port 0", attribute: "device_port", value: "0", says: "must be between 1 and 65535, got: 0"},
		{name: "negative port", attribute: "device_port", value: "-1", says: "must be between 1 and 65535, got: -1"},
		{name: "port 65536", attribute: "device_port", value: "65536", says: "must be between 1 and 65535, got: 65536"},
		{
			name: "callback method without URL", attribute: "callback_method", value: `"GET"`,
			says: `"callback_url" must be specified when "callback_method" is specified`,
		},
		{name: "callback method", attribute: "callback_method", value: `"PUT"`, more: `callback_url = "https://example.com"`, says: `"PUT" is not GET or POST`},
		{name: "zero timeout", attribute: "timeouts", value: `{ create = "0s" }`, isNested: true, says: "set wait_for_sent to false"},
		{name: "timeout without unit", attribute: "timeouts", value: `{ create = "60" }`, isNested: true, says: `"60" is not a duration`},
		{name: "window in days", attribute: "deduplication_window", value: `"7d"`, says: `Give a number with a unit, h, m or s, such as "24h"`},
		{name: "no window", attribute: "deduplication_window", value: `"-1s"`, says: `or "0s" to send without a look`},
		{name: "window of 697h", attribute: "deduplication_window", value: `"697h"`, says: "more than 696h (29 days)"},
		{
			name: "reply without a wait", attribute: "wait_for_reply", value: `{ timeout = "10s" }`, more: "wait_for_sent = false",
			says: "wait_for_reply needs wait_for_sent",
		},
		{name: "no time for a reply", attribute: "wait_for_reply", value: `{ timeout = "0s" }`, isNested: true, says: "leave wait_for_reply out"},
		{
			name: "port 0 of a reply", attribute: "wait_for_reply", value: `{ timeout = "10s", device_port = 0 }`, isNested: true,
			says: "must be between 1 and 65535, got: 0",
		},
		{name: "pattern", attribute: "wait_for_reply", value: `{ timeout = "10s", pattern = "(" }`, isNested: true, says: "not a regular expression of RE2"},
		{name: "malformed SID", block: "twilio_ip_command", attribute: "sid", value: `"HG12"`, says: `"HG12" is not the SID of an IP Command`},
		{name: "empty ICCID", block: "twilio_ip_commands", attribute: "sim_iccid", value: `""`, says: "leave it out to match all"},
		{
			name: "status of Commands only", block: "twilio_ip_commands", attribute: "status", value: `"delivered"`,
			says: `"delivered" is not queued, sent, received or failed`,
		},
		{name: "transport", block: "twilio_commands", attribute: "transport", value: `"udp"`, says: `"udp" is not sms or ip`},
	}
	for _, url := range []string{"", "example.com", "/sent", "ftp://example.com", "https://", "https:// example.com", "mailto:a@example.com"} {
		inputs = append(inputs, badInput{name: "callback URL " + url, attribute: "callback_url", value: quoted(url), says: "is not an absolute http or https URL"})
	}
	for _, filter := range []string{"fleet", "status", "iccid"} {
		inputs = append(inputs, badInput{name: "blank " + filter, block: "twilio_super_sims", attribute: filter, value: `" "`, says: "leave it out to match all"})
	}
	for _, block := range []string{"twilio_ip_commands", "twilio_commands"} {
		inputs = append(inputs,
			badInput{name: "empty sim", block: block, attribute: "sim", value: `""`, says: "leave it out to match all"},
			badInput{name: "status", block: block, attribute: "status", value: `"lost"`, says: `"lost" is not `},
			badInput{name: "direction", block: block, attribute: "direction", value: `"up"`, says: `"up" is not to_sim or from_sim`},
		)
	}
	for _, l := range listCases {
		block := l.name
		inputs = append(inputs,
			badInput{name: "page size 0", block: block, attribute: "page_size", value: "0", says: "must be between 1 and 1000, got: 0"},
			badInput{name: "page size 1001", block: block, attribute: "page_size", value: "1001", says: "must be between 1 and 1000, got: 1001"},
			badInput{name: "limit 0", block: block, attribute: "limit", value: "0", says: "must be at least 1, got: 0"},
			badInput{name: "negative limit", block: block, attribute: "limit", value: "-5", says: "must be at least 1, got: -5"},
		)
	}
	return inputs
}

// configuration writes the block, each argument made by f.
func (b badInput) configuration(f func(name, v string) string) string {
	arguments, header := map[string]string{}, fmt.Sprintf("data %q \"test\"", b.block)
	if b.block == "" {
		header = `resource "twilio_ip_command" "test"`
		arguments = map[string]string{"sim": `"valve"`, "payload": `"open"`, "device_port": "5683"}
	}
	arguments[b.attribute] = b.value
	if name, v, ok := strings.Cut(b.more, " = "); ok {
		arguments[name] = v
	}
	var s strings.Builder
	for _, name := range keys(arguments) {
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
			c.refuses(got, b.says)
			// The diagnostic shows the line of the attribute.
			if !b.isNested && !strings.Contains(oneLine(got.output), ": "+b.attribute+" = ") {
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
		if b.block != "" {
			continue
		}
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			inputs, block, _ := strings.Cut(strings.Replace(b.atApply(), "{ create =", "{ invoke =", 1), "resource \"twilio_ip_command\" \"test\"")
			b.checkAtApply(t, inputs+"action \"twilio_ip_command\" \"test\" {\n config"+block+"}\n"+
				strings.Replace(trigger("after_create", ""), `"1.0"`, "terraform_data.payload.output", 1))
		})
	}
}

func (b badInput) checkAtApply(t *testing.T, configuration string) {
	t.Helper()
	w, c := newCLIWorld(t)
	c.write(w.provider() + configuration)
	c.succeeds(c.plan()) // It does not know the values.
	c.refuses(c.apply(), b.says)
}

// TestAccGoodInput_bounds sends what is just inside the bounds.
func TestAccGoodInput_bounds(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	binary := quoted(base64.StdEncoding.EncodeToString(make([]byte, 1300)))
	text := quoted(strings.Repeat("é", 650))
	c.write(hcl(w.provider(), message("text", text, "text", 1), message("binary", binary, "binary", 65535), message("byte", `"x"`, "text", 1)))
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
	return strings.NewReplacer(`"test"`, quoted(name), `"open"`, payload, "5683", fmt.Sprint(port)).Replace(valve("payload_type = " + quoted(payloadType)))
}
