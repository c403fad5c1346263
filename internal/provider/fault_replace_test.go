package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestAccReplace_predecessor replaces a message by an equal one and loses the
// request: the old one is not taken for the new, although it is of the same
// second. Where the new one is created first, nobody has told the provider of
// the old one; there, only its age tells.
func TestAccReplace_predecessor(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		lifecycle string
		age       time.Duration
		want      expect
	}{
		"destroy before create": {want: expect{exit: 1, says: []string{maybeSent}, posts: 2, commands: 1}},
		"create before destroy": {
			age:       2 * time.Second,
			lifecycle: "lifecycle {\n    create_before_destroy = true\n  }",
			want:      expect{exit: 1, says: []string{maybeSent, "terraform state rm"}, state: []string{"sent"}, posts: 2, commands: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
			c := w.newCLI(t)
			c.write(w.provider() + valve("wait_for_sent = false\n  "+row.lifecycle))
			if got := c.apply(); got.exit != 0 {
				t.Fatal(got.output)
			}
			w.Inject(twiliosim.LostRequest(1).On("POST", "/"))
			w.clock.Advance(row.age)
			c.restart()
			row.want.check(t, w, c, c.apply("-replace="+address))
		})
	}
}

// TestAccExpired_costsNothing plans over a command that was never settled,
// long after the API has forgotten it: no request is made any more.
func TestAccExpired_costsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve", NeverSends: true})
	c := w.newCLI(t)
	c.write(w.provider() + valve("wait_for_sent = false"))
	if got := c.apply(); got.exit != 0 {
		t.Fatal(got.output)
	}
	w.clock.Advance(retention + retentionMargin)
	before := len(w.Requests())
	expect{says: []string{noChanges}, silent: []string{"Warning"}, state: []string{"queued"}, posts: 1}.check(t, w, c, c.apply())
	if n := len(w.Requests()) - before; n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestAccImport_warnsOfAdoption says in the plan that a name is taken over.
func TestAccImport_warnsOfAdoption(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	sent := w.AddIPCommand(twiliosim.IPCommand{Payload: "open", DevicePort: 5683})
	c := w.newCLI(t)
	c.write(w.provider() + valve(""))
	if got := c.run("import", "-input=false", "-no-color", address, sent.SID); got.exit != 0 {
		t.Fatal(got.output)
	}
	if got := c.run("plan", "-input=false", "-no-color"); !strings.Contains(oneLine(got.output), `"valve" is taken for the unique name of the SIM`) {
		t.Error(got.output)
	}
}

// TestSender_R3_recordsFirst wants the command recorded before anything else
// is asked of the API.
func TestSender_R3_recordsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	client, err := twilio.New(twilio.Config{
		SuperSIMURL: w.url, Clock: w.clock,
		Credentials: twilio.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
	})
	if err != nil {
		t.Fatal(err)
	}
	type recorded struct {
		status string
		gets   int
	}
	var records []recorded
	s := sender{
		client: client, wait: true, kept: true, timeout: time.Minute, deadline: w.clock.Now().Add(time.Minute),
		record: func(cmd twilio.IPCommand) diag.Diagnostics {
			records = append(records, recorded{*cmd.Status, w.gets()})
			return nil
		},
	}
	diags := s.send(t.Context(), twilio.IPCommandParams{SIM: "valve", Payload: "open", PayloadType: "text", DevicePort: 1})
	if len(diags) != 0 || len(records) != 2 || records[0] != (recorded{"queued", 0}) || records[1].status != "sent" {
		t.Errorf("%v, %v", records, diags)
	}
}
