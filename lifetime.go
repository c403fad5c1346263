package main

import (
	"os"
	"os/signal"
	"syscall"
	"time"
)

// endWithCLI has the provider end when the CLI ends it or is gone, and not
// when a signal says so (rule R3).
//
// A terminal sends Ctrl-C, and process managers, CI runners and container
// runtimes send SIGTERM, to the CLI and its providers at once. The CLI then
// asks the provider to stop, records what the provider returns, and only then
// ends it. A provider that dies of the signal loses a message that the API has
// accepted, and the next apply sends it again. go-plugin ignores Ctrl-C for
// the same reason, but not SIGTERM. SIGHUP, from a terminal that is closed,
// stays fatal: the CLI dies of it too, so there is nobody to record anything.
func endWithCLI() {
	signal.Ignore(syscall.SIGTERM)
	// A CLI that is gone by now has closed its end of the pipe to which
	// go-plugin is about to write, which ends the provider as well.
	parent := os.Getppid()
	go func() {
		waitForParent(parent)
		// An answer in flight could not be recorded any more, and a message
		// that waits for its turn must not be sent.
		os.Exit(1)
	}()
}

// waitForParent returns when the parent of this process, whose id is given,
// has ended.
func waitForParent(parent int) {
	// On Windows, a process can wait for any other, but keeps the id of a
	// parent that has ended. Elsewhere it can wait for its children only, but
	// is given another parent.
	if p, err := os.FindProcess(parent); err == nil {
		if _, err = p.Wait(); err == nil {
			return
		}
	}
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
}
