package provider

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binaryDir is where buildBinary builds; empty until then.
var binaryDir string

// buildBinary builds the provider from this source, once for all tests.
var buildBinary = sync.OnceValues(func() (binary string, err error) {
	if binaryDir, err = os.MkdirTemp("", "provider-test-"); err != nil {
		return "", err
	}
	binary = filepath.Join(binaryDir, "provider")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "../..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
})

// removeBinary removes what buildBinary has built.
func removeBinary() {
	if binaryDir != "" {
		_ = os.RemoveAll(binaryDir) // It is in the directory for what may be removed.
	}
}

// providerBinary returns the path of the provider's binary.
func providerBinary(t *testing.T) string {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// startedProvider is the provider as a process of its own. A CLI starts it several
// times; the last of them is meant.
type startedProvider struct {
	t       *testing.T
	pidFile string
	// alive is a FIFO that the process holds open while it lives. Its end
	// shows there even where nobody collects the orphan's exit status, and
	// its id still seems to be in use.
	alive string
}

// useBinary has the CLI start the provider as a process of its own.
func (c *cli) useBinary(t *testing.T) startedProvider {
	t.Helper()
	dir := t.TempDir()
	p := startedProvider{t: t, pidFile: filepath.Join(dir, "pid"), alive: filepath.Join(dir, "alive")}
	if err := syscall.Mkfifo(p.alive, 0o600); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{
		"terraform-provider-twilio": fmt.Sprintf("#!/bin/sh\necho $$ > '%s'\nexec 9<> '%s'\nexec '%s' \"$@\"\n", p.pidFile, p.alive, providerBinary(t)),
		"config.tfrc":               fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n  direct {}\n}\n", Address, dir),
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c.env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(dir, "config.tfrc"))
	return p
}

// logs has the CLI start the provider as a process of its own, and returns what
// reads the log that they write.
func (c *cli) logs(level string) (read func() string) {
	c.t.Helper()
	c.useBinary(c.t)
	file := filepath.Join(c.t.TempDir(), "log")
	c.env = append(c.env, "TF_LOG="+level, "TF_LOG_PATH="+file)
	return func() string {
		c.t.Helper()
		content, err := os.ReadFile(file)
		if err != nil {
			c.t.Fatal(err)
		}
		return string(content)
	}
}

// pid is the id of the process; 0 after an error.
func (p startedProvider) pid() int {
	content, err := os.ReadFile(p.pidFile)
	if err != nil {
		p.t.Error(err)
		return 0
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		p.t.Error(err)
	}
	return id
}

// watch is called while the process lives, and returns what waits for its
// end. That fails the test, and ends the process, when it takes too long.
func (p startedProvider) watch() (waitForEnd func()) {
	pid := p.pid()
	alive, err := os.Open(p.alive)
	if err != nil {
		p.t.Error(err)
		return func() {}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, alive) // It ends with the last that can write.
		_ = alive.Close()
	}()
	return func() {
		p.t.Helper()
		select {
		case <-ended:
		case <-time.After(patience): // Less than the request that is held takes to time out.
			p.t.Error("the provider outlives its CLI")
			_ = syscall.Kill(pid, syscall.SIGKILL) // It may have ended just now.
			<-ended
		}
	}
}
