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
		{name: "payload type", arguments: map[string]string{"payload_type": `"hex"`}, attribute: "payload_type", says: `"hex" is not one of "text", "binary"`},
		{name: "port 0", arguments: map[string]string{"device_port": "0"}, attribute: "device_port", says: "0 is not a UDP port"},
		{name: "negative port", arguments: map[string]string{"device_port": "-1"}, attribute: "device_port", says: "1 to 65535"},
		{name: "port 65536", arguments: map[string]string{"device_port": "65536"}, attribute: "device_port", says: "65536 is not a UDP port"},
		{name: "callback method without URL", arguments: map[string]string{"callback_method": `"GET"`}, attribute: "callback_method", says: "there is no callback_url"},
		{name: "callback method", arguments: map[string]string{"callback_url": `"https://example.com"`, "callback_method": `"PUT"`}, attribute: "callback_method", says: `"PUT" is not one of "GET", "POST"`},
		{name: "zero timeout", arguments: map[string]string{"timeouts": `{ create = "0s" }`}, attribute: "timeouts", says: "set wait_for_sent to false"},
		{name: "timeout without unit", arguments: map[string]string{"timeouts": `{ create = "60" }`}, says: "Valid time units are"},
		{name: "malformed SID", block: "twilio_ip_command", arguments: map[string]string{"sid": `"HG12"`}, attribute: "sid", says: `"HG12" is not the SID of an IP Command`},
		{name: "empty ICCID", block: "twilio_ip_commands", arguments: map[string]string{"sim_iccid": `""`}, attribute: "sim_iccid", says: "leave it out to match all"},
		{name: "status of Commands only", block: "twilio_ip_commands", arguments: map[string]string{"status": `"delivered"`}, attribute: "status", says: `"queued", "sent", "received", "failed"`},
		{name: "transport", block: "twilio_commands", arguments: map[string]string{"transport": `"udp"`}, attribute: "transport", says: `"udp" is not one of "sms", "ip"`},
	}
	for _, url := range []string{"", "example.com", "/sent", "ftp://example.com", "https://", "https:// example.com", "mailto:a@example.com"} {
		inputs = append(inputs, badInput{name: "callback URL " + url, arguments: map[string]string{"callback_url": quoted(url)}, attribute: "callback_url", says: "is not an absolute http or https URL"})
	}
	for _, block := range []string{"twilio_ip_commands", "twilio_commands"} {
		inputs = append(inputs,
			badInput{name: "empty sim", block: block, arguments: map[string]string{"sim": `""`}, attribute: "sim", says: "leave it out to match all"},
			badInput{name: "status", block: block, arguments: map[string]string{"status": `"lost"`}, attribute: "status", says: `"lost" is not one of`},
			badInput{name: "direction", block: block, arguments: map[string]string{"direction": `"up"`}, attribute: "direction", says: `"up" is not one of "to_sim", "from_sim"`},
			badInput{name: "page size 0", block: block, arguments: map[string]string{"page_size": "0"}, attribute: "page_size", says: "0 is not between 1 and 1000"},
			badInput{name: "page size 1001", block: block, arguments: map[string]string{"page_size": "1001"}, attribute: "page_size", says: "1001 is not between 1 and 1000"},
			badInput{name: "limit 0", block: block, arguments: map[string]string{"limit": "0"}, attribute: "limit", says: "0 is not 1 or more"},
			badInput{name: "negative limit", block: block, arguments: map[string]string{"limit": "-5"}, attribute: "limit", says: "-5 is not 1 or more"},
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
			w := newWorld(t, twiliosim.Config{})
			c := w.newCLI(t)
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

// TestAccBadInput_apply wants the same of values that are known only at
// apply: refused before any request.
func TestAccBadInput_apply(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	for _, b := range badInputs() {
		t.Run(b.block+" "+b.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			c := w.newCLI(t)
			inputs := ""
			block := b.configuration(func(name, v string) string {
				inputs += fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %s\n}\n", name, v)
				return "terraform_data." + name + ".output"
			})
			c.write(w.provider() + inputs + block)
			if plan := c.plan(); plan.exit != 0 {
				t.Fatalf("the plan knows the values:\n%s", plan.output)
			}
			b.check(t, w, c.apply())
		})
	}
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
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	binary := quoted(base64.StdEncoding.EncodeToString(make([]byte, 1300)))
	c.write(hcl(w.provider(), message("text", quoted(strings.Repeat("é", 650)), "text", 1), message("binary", binary, "binary", 65535), message("byte", `"x"`, "text", 1)))
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
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
