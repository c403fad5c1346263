package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// module is the path of the module that is measured.
const module = "github.com/seed-0925943e/terraform-provider-twilio"

// build builds the two providers alike, as a release does.
func (b *bench) build(ctx context.Context) error {
	for _, p := range []struct {
		path *string
		pkg  string
		name string
	}{
		{&b.provider, module, "terraform-provider-twilio"},
		{&b.empty, module + "/internal/benchtest/emptyprovider", "terraform-provider-empty"},
	} {
		b.progress("building %s", p.name)
		*p.path = filepath.Join(b.dir, p.name, p.name)
		cmd := exec.CommandContext(ctx, b.goCommand, "build", "-trimpath", "-ldflags", "-s -w", "-o", *p.path, p.pkg) //nolint:gosec // It is what the command line says.
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", p.name, err, out)
		}
	}
	return nil
}

// benchTime is how long each Go benchmark runs: enough to see an order of
// magnitude go wrong.
const benchTime = "200ms"

// goBenchmarks runs the benchmarks that lie beside the code and prints what
// they print.
func (b *bench) goBenchmarks(ctx context.Context) error {
	b.progress("go test -run '^$' -bench . -benchmem -benchtime %s", benchTime)
	cmd := exec.CommandContext(ctx, b.goCommand, "test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", benchTime, //nolint:gosec // It is what the command line says.
		module+"/internal/twilio", module+"/internal/provider")
	cmd.Env = append(plainEnvironment(b.dir), goEnvironment()...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return errors.Join(errors.New("the Go benchmarks failed"), err)
	}
	return nil
}

// plainEnvironment is an environment in which nothing says how the CLI or the
// provider is to behave: not that of whoever runs this.
func plainEnvironment(home string) []string {
	env := []string{"HOME=" + home, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"}
	for _, name := range []string{"PATH", "TMPDIR", "GOMAXPROCS"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// goEnvironment is what the go command needs of the environment besides: its
// settings and caches.
func goEnvironment() []string {
	var env []string
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "GO") || strings.HasPrefix(v, "CGO_") || strings.HasPrefix(v, "XDG_") || strings.HasPrefix(v, "HOME=") || strings.HasSuffix(strings.ToUpper(strings.SplitN(v, "=", 2)[0]), "_PROXY") {
			env = append(env, v)
		}
	}
	return env
}
