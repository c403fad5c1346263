package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// awkward are messages whose text a generator of configuration could spoil: a
// payload that is not the same any more is a message to be sent.
var awkward = []twiliosim.IPCommand{
	{Payload: "open"},
	{Payload: "AQL/", PayloadType: "binary"},
	{Payload: `{"open":true,"valve":12345678901234567890}`},
	{Payload: `{"valve": 1, "open":true, "<": 1.5}`}, // Terraform writes these two otherwise.
	{Payload: `{"a":20.0,"b":[0.10,1e2,1E+2,1e-7,-0],"c":-0.0,"d":1e300,"e":12345678901234567890.50}`}, // and these numbers
	{Payload: `["a",  "b"]`},
	{Payload: "${var.x} %{ if } $${y} \\ \" '"},
	{Payload: "two\nlines\n"},
	{Payload: "\ttab\r\n\u0001 \u00a0 grüße 🚰"},
	{Payload: " "},
	{Payload: "true"},
	{Payload: "1e3"},
	{Payload: "EOT\n"},
	{Payload: "failed", Status: "failed"},
	{Payload: "long ago", DevicePort: 1, DateCreated: start.Add(-29 * 24 * 60 * 60 * 1e9)},
}

// wantGenerated has the configuration that Terraform wrote applied: it imports
// what there is, sends nothing, and then nothing is left to do.
func (c *cli) wantGenerated(t *testing.T, w *world) {
	t.Helper()
	want := fmt.Sprintf("%d imported, 0 added, 3 changed, 0 destroyed", len(awkward))
	generated, _ := os.ReadFile(filepath.Join(c.dir, "generated.tf"))
	if got := c.apply(); got.exit != 0 || !strings.Contains(got.output, want) || !strings.Contains(got.output, "Payload of an imported IP Command is taken over") {
		t.Fatalf("%s\n%s", got.output, generated)
	}
	if got := c.plan("-detailed-exitcode"); got.exit != 0 {
		t.Errorf("%s\n%s", got.output, generated)
	}
	if w.posts() != 0 {
		t.Errorf("%d POSTs, want none", w.posts())
	}
}

// TestAccGeneratedConfig has `terraform plan` write the configuration for
// messages that were sent by other means.
func TestAccGeneratedConfig(t *testing.T) {
	t.Parallel()
	needs(t, "1.5", "1.6")
	w, c := newValve(t, twiliosim.SIM{})
	configuration := w.provider()
	for i, message := range awkward {
		configuration += fmt.Sprintf("import {\n  to = twilio_ip_command.test%d\n  id = %q\n}\n", i, w.AddIPCommand(message).SID)
	}
	c.write(configuration)
	if got := c.plan("-generate-config-out=generated.tf"); got.exit != 0 || !strings.Contains(got.output, fmt.Sprintf("%d to import, 0 to add, 3 to change, 0 to destroy", len(awkward))) {
		generated, _ := os.ReadFile(filepath.Join(c.dir, "generated.tf"))
		t.Fatalf("%s\n%s", got.output, generated)
	}
	c.wantGenerated(t, w)
}

// TestAccGeneratedConfig_query is the same for `terraform query`.
func TestAccGeneratedConfig_query(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	for _, message := range awkward {
		w.AddIPCommand(message)
	}
	c := w.newCLI(t)
	c.write(w.provider())
	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {}\n}\n")
	c.succeeds(c.run("query", "-no-color", "-generate-config-out=generated.tf"))
	c.wantGenerated(t, w)
}
