package provider

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const secretPayload = "code-4711-zulu"

const secretCode = `
variable "code" {
  type      = string
  ephemeral = true
}
`

// secretValve is a write-only message.
func secretValve(version string) string {
	return secretCode + `
resource "twilio_ip_command" "test" {
  sim                = "valve"
  payload_wo         = var.code
  payload_wo_version = ` + version + `
  device_port        = 5683
}
`
}

// TestAccPayloadWO sends a payload that is in no plan, state, log or
// diagnostic; only a new version sends another.
func TestAccPayloadWO(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	log := c.logs("TRACE")
	var output strings.Builder
	apply := func(version, code string, e expect) {
		t.Helper()
		c.env = append(c.env, "TF_VAR_code="+code)
		c.write(w.provider() + secretValve(version))
		got := c.apply()
		output.WriteString(got.output)
		e.check(c, got)
	}
	apply("1", secretPayload, sends(1, created1))
	apply("1", secretPayload, sends(1, noChanges))
	// Another value alone changes nothing.
	apply("1", secretPayload+"2", sends(1, noChanges))
	apply("2", secretPayload, sends(2, replaced1))
	// A refusal repeats what it was sent.
	w.Inject(twiliosim.Fault{Method: "POST", Status: 400, Times: 1, Body: []byte(`{"code":21602,"message":"no ` + secretPayload + ` here"}`)})
	apply("3", secretPayload, expect{exit: 1, says: []string{"[redacted]"}, posts: 3, commands: 2})

	if d := w.Deliveries(); len(d) != 2 || string(d[0].Payload) != secretPayload {
		t.Errorf("the device got %v", d)
	}
	c.succeeds(c.plan("-out=tfplan"))
	c.wantSecret(log(), output.String())
}

// wantSecret wants the payload in none of the files that a plan and an apply
// leave behind, nor in what was logged and printed.
func (c *cli) wantSecret(log, output string) {
	c.t.Helper()
	texts := map[string]string{"log": log, "output": output, "plan": c.run("show", "-json", "tfplan").output}
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		content, _ := os.ReadFile(filepath.Join(c.dir, name)) // There may be none.
		texts[name] = string(content)
	}
	archive, err := zip.OpenReader(filepath.Join(c.dir, "tfplan"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		content, err := fs.ReadFile(archive, file.Name)
		if err != nil {
			c.t.Fatal(err)
		}
		texts["plan's "+file.Name] = string(content)
	}
	for name, text := range texts {
		if i := strings.Index(text, secretPayload); i >= 0 {
			c.t.Errorf("the %s tells the payload: …%s…", name, text[max(0, i-200):i])
		}
	}
}

// TestAccAction_payloadWO sends an ephemeral payload, by an event and by hand.
func TestAccAction_payloadWO(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{})
	log := c.logs("TRACE")
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	action := strings.Replace(invocation("payload_wo = var.code"), `payload     = "open"`, "", 1)
	c.write(w.provider() + secretCode + action + trigger("after_create", ""))
	plan := c.plan("-out=tfplan")
	apply := c.run("apply", "-no-color", "tfplan")
	expect{says: []string{created1, "is no longer queued: sent"}, posts: 1, commands: 1}.check(c, apply)
	invoked := c.invoke()
	byHand := expect{says: []string{"is no longer queued: sent"}, posts: 2, commands: 2}
	if cliHas("1.16", "") { // It drops the ephemeral value.
		byHand = expect{exit: 1, says: []string{"Give payload, or payload_wo"}, posts: 1, commands: 1}
	}
	byHand.check(c, invoked)
	for _, d := range w.Deliveries() {
		if string(d.Payload) != secretPayload {
			t.Errorf("the device got %q", d.Payload)
		}
	}
	c.wantSecret(log(), plan.output+apply.output+invoked.output)
}

// TestAccPayloadWO_lostResponse resolves a write-only message whose response was
// lost, and adopts one that was imported.
func TestAccPayloadWO_lostResponse(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w, c := newValve(t, twiliosim.SIM{})
	w.Inject(twiliosim.LostResponse(1).On("POST", "/"))
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + secretValve("1"))
	sends(1, created1, wasAdopted).check(c, c.apply())

	imported := func(code string) *cli {
		c := w.newCLI(t)
		c.env = append(c.env, "TF_VAR_code="+code)
		c.write(w.provider() + secretValve("1"))
		c.succeeds(c.importSID(w.IPCommands()[0].SID))
		return c
	}
	const takenOver = "is taken for the unique name of the SIM"
	c = imported(secretPayload)
	sends(1, takenOver, updated1).check(c, c.apply())
	sends(1, noChanges).check(c, c.apply())
	c = imported("another")
	sends(1, "1 to add, 0 to change, 1 to destroy").not(takenOver).check(c, c.plan())
}

// TestAccPayloadWO_bad refuses what does not go together, and a payload that
// the API would refuse, without showing it.
func TestAccPayloadWO_bad(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	for arguments, says := range map[string]string{
		"": "Give payload, or payload_wo",
		"payload = \"a\"\n payload_wo = \"b\"\n payload_wo_version = 1": "Give payload, or payload_wo",
		`payload_wo = "b"`:                                                         "\"payload_wo_version\" must be specified when \"payload_wo\" is specified",
		"payload_wo_version = 1\n payload = \"a\"":                                 "\"payload_wo\" must be specified when \"payload_wo_version\" is specified",
		"payload_wo = \"\"\n payload_wo_version = 1":                               "The payload is empty",
		"payload_wo = \"x!\"\n payload_wo_version = 1\n payload_type = \"binary\"": "padded Base64",
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + strings.Replace(valve(arguments), `payload     = "open"`, "", 1))
			c.refuses(c.plan(), says)
		})
	}
}
