//go:build unix

package benchtest

import (
	"syscall"
	"time"
)

// CPUTime is the processor time, of user and system, that this process has
// used.
func CPUTime() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}
