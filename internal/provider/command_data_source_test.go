package provider

import (
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccCommandDataSource looks up a Command of Programmable Wireless by its SID, in
// one request.
func TestAccCommandDataSource(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sent := w.AddCommand(twiliosim.Command{Command: "wake up", Status: "delivered"})
	for sid, row := range map[string]struct {
		exit, gets int
		says       string
	}{
		sent.SID:                       {0, 1, `"wake up delivered text"`},
		strings.ToLower(sent.SID[2:]):  {1, 0, "is not the SID of a Command. Give DC and 32 hexadecimal digits"},
		"HG" + strings.Repeat("0", 32): {1, 0, "is not the SID of a Command"},
		"DC" + strings.Repeat("0", 32): {1, 1, "The API does not know DC00000000000000000000000000000000, or no longer"},
	} {
		before := len(w.Requests())
		c := w.newCLI(t)
		c.write(w.provider() + "data \"twilio_command\" \"test\" {\n  sid = \"" + sid + "\"\n}\n" +
			"output \"test\" {\n  value = \"${data.twilio_command.test.command} ${data.twilio_command.test.status} ${data.twilio_command.test.command_mode}\"\n}\n")
		got := c.apply()
		if n := len(w.Requests()) - before; got.exit != row.exit || n != row.gets || !strings.Contains(oneLine(got.output), row.says) {
			t.Errorf("%s: exit code %d, %d requests:\n%s", sid, got.exit, n, got.output)
		}
	}
}
