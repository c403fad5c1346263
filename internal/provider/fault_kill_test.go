package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccKilledProvider kills the provider's process while it waits for a
// message to leave: the one fault whose state is lost. Apply fails loudly, and
// the documented recovery, finding the message and importing it, works.
func TestAccKilledProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	c := w.newCLI(t)
	pid := c.useBinary(t)
	w.Inject(twiliosim.Fault{Method: "GET", PathPrefix: "/v1/IpCommands/", Times: 1, Delay: func() {
		if err := syscall.Kill(pid(), syscall.SIGKILL); err != nil {
			t.Error(err)
		}
	}})
	c.write(w.provider() + valve(""))
	expect{exit: 1, says: []string{"Error", "plugin"}, posts: 1, commands: 1}.check(t, w, c, c.apply())

	const find = `
data "twilio_ip_commands" "check" {
  sim       = "valve"
  direction = "to_sim"
  limit     = 20
}

output "found" {
  value = [for c in data.twilio_ip_commands.check.ip_commands : c.sid if c.payload == "open"]
}
`
	c.write(w.provider() + find)
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	sid := w.IPCommands()[0].SID
	if found := c.run("output", "-json", "found"); !strings.Contains(found.output, sid) {
		t.Fatalf("the data source does not show %s: %s", sid, found.output)
	}
	c.write(w.provider() + valve(""))
	if got := c.importSID(sid); got.exit != 0 {
		t.Fatal(got.output)
	}
	// The unique name of the SIM is adopted in place.
	expect{says: []string{"0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(t, w, c, c.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(t, w, c, c.apply())
}

// useBinary has the CLI start the provider as a process of its own, built
// from this source. The function that it returns gives the id of the process
// that was started last.
func (c *cli) useBinary(t *testing.T) (pid func() int) {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "provider")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pidFile := filepath.Join(dir, "pid")
	files := map[string]string{
		"terraform-provider-twilio": fmt.Sprintf("#!/bin/sh\necho $$ > '%s'\nexec '%s' \"$@\"\n", pidFile, binary),
		"config.tfrc":               fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", Address, dir),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "config.tfrc"))
	return func() int {
		content, err := os.ReadFile(pidFile)
		if err != nil {
			t.Error(err)
			return 0
		}
		id, err := strconv.Atoi(strings.TrimSpace(string(content)))
		if err != nil {
			t.Error(err)
		}
		return id
	}
}
