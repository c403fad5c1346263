package twilio

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

func TestNew_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, want string
		cfg        Config
	}{
		{"no credentials", "no credentials", Config{}},
		{"Super SIM", "the Super SIM endpoint: http would", Config{Config: rest.Config{Credentials: rest.BasicAuth{}}, SuperSIMURL: "http://example.com"}},
		{"Wireless", "the Programmable Wireless endpoint: http would", Config{Config: rest.Config{Credentials: rest.BasicAuth{}}, WirelessURL: "http://example.com"}},
		{"timeout", "can't be negative", Config{Config: rest.Config{Credentials: rest.BasicAuth{}, RequestTimeout: -time.Second}}},
		{"retries", "can't be negative", Config{Config: rest.Config{Credentials: rest.BasicAuth{}, MaxRetries: -1}}},
	} {
		if _, err := New(test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestNew_defaults(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Config: rest.Config{Credentials: rest.BasicAuth{}}})
	if err != nil {
		t.Fatal(err)
	}
	if c.IPCommands.base.String() != "https://supersim.twilio.com" || c.Commands.base.String() != "https://wireless.twilio.com" ||
		c.IPCommands.RequestTimeout != 30*time.Second || c.IPCommands.MaxRetries != 0 {
		t.Errorf("%s, %s, %s, %d", c.IPCommands.base, c.Commands.base, c.IPCommands.RequestTimeout, c.IPCommands.MaxRetries)
	}
	if r := c.IPCommands.Rand(); r < 0 || r >= 1 {
		t.Errorf("a random number of %g", r)
	}
}
