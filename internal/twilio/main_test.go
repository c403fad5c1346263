package twilio

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes sure that the client leaves no goroutine behind, whatever the
// tests do to it, and that it is tested where a proxy is configured.
func TestMain(m *testing.M) {
	if err := os.Setenv("HTTP_PROXY", "http://proxy.invalid:1"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
