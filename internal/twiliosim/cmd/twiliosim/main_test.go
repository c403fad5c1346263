//go:build !windows

package main

import (
	"bufio"
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// The process itself: it stops cleanly when told to, and not because nobody
// reads its output, and complains on the
// standard error. Windows has no such signals.
func TestMainProcess(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-listen", "127.0.0.1:0")
		cmd.Env = append(os.Environ(), asCommand+"=1")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(stdout).ReadString('\n')
		if err != nil || !strings.HasPrefix(line, "listening on http://127.0.0.1:") {
			t.Errorf("printed %q, %v", line, err)
		}
		// Nobody reads its output any more.
		if err := stdout.Close(); err != nil {
			t.Error(err)
		}
		for range 2 {
			r := running{t: t, url: strings.TrimSpace(strings.TrimPrefix(line, "listening on "))}
			if status := r.send("valve-01", "open"); status != http.StatusCreated {
				t.Errorf("status %d", status)
			}
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after %v: %v", signal, err)
		}
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-listen", "192.0.2.1:80")
	cmd.Env, cmd.Stderr = append(os.Environ(), asCommand+"=1"), &stderr
	if err := cmd.Run(); err == nil || !strings.Contains(stderr.String(), "twiliosim: the simulator listens on loopback only") {
		t.Errorf("refused with %v, %q", err, &stderr)
	}
}
