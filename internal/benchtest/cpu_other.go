//go:build !unix

package benchtest

import (
	"errors"
	"time"
)

// CPUTime is the processor time that this process has used, which only Unix
// tells us.
func CPUTime() (time.Duration, error) {
	return 0, errors.New("the processor time of a process is measured on Unix only")
}
