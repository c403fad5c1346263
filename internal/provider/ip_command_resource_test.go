package provider

import (
	"maps"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const address = "twilio_ip_command.test"

// value is a state check of an attribute of the tested resource.
func value(attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
}

func TestAccIPCommand_sends(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config:           w.provider() + valve(""),
		ConfigPlanChecks: settledPlan(),
		Check:            w.checkPosts(1),
		ConfigStateChecks: []statecheck.StateCheck{
			value("sim", knownvalue.StringExact("valve")),
			value("payload", knownvalue.StringExact("open")),
			value("payload_type", knownvalue.StringExact("text")),
			value("device_port", knownvalue.Int64Exact(5683)),
			value("callback_url", knownvalue.Null()),
			value("callback_method", knownvalue.Null()),
			value("wait_for_sent", knownvalue.Bool(true)),
			value("timeouts", knownvalue.Null()),
			value("sid", knownvalue.StringRegexp(regexp.MustCompile(`^HG[0-9a-f]{32}$`))),
			value("account_sid", knownvalue.StringExact(twiliosim.DefaultAccountSID)),
			value("sim_sid", knownvalue.StringExact(sim.SID)),
			value("sim_iccid", knownvalue.StringExact(sim.ICCID)),
			value("status", knownvalue.StringExact("sent")),
			value("direction", knownvalue.StringExact("to_sim")),
			value("device_ip", knownvalue.StringExact(sim.IP)),
			value("date_created", knownvalue.StringExact(start.Format(time.RFC3339))),
			value("date_updated", knownvalue.NotNull()),
			value("url", knownvalue.StringRegexp(regexp.MustCompile(`^https://supersim\.twilio\.com/v1/IpCommands/HG`))),
		},
	})
	checkForm(t, w, url.Values{"Sim": {"valve"}, "Payload": {"open"}, "PayloadType": {"text"}, "DevicePort": {"5683"}})
}

func TestAccIPCommand_binaryWithCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config: w.provider() + `
resource "twilio_ip_command" "test" {
  sim             = "valve"
  payload         = "AQL/"
  payload_type    = "binary"
  device_port     = 65535
  callback_url    = "https://example.com/sent?id=1"
  callback_method = "GET"
}
`,
		ConfigPlanChecks:  settledPlan(),
		ConfigStateChecks: []statecheck.StateCheck{value("payload", knownvalue.StringExact("AQL/"))},
	})
	checkForm(t, w, url.Values{
		"Sim": {"valve"}, "Payload": {"AQL/"}, "PayloadType": {"binary"}, "DevicePort": {"65535"},
		"CallbackUrl": {"https://example.com/sent?id=1"}, "CallbackMethod": {"GET"},
	})
	if d := w.Deliveries(); len(d) != 1 || string(d[0].Payload) != "\x01\x02\xff" {
		t.Errorf("the device got %v", d)
	}
}

// checkForm compares the only POST's form.
func checkForm(t *testing.T, w *world, want url.Values) {
	t.Helper()
	for _, r := range w.Requests() {
		if r.Method == "POST" && !maps.EqualFunc(r.Form, want, func(a, b []string) bool { return strings.Join(a, ",") == strings.Join(b, ",") }) {
			t.Errorf("the POST's form was %v, want %v", r.Form, want)
		}
	}
	if w.posts() != 1 {
		t.Errorf("%d POSTs, want 1", w.posts())
	}
}

// TestAccIPCommand_id has the CLI tell the SID of each message that it sends, in its
// text and in its JSON.
func TestAccIPCommand_id(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	got := c.apply()
	sends(1, "[id="+w.IPCommands()[0].SID+"]").check(c, got)
	got = c.run("apply", "-json", "-auto-approve", "-replace="+address)
	sends(2, `"id_value":"`+w.IPCommands()[1].SID+`"`).check(c, got)
}

// TestAccIPCommand_updateInPlace changes how apply waits, which makes no
// request.
func TestAccIPCommand_updateInPlace(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{})
	c.write(w.provider() + valve(""))
	sends(1, created1).check(c, c.apply())
	requests := len(w.Requests())
	for _, arguments := range []string{"wait_for_sent = false", "wait_for_sent = false\n timeouts = { create = \"2m\" }", ""} {
		c.write(w.provider() + valve(arguments))
		sends(1, "updated in-place", updated1).not("known after apply").check(c, c.apply())
		sends(1, noChanges).check(c, c.apply())
	}
	if n := len(w.Requests()) - requests; n != 0 {
		t.Errorf("the updates made %d requests", n)
	}
}

// TestAccIPCommand_doesNotWait does not wait for a message: a plan asks for its
// status and records nothing, an apply without anything to do records it, and
// nobody asks again (rules R4 and R5).
func TestAccIPCommand_doesNotWait(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{SendDelay: time.Minute})
	c.write(w.provider() + valve("wait_for_sent = false"))
	queued := expect{says: []string{created1}, state: []string{"queued"}, posts: 1, commands: 1}
	queued.check(c, c.apply())
	w.clock.Advance(time.Hour)
	queued.says = []string{noChanges}
	for i, row := range []struct {
		run  func(...string) ran
		want expect
		gets int // in all, before
	}{
		{c.plan, queued, 0}, {c.plan, queued, 1}, {c.apply, sends(1, noChanges), 2}, {c.apply, sends(1, noChanges), 3}, {c.plan, sends(1), 3},
	} {
		if n := w.gets(); n != row.gets {
			t.Errorf("%d GETs before step %d, want %d", n, i, row.gets)
		}
		row.want.check(c, row.run())
	}
}

