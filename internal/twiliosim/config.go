package twiliosim

import (
	"cmp"
	"time"
)

// The credentials that a simulator accepts unless its Config names others. They
// consist of letters and digits, and those of Twilio have the length of real
// ones: its own clients take no others.
const (
	// DefaultAccountSID is the account that everything belongs to.
	DefaultAccountSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	// DefaultAuthToken goes with DefaultAccountSID.
	DefaultAuthToken = "simulatorAuthToken00000000000000"
	// DefaultAPIKey is an API key of the account.
	DefaultAPIKey = "SKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	// DefaultAPISecret goes with DefaultAPIKey.
	DefaultAPISecret = "simulatorApiSecret00000000000000"
	// DefaultClientID is a client of KORE's token endpoint.
	DefaultClientID = "simulatorClientId"
	// DefaultClientSecret goes with DefaultClientID.
	DefaultClientSecret = "simulatorClientSecret"
)

// DefaultTokenLifetime is how long an access token works unless the Config
// says otherwise: the least that KORE's customers can choose, the most being 2
// years. https://docs.korewireless.com/developers/api-management/auth.
const DefaultTokenLifetime = time.Hour

// Config is what a simulator may be told. Its zero value works.
type Config struct {
	// Now tells the time; the default is time.Now. It must be safe for
	// concurrent use, and must not call the simulator.
	Now func() time.Time

	// Platform is whose API this is; the default is Twilio.
	Platform Platform

	// AccountSID and AuthToken are the first pair of credentials that Twilio
	// accepts; the defaults are DefaultAccountSID and DefaultAuthToken. The
	// account SID is also that of every command, on any platform.
	AccountSID, AuthToken string

	// APIKey and APISecret are the second pair of credentials that Twilio
	// accepts; the defaults are DefaultAPIKey and DefaultAPISecret.
	APIKey, APISecret string

	// ClientID and ClientSecret are what KORE's token endpoint accepts; the
	// defaults are DefaultClientID and DefaultClientSecret.
	ClientID, ClientSecret string

	// TokenLifetime is how long an access token of KORE works; the default is
	// DefaultTokenLifetime. If it is not in whole seconds, neither is the
	// expires_in of the response, which is described as a number.
	TokenLifetime time.Duration

	// SendDelay is how long a command stays queued after its POST. With the
	// default, 0, it has left the queue at the first look after the POST; the
	// POST's own response says queued whatever the delay.
	SendDelay time.Duration

	// Latency is how long each request takes, by the machine's clock whatever
	// Now says. The default is as long as the simulator needs.
	Latency time.Duration

	// Limit is how much the API takes at a time; the default is all.
	Limit Limit

	// SIMs are those that the simulator knows from the start; see AddSIM.
	SIMs []SIM

	// Log receives a line, without a newline, for each request,
	// message delivered or received, and command failed; nil means none. No line has a
	// secret of this Config or an access token in it. It is called with
	// the simulator locked, so by one goroutine at a time; it should be quick,
	// and must not call the simulator.
	Log func(line string)

	// PublicURL is the scheme and host of the URLs in responses (url,
	// next_page_url and so on), without a slash at the end. By default they
	// are the platform's, such as https://supersim.twilio.com and
	// https://wireless.twilio.com, whatever address the simulator has: a
	// client must not follow them as they are.
	PublicURL string
	// OwnLinks has these URLs lead back to the simulator instead: to the
	// address that each request was made to. A PublicURL goes first.
	OwnLinks bool

	// NoHistory is for a simulator that runs for long: Requests, Count and
	// Deliveries find nothing, so that memory does not grow with the requests.
	NoHistory bool
}

// Limit is a limit of the API on concurrent requests.
type Limit struct {
	// InFlight is how many requests may be in flight. One more gets a 429
	// at once, and not processed. 0 means no limit.
	InFlight int
	// RetryAfter is what these responses have as Retry-After, in seconds; 0
	// means that they have none.
	RetryAfter int
}

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	c.AccountSID = cmp.Or(c.AccountSID, DefaultAccountSID)
	c.AuthToken = cmp.Or(c.AuthToken, DefaultAuthToken)
	c.APIKey = cmp.Or(c.APIKey, DefaultAPIKey)
	c.APISecret = cmp.Or(c.APISecret, DefaultAPISecret)
	c.ClientID = cmp.Or(c.ClientID, DefaultClientID)
	c.ClientSecret = cmp.Or(c.ClientSecret, DefaultClientSecret)
	c.TokenLifetime = cmp.Or(c.TokenLifetime, DefaultTokenLifetime)
	return c
}
