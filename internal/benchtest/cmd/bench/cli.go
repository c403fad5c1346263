package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// workspace is a directory with a configuration, in which the CLI runs with a
// provider of ours in the place of a registry's.
type workspace struct {
	dir, terraform string
	env            []string
}

// newWorkspace makes a workspace for the provider in a binary, whose type name
// is the end of the binary's name.
func (b *bench) newWorkspace(name, binary, configuration string) (*workspace, error) {
	typeName := strings.TrimPrefix(filepath.Base(binary), "terraform-provider-")
	w := &workspace{dir: filepath.Join(b.dir, name), terraform: b.terraform}
	rc := filepath.Join(w.dir, "terraform.rc")
	w.env = append(plainEnvironment(w.dir), "TF_CLI_CONFIG_FILE="+rc)
	source := "seed-0925943e/" + typeName
	files := map[string]string{
		rc: fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", source, filepath.Dir(binary)),
		filepath.Join(w.dir, "main.tf"): fmt.Sprintf(
			"terraform {\n  required_providers {\n    %s = { source = %q }\n  }\n}\n%s", typeName, source, configuration),
	}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, err
	}
	for path, content := range files {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// run runs the CLI in a workspace, with further settings in the environment,
// and returns how long it took, in seconds. Its output must contain want.
func (w *workspace) run(ctx context.Context, env []string, want string, args ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, w.terraform, args...) //nolint:gosec // It is what the command line says.
	cmd.Dir, cmd.Env = w.dir, append(w.env[:len(w.env):len(w.env)], env...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start).Seconds()
	if err == nil && !strings.Contains(string(out), want) {
		err = fmt.Errorf("the output lacks %q", want)
	}
	if err != nil {
		return took, fmt.Errorf("terraform %s: %w\n%s", args[0], err, tail(string(out)))
	}
	return took, nil
}

// apply applies the configuration from nothing.
func (w *workspace) apply(ctx context.Context, env []string) (float64, error) {
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		if err := os.Remove(filepath.Join(w.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, err
		}
	}
	return w.run(ctx, env, fmt.Sprintf("%d added", fleetSize),
		"apply", "-auto-approve", "-input=false", "-no-color", fmt.Sprintf("-parallelism=%d", fleetParallel))
}

// plan plans what has nothing to do.
func (w *workspace) plan(ctx context.Context, env []string) (float64, error) {
	return w.run(ctx, env, "No changes.", "plan", "-input=false", "-no-color")
}

func tail(s string) string {
	const most = 4000
	if len(s) <= most {
		return s
	}
	return "..." + s[len(s)-most:]
}
