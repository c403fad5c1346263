package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// query writes a file of list blocks beside the configuration.
func (c *cli) query(t *testing.T, blocks string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, "messages.tfquery.hcl"), []byte(blocks), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAccQuery lists what can be imported: with filters, up to a limit, and
// with the fewest requests.
func TestAccQuery(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	other := w.AddSIM(twiliosim.SIM{UniqueName: "meter"})
	w.ReceiveFromSIM(sim.SID, 1, []byte("from the device"))
	for i := range 25 {
		w.AddIPCommand(twiliosim.IPCommand{SIMSID: sim.SID, Payload: fmt.Sprint(i), DateCreated: start.Add(time.Duration(i-100) * time.Minute)})
	}
	w.AddIPCommand(twiliosim.IPCommand{SIMSID: other.SID, Status: "failed", DateCreated: start.Add(-time.Hour)})

	c := w.newCLI(t)
	c.write(w.provider())
	for name, row := range map[string]struct {
		block    string
		lines    int
		says     []string
		requests int
	}{
		"all":      {block: `config {}` + "\n", lines: 26, says: []string{"SIM " + other.ICCID + ", 2026-03-01T11:00:00Z, failed"}, requests: 1},
		"a SIM":    {block: "config {\n sim = \"valve\"\n }", lines: 25, says: []string{"valve, 2026-03-01T10:44:00Z, sent"}, requests: 1},
		"a status": {block: "config {\n status = \"failed\"\n }", lines: 1, requests: 1},
		"a limit":  {block: "limit = 7\n config {}", lines: 7, requests: 1},
		"pages":    {block: "include_resource = true\n config {\n sim = \"valve\"\n page_size = 10\n }", lines: 25, requests: 3},
	} {
		before := len(w.Requests())
		c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  "+row.block+"\n}\n")
		got := c.run("query", "-no-color")
		if lines := strings.Count(got.output, "list.twilio_ip_command.test"); got.exit != 0 || lines != row.lines {
			t.Errorf("%s: exit code %d, %d lines, want %d:\n%s", name, got.exit, lines, row.lines, got.output)
		}
		for _, s := range row.says {
			if !strings.Contains(got.output, s) {
				t.Errorf("%s: the output does not say %q:\n%s", name, s, got.output)
			}
		}
		if n := len(w.Requests()) - before; n != row.requests {
			t.Errorf("%s: %d requests, want %d", name, n, row.requests)
		}
	}

	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {\n    status = \"lost\"\n  }\n}\n")
	if got := c.run("query", "-no-color"); got.exit == 0 || !strings.Contains(oneLine(got.output), `"lost" is not `) {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
	w.Inject(twiliosim.ServerError(400, 0))
	c.query(t, "list \"twilio_ip_command\" \"test\" {\n  provider = twilio\n  config {}\n}\n")
	if got := c.run("query", "-no-color"); got.exit == 0 || !strings.Contains(oneLine(got.output), "Commands could not be listed") {
		t.Errorf("exit code %d:\n%s", got.exit, got.output)
	}
}
