package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkFleet has the Terraform CLI apply and plan a fleet, with the
// provider and with one that does nothing.
func BenchmarkFleet(b *testing.B) {
	n := scaled(1000)
	const wait = 2 * time.Second
	server := startServer(b, serverConfig{SendDelay: wait})
	ours := newWorkspace(b, "twilio", "../..", fmt.Sprintf(`
resource "twilio_ip_command" "fleet" {
  count       = %d
  sim         = %q
  payload     = "message ${count.index}"
  device_port = 5683
}`, n, simName), credentials(server.url)...)
	empty := newWorkspace(b, "empty", "emptyprovider", fmt.Sprintf(`
resource "empty_thing" "fleet" {
  count      = %d
  argument_0 = %q
  argument_1 = "message ${count.index}"
  argument_2 = "5683"
  argument_3 = "false"
  argument_4 = "text"
}`, n, simName))

	b.Run("apply", func(b *testing.B) {
		t := inTurns(b, timed(func() { ours.apply(b, n) }), timed(func() { empty.apply(b, n) }))
		ideal := float64((n+parallel-1)/parallel) * wait.Seconds()
		figure{name: english.Sprintf("apply of %d resources, each sent after %s", n, wait), against: "as many of an empty provider and the wait", promise: "an apply is not slower for what is sent in it"}.
			compare(b, seconds, t[0], t[1]+ideal, 1.2)
	})
	b.Run("plan", func(b *testing.B) {
		for _, w := range []*workspace{ours, empty} {
			if !w.applied {
				w.apply(b, n)
			}
		}
		var requests int64
		t := inTurns(b, func() (took float64) {
			requests += server.during(b, func() { took = timed(func() { ours.plan(b) })() }).Requests
			return took
		}, timed(func() { empty.plan(b) }))
		figure{name: english.Sprintf("plan over %d settled commands", n), against: "as many of an empty provider", promise: "a settled command costs next to nothing"}.
			compare(b, seconds, t[0], t[1], 1.3)
		figure{name: english.Sprintf("plan over %d settled commands: requests", n), promise: "a settled command costs no request ever again"}.
			atMost(b, count, float64(requests), 0)
	})
}

// workspace is a directory with a configuration, in which the CLI runs with a
// provider that was built here.
type workspace struct {
	dir     string
	env     []string
	applied bool
}

// newWorkspace builds the provider in a directory, as a release does, and makes
// a workspace for it. Nothing but env says how the CLI and the provider are to
// behave.
func newWorkspace(b *testing.B, typeName, dir, configuration string, env ...string) *workspace {
	b.Helper()
	w := &workspace{dir: b.TempDir()}
	binary := filepath.Join(w.dir, "bin", "terraform-provider-"+typeName)
	build := exec.CommandContext(b.Context(), "go", "build", "-C", dir, "-trimpath", "-ldflags", "-s -w", "-o", binary)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	settings := filepath.Join(w.dir, "terraform.rc")
	source := "seed-0925943e/" + typeName
	for path, content := range map[string]string{
		settings: fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, filepath.Dir(binary)),
		filepath.Join(w.dir, "main.tf"): fmt.Sprintf(
			"terraform {\n  required_providers {\n    %s = { source = %q }\n  }\n}\n%s\n", typeName, source, configuration),
	} {
		must(b, os.WriteFile(path, []byte(content), 0o600))
	}
	w.env = append(env, "HOME="+w.dir, "PATH="+os.Getenv("PATH"), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+settings)
	return w
}

// run runs the CLI, whose output must contain want.
func (w *workspace) run(b *testing.B, want string, args ...string) {
	b.Helper()
	cli, err := filepath.Abs(*terraform)
	must(b, err)
	cmd := exec.CommandContext(b.Context(), cli, append(args, "-input=false", "-no-color")...)
	cmd.Dir, cmd.Env = w.dir, w.env
	if output, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(output), want) {
		b.Fatalf("terraform %s: %v; want %q in\n%s", args[0], err, want, output[max(0, len(output)-4000):])
	}
}

// apply applies the configuration from nothing.
func (w *workspace) apply(b *testing.B, n int) {
	b.Helper()
	if err := os.Remove(filepath.Join(w.dir, "terraform.tfstate")); err != nil && !errors.Is(err, os.ErrNotExist) {
		b.Fatal(err)
	}
	w.run(b, fmt.Sprintf("%d added", n), "apply", "-auto-approve", fmt.Sprintf("-parallelism=%d", parallel))
	w.applied = true
}

func (w *workspace) plan(b *testing.B) { w.run(b, "No changes.", "plan") }
