package provider

import (
	"archive/zip"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

const secretPayload = "code-4711-zulu"

// secretValve is a write-only message.
func secretValve(version string) string {
	return `
variable "code" {
  type      = string
  ephemeral = true
}

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
	c.useBinary(t)
	log := filepath.Join(t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH="+log, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + secretValve("1"))
	var output strings.Builder
	apply := func(e expect) {
		t.Helper()
		got := c.apply()
		output.WriteString(got.output)
		e.check(c, got)
	}
	apply(expect{says: []string{created1}, state: []string{"sent"}, posts: 1, commands: 1})
	apply(expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1})
	// Another value alone changes nothing.
	c.env = append(c.env, "TF_VAR_code="+secretPayload+"2")
	apply(expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1})
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + secretValve("2"))
	apply(expect{says: []string{"1 added, 0 changed, 1 destroyed"}, state: []string{"sent"}, posts: 2, commands: 2})
	// A refusal repeats what it was sent.
	w.Inject(twiliosim.Fault{Method: "POST", Status: 400, Times: 1, Body: []byte(`{"code":21602,"message":"no ` + secretPayload + ` here"}`)})
	c.write(w.provider() + secretValve("3"))
	apply(expect{exit: 1, says: []string{"[redacted]"}, posts: 3, commands: 2})

	if d := w.Deliveries(); len(d) != 2 || string(d[0].Payload) != secretPayload {
		t.Errorf("the device got %v", d)
	}
	if plan := c.plan("-out=tfplan"); plan.exit != 0 {
		t.Error(plan.output)
	}
	c.wantSecret(t, log, output.String())
}

// wantSecret wants the payload in none of the files that a plan and an apply
// leave behind, nor in what was printed.
func (c *cli) wantSecret(t *testing.T, log, output string) {
	t.Helper()
	texts := map[string]string{"output": output, "plan": c.run("show", "-json", "tfplan").output}
	for name, file := range map[string]string{"log": log, "state": filepath.Join(c.dir, "terraform.tfstate"), "older state": filepath.Join(c.dir, "terraform.tfstate.backup")} {
		content, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		texts[name] = string(content)
	}
	archive, err := zip.OpenReader(filepath.Join(c.dir, "tfplan"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		content, err := fs.ReadFile(archive, file.Name)
		if err != nil {
			t.Fatal(err)
		}
		texts["plan's "+file.Name] = string(content)
	}
	for name, text := range texts {
		if i := strings.Index(text, secretPayload); i >= 0 {
			t.Errorf("the %s tells the payload: …%s…", name, text[max(0, i-200):i])
		}
	}
}

// TestAccAction_payloadWO sends an ephemeral payload, by an event and by hand.
func TestAccAction_payloadWO(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	w, c := newValve(t, twiliosim.SIM{})
	c.useBinary(t)
	log := filepath.Join(t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG=TRACE", "TF_LOG_PATH="+log, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + strings.Replace(invocation("payload_wo = var.code"), `payload     = "open"`, "", 1) + trigger("after_create", "") + `
variable "code" {
  type      = string
  ephemeral = true
}
`)
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
	c.wantSecret(t, log, plan.output+apply.output+invoked.output)
}

// TestAccAction_badPayloadWO refuses what the resource refuses.
func TestAccAction_badPayloadWO(t *testing.T) {
	t.Parallel()
	needs(t, "1.14", "")
	for payload, says := range map[string]string{
		"":                                     "Give payload, or payload_wo",
		"payload = \"a\"\n payload_wo = \"b\"": "Give payload, or payload_wo",
		`payload_wo = ""`:                      "The payload is empty",
		"payload_wo = \"x!\"\n payload_type = \"binary\"": "padded Base64",
	} {
		t.Run(payload, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + strings.Replace(invocation(payload), `payload     = "open"`, "", 1))
			if got := c.invoke(); got.exit != 1 || !strings.Contains(oneLine(got.output), says) || len(w.Requests()) != 0 {
				t.Errorf("exit code %d, want %q in:\n%s", got.exit, says, got.output)
			}
		})
	}
}

// TestAccPayloadWO_lostAnswer resolves a write-only message whose answer was
// lost, and adopts one that was imported.
func TestAccPayloadWO_lostAnswer(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	w := newWorld(t, twiliosim.Config{})
	w.AddSIM(twiliosim.SIM{UniqueName: "valve"})
	w.Inject(twiliosim.LostAnswer(1).On("POST", "/"))
	c := w.newCLI(t)
	c.env = append(c.env, "TF_VAR_code="+secretPayload)
	c.write(w.provider() + secretValve("1"))
	expect{says: []string{created1, wasAdopted}, state: []string{"sent"}, posts: 1, commands: 1}.check(c, c.apply())

	other := w.newCLI(t)
	other.env = append(other.env, "TF_VAR_code="+secretPayload)
	other.write(w.provider() + secretValve("1"))
	other.succeeds(other.importSID(w.IPCommands()[0].SID))
	const takenOver = "is taken for the unique name of the SIM"
	expect{says: []string{takenOver, "0 added, 1 changed, 0 destroyed"}, state: []string{"sent"}, posts: 1, commands: 1}.check(other, other.apply())
	expect{says: []string{noChanges}, state: []string{"sent"}, posts: 1, commands: 1}.check(other, other.apply())

	third := w.newCLI(t)
	third.env = append(third.env, "TF_VAR_code=another")
	third.write(w.provider() + secretValve("1"))
	third.succeeds(third.importSID(w.IPCommands()[0].SID))
	if got := third.plan(); !strings.Contains(got.output, "1 to add, 0 to change, 1 to destroy") || strings.Contains(oneLine(got.output), takenOver) {
		t.Error(got.output)
	}
}

// TestAccPayloadWO_bad refuses what does not go together, and a payload that
// the API would refuse, without showing it.
func TestAccPayloadWO_bad(t *testing.T) {
	t.Parallel()
	needs(t, "1.11", "1.11")
	for arguments, says := range map[string]string{
		"": "Give payload, or payload_wo",
		`payload = "a"` + "\n payload_wo = \"b\"\n payload_wo_version = 1": "Give payload, or payload_wo",
		`payload_wo = "b"`: `"payload_wo_version" must be specified when "payload_wo" is specified`,
		`payload_wo_version = 1` + "\n payload = \"a\"":                               `"payload_wo" must be specified when "payload_wo_version" is specified`,
		`payload_wo = ""` + "\n payload_wo_version = 1":                               "The payload is empty",
		`payload_wo = "x!"` + "\n payload_wo_version = 1\n payload_type = \"binary\"": "padded Base64",
	} {
		t.Run(arguments, func(t *testing.T) {
			t.Parallel()
			w, c := newCLIWorld(t)
			c.write(w.provider() + "resource \"twilio_ip_command\" \"test\" {\n sim = \"valve\"\n device_port = 1\n " + arguments + "\n}\n")
			if got := c.plan(); got.exit != 1 || !strings.Contains(oneLine(got.output), says) || len(w.Requests()) != 0 {
				t.Errorf("exit code %d, want %q in:\n%s", got.exit, says, got.output)
			}
		})
	}
}
