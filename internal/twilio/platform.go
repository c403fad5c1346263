package twilio

import "github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"

// Platform is where the APIs are served: the same SIMs and the same API, with
// other hosts, limits and credentials.
type Platform struct {
	// Name is what people call it.
	Name string
	// SuperSIMURL and WirelessURL are the base URLs of the two APIs.
	SuperSIMURL, WirelessURL string
	// TokenURL is the whole URL of the OAuth token endpoint; empty where
	// requests are signed with HTTP Basic.
	TokenURL string
	// ErrorForm is the form in which the platform refuses requests.
	ErrorForm rest.ErrorForm
	// MaxIPCommandsPage, MaxCommandsPage and MaxSIMsPage are the largest pages
	// of the lists, in items.
	MaxIPCommandsPage, MaxCommandsPage, MaxSIMsPage int
}

// maxPageSize is the largest page of any list, in items.
const maxPageSize = 1000

// The platforms, from their published API descriptions (twilio_*_v1.json and
// kore_*_v1.json).
var (
	Twilio = Platform{
		Name:              "Twilio",
		SuperSIMURL:       "https://supersim.twilio.com",
		WirelessURL:       "https://wireless.twilio.com",
		ErrorForm:         rest.CodeForm,
		MaxIPCommandsPage: maxPageSize,
		MaxCommandsPage:   maxPageSize,
		MaxSIMsPage:       maxPageSize,
	}
	KORE = Platform{ //nolint:gosec // The token endpoint's address is no credential.
		Name:              "KORE",
		SuperSIMURL:       "https://supersim.api.korewireless.com",
		WirelessURL:       "https://programmable-wireless.api.korewireless.com",
		TokenURL:          "https://api.korewireless.com/api-services/v1/auth/token",
		ErrorForm:         rest.StatusForm,
		MaxIPCommandsPage: 100,
		MaxCommandsPage:   maxPageSize,
		MaxSIMsPage:       maxPageSize,
	}
)
