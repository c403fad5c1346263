package twilio

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes sure that the client leaves no goroutine behind, whatever the
// tests do to it.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
