package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// machine describes what the figures were measured on.
func (b *bench) machine(ctx context.Context) string {
	return fmt.Sprintf("- %s, %d cores\n- %s, %s/%s\n- %s, Terraform %s",
		cpuModel(ctx), runtime.NumCPU(), system(), runtime.GOOS, runtime.GOARCH, runtime.Version(), b.terraformVersion(ctx))
}

// cpuModel names the processor as the system does.
func cpuModel(ctx context.Context) string {
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	if out, err := exec.CommandContext(ctx, "sysctl", "-n", "machdep.cpu.brand_string").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	return "unknown processor"
}

// system names the operating system.
func system() string {
	if release, err := os.ReadFile("/etc/os-release"); err == nil {
		for line := range strings.Lines(string(release)) {
			if name, ok := strings.CutPrefix(line, "PRETTY_NAME="); ok {
				return strings.Trim(strings.TrimSpace(name), `"`)
			}
		}
	}
	return runtime.GOOS
}

func (b *bench) terraformVersion(ctx context.Context) string {
	cmd := exec.CommandContext(ctx, b.terraform, "version", "-json") //nolint:gosec // It is what the command line says.
	cmd.Env = append(plainEnvironment(b.dir), "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := cmd.Output()
	var v struct {
		Version string `json:"terraform_version"`
	}
	if err != nil || json.Unmarshal(out, &v) != nil {
		return "of an unknown version"
	}
	return v.Version
}
