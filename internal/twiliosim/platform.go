package twiliosim

import (
	"fmt"
	"strings"
)

// Platform is whose API a simulator is. KORE Wireless took Twilio's IoT
// business over, API and all, so what the two have in common is most of it;
// how they differ stands in traits, and in the files for tokens, errors and
// nulls.
type Platform int

// The platforms.
const (
	// Twilio has HTTP Basic authentication.
	Twilio Platform = iota
	// KORE has OAuth 2.0 client credentials, and smaller pages of IP Commands.
	KORE
)

// traits is how a platform's API differs from the other's.
type traits struct {
	name string
	// supersim and wireless are the base URLs in the responses of the two APIs.
	supersim, wireless string
	// errors is the URL of the documentation of errors, before the code.
	errors string
	// maxIPCommands, maxCommands and maxSIMs are the largest pages of the
	// lists.
	maxIPCommands, maxCommands, maxSIMs int
	// ipCommandNotNull, commandNotNull and simNotNull are the JSON fields that
	// the published descriptions do not let be null.
	ipCommandNotNull, commandNotNull, simNotNull []string
}

// platforms are the traits of all platforms. The numbers and the fields that
// must not be null are from the published descriptions.
var platforms = [...]traits{
	Twilio: {
		name:             "twilio",
		supersim:         "https://supersim.twilio.com",
		wireless:         "https://wireless.twilio.com",
		errors:           "https://www.twilio.com/docs/errors/",
		maxIPCommands:    1000,
		maxCommands:      1000,
		maxSIMs:          1000,
		ipCommandNotNull: []string{"status", "direction", "device_port", "payload_type"},
		commandNotNull:   []string{"command_mode", "transport", "status", "direction"},
		simNotNull:       []string{"status"},
	},
	KORE: {
		name:           "kore",
		supersim:       "https://supersim.api.korewireless.com",
		wireless:       "https://programmable-wireless.api.korewireless.com",
		errors:         "https://docs.korewireless.com/errors/",
		maxIPCommands:  100,
		maxCommands:    1000,
		maxSIMs:        1000,
		commandNotNull: []string{"command_mode"},
	},
}

// traits returns how the platform differs. It panics if there is no such
// platform.
func (p Platform) traits() *traits { return &platforms[p] }

// String returns the platform's name: twilio or kore.
func (p Platform) String() string {
	if p < 0 || int(p) >= len(platforms) {
		return fmt.Sprintf("Platform(%d)", int(p))
	}
	return p.traits().name
}

// MarshalText implements encoding.TextMarshaler with the platform's name.
func (p Platform) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler, which makes a platform
// usable as a flag.
func (p *Platform) UnmarshalText(text []byte) error {
	var names []string
	for known, t := range platforms {
		if t.name == string(text) {
			*p = Platform(known)
			return nil
		}
		names = append(names, t.name)
	}
	return fmt.Errorf("no such platform; there are %s", strings.Join(names, " and "))
}