// TestAccIPCommand_destroyWithoutAPI forgets a message that is still queued, while
// the API cannot be reached (rule R7).
func TestAccIPCommand_destroyWithoutAPI(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{NeverSends: true})
	c.write(w.provider() + valve("wait_for_sent = false"))
	c.succeeds(c.apply())
	failDNS(t, w)
	c.restart()
	expect{exit: 1, says: []string{"nobody knows this name"}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply("-destroy"))
	expect{says: []string{"1 destroyed"}, posts: 1, commands: 1}.check(c, c.apply("-destroy", "-refresh=false"))
}

// TestAccIPCommand_unknownUntilApply takes every argument from a resource
// that does not exist yet.
func TestAccIPCommand_unknownUntilApply(t *testing.T) {
	t.Parallel()
	needsTerraformData(t)
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t, resource.TestStep{
		Config: w.provider() + `
resource "terraform_data" "known_after_apply" {
  input = { sim = "valve", payload = "b3Blbg==", type = "binary", port = 5683, url = "https://example.com", method = "GET", wait = true, timeout = "5s" }
}

locals {
  message = terraform_data.known_after_apply.output
}

resource "twilio_ip_command" "test" {
  sim             = local.message.sim
  payload         = local.message.payload
  payload_type    = local.message.type
  device_port     = local.message.port
  callback_url    = local.message.url
  callback_method = local.message.method
  wait_for_sent   = local.message.wait
  timeouts        = { create = local.message.timeout }
}
`,
		ConfigPlanChecks:  settledPlan(),
		ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("sent"))},
		Check:             w.checkPosts(1),
	})
}

// TestAccIPCommand_inputsAreNotRewritten is rule R9: what the API returns for
// the SIM and the payload does not enter the state.
func TestAccIPCommand_inputsAreNotRewritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Config{SendDelay: time.Hour})
	sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.test(t,
		resource.TestStep{Config: w.provider() + valve("wait_for_sent = false")},
		resource.TestStep{
			PreConfig: func() {
				// The API now gives another spelling of the same command.
				c := w.IPCommands()[0]
				c.Payload, c.PayloadType, c.DevicePort = "T1BFTg==", "binary", 1
				w.AddIPCommand(c)
			},
			Config:           w.provider() + valve("wait_for_sent = false"),
			ConfigPlanChecks: settledPlan(),
			ConfigStateChecks: []statecheck.StateCheck{
				value("sim", knownvalue.StringExact("valve")),
				value("sim_sid", knownvalue.StringExact(sim.SID)),
				value("payload", knownvalue.StringExact("open")),
				value("payload_type", knownvalue.StringExact("text")),
				value("device_port", knownvalue.Int64Exact(5683)),
			},
			Check: w.checkPosts(1),
		},
	)
}

// TestAccIPCommand_refreshSaysWhatHappened refreshes a queued command: that
// the API can't be read is an error, and that it failed after apply a warning.
func TestAccIPCommand_refreshSaysWhatHappened(t *testing.T) {
	t.Parallel()
	w, c := newValve(t, twiliosim.SIM{SendDelay: time.Minute})
	c.write(w.provider() + valve("wait_for_sent = false"))
	expect{says: []string{wasSent}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())

	w.Inject(twiliosim.ServerError(403, 0).On("GET", "/"))
	expect{exit: 1, says: []string{"IP Command could not be read", "HTTP 403"}, state: []string{"queued"}, posts: 1, commands: 1}.check(c, c.apply())

	w.ClearFaults()
	w.SetDetached("valve", true)
	w.clock.Advance(time.Hour)
	failed := expect{says: []string{"IP Command failed after apply", "-replace", noChanges}, state: []string{"failed"}, posts: 1, commands: 1}
	failed.check(c, c.apply())
	failed.says, failed.silent = []string{noChanges}, []string{"Warning"}
	failed.check(c, c.apply())
}

// TestAccIPCommand_refreshSaysThatItFailed has a command fail of which apply was told
// something else than that it was queued.
func TestAccIPCommand_refreshSaysThatItFailed(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"sent", "sending"} {
		w, c := newValve(t, twiliosim.SIM{SendDelay: time.Hour, Detached: true})
		readAs("", status, 1).before(t, w)
		c.write(w.provider() + valve(""))
		expect{says: []string{wasSent}, state: []string{status}, posts: 1, commands: 1}.check(c, c.apply())
		w.clock.Advance(2 * time.Hour)
		expect{says: []string{"IP Command failed after apply", noChanges}, state: []string{"failed"}, posts: 1, commands: 1}.check(c, c.apply())
	}
}
