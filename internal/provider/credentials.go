package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// blockCredentials are the arguments of the provider block that tell how to
// authenticate; what is not set is empty.
type blockCredentials struct {
	accountSID, authToken  string
	apiKey, apiSecret      string
	profile                string
	kore                   bool // the argument kore is set, if only to {}
	clientID, clientSecret string
}

// authentication is how to authenticate, and where.
type authentication struct {
	credentials rest.Credentials
	platform    twilio.Platform
}

// credentialsError is a mistake in the credentials, for the user.
type credentialsError struct{ summary, detail string }

func (e *credentialsError) Error() string { return e.summary + ": " + e.detail }

// argument is an argument of the provider block or an environment variable.
type argument struct{ name, value string }

// pair is the two halves of one kind of credentials, in one source.
type pair struct {
	kind       string
	platform   twilio.Platform
	id, secret argument
	isID       func(string) bool
	idForm     string
}

// source is a place where credentials may be.
type source struct {
	name               string
	key, account, kore pair
	profile            argument
}

const keyKind = "API key"

func accountPair(sid, token argument) pair {
	return pair{"account SID and auth token", twilio.Twilio, sid, token, isSID("AC"), "AC and 32 hexadecimal digits"}
}

func keyPair(key, secret argument) pair {
	return pair{keyKind, twilio.Twilio, key, secret, isSID("SK"), "SK and 32 hexadecimal digits"}
}

func korePair(id, secret argument) pair {
	noSpace := func(s string) bool { return !strings.ContainsFunc(s, unicode.IsSpace) }
	return pair{"KORE client ID and secret", twilio.KORE, id, secret, noSpace, "a client ID without spaces"}
}

func isSID(prefix string) func(string) bool {
	return func(s string) bool { return twilio.IsSID(prefix, s) }
}

func (b blockCredentials) source() source {
	return source{
		name:    "the provider block",
		account: accountPair(argument{"account_sid", b.accountSID}, argument{"auth_token", b.authToken}),
		key:     keyPair(argument{"api_key", b.apiKey}, argument{"api_secret", b.apiSecret}),
		kore:    korePair(argument{"kore.client_id", b.clientID}, argument{"kore.client_secret", b.clientSecret}),
		profile: argument{"profile", b.profile},
	}
}

func environmentSource(getenv func(string) string) source {
	variable := func(name string) argument { return argument{name, getenv(name)} }
	return source{
		name:    "the environment",
		account: accountPair(variable("TWILIO_ACCOUNT_SID"), variable("TWILIO_AUTH_TOKEN")),
		key:     keyPair(variable("TWILIO_API_KEY"), variable("TWILIO_API_SECRET")),
		kore:    korePair(variable("KORE_CLIENT_ID"), variable("KORE_CLIENT_SECRET")),
		profile: variable("TWILIO_PROFILE"),
	}
}

// findCredentials finds how to authenticate: by the provider block before the
// environment, and that before the active profile of the Twilio CLI. The first
// source that holds anything must hold all of it: half of a pair is what the
// user meant to give, and not passed over.
func findCredentials(block blockCredentials, getenv func(string) string, readProfile func(name string) (cliProfile, error)) (authentication, error) {
	inBlock, inEnvironment := block.source(), environmentSource(getenv)
	found := append(inBlock.found(), inEnvironment.found()...)
	if inBlock.profile.value != "" && (inBlock.hasTwilio() || inBlock.hasKORE() || block.kore) {
		return authentication{}, &credentialsError{"Conflicting credentials", "profile names credentials of the Twilio CLI, and the provider block asks for others beside it. Remove one of them. " + listFound(found)}
	}
	if block.kore && inBlock.hasTwilio() {
		return authentication{}, twoPlatforms(inBlock.name, found)
	}
	if block.kore && !inBlock.hasKORE() {
		// An empty kore block says where, and leaves the rest to the
		// environment.
		return inEnvironment.kore.authentication(inEnvironment.name, found)
	}
	for _, s := range []source{inBlock, inEnvironment} {
		if s.hasTwilio() || s.hasKORE() {
			return s.authentication(found)
		}
		if s.profile.value != "" {
			return profileAuthentication(s.profile.value, "named by "+s.profile.name+" in "+s.name, readProfile)
		}
	}
	auth, err := profileAuthentication("", "", readProfile)
	if errors.Is(err, fs.ErrNotExist) {
		return authentication{}, &credentialsError{"Missing credentials",
			"No credentials were found. For Twilio, give api_key and api_secret (recommended) or account_sid and auth_token in the provider block, " +
				"or set the environment variables TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or log in with the Twilio CLI. " +
				"For KORE, give kore = { client_id, client_secret }, or set KORE_CLIENT_ID and KORE_CLIENT_SECRET."}
	}
	return auth, err
}

func (s source) hasTwilio() bool { return s.key.any() || s.account.any() }
func (s source) hasKORE() bool   { return s.kore.any() }

// authentication returns what a source that holds something holds.
func (s source) authentication(found []string) (authentication, error) {
	if s.hasTwilio() && s.hasKORE() {
		return authentication{}, twoPlatforms(s.name, found)
	}
	for _, p := range []pair{s.kore, s.key, s.account} {
		if p.any() {
			return p.authentication(s.name, found)
		}
	}
	return authentication{}, errors.New("the source holds nothing")
}

func twoPlatforms(place string, found []string) error {
	return &credentialsError{"Credentials of two platforms", fmt.Sprintf(
		"%s holds credentials of Twilio and of KORE, and the provider uses one of them. %s "+
			"To use Twilio, remove those of KORE. To use KORE, remove those of Twilio, or, where they are in the environment, set kore = {} in the provider block. "+
			"To use both, give each a provider block of its own, with an alias.", capital(place), listFound(found))}
}

func (p pair) any() bool { return p.id.value != "" || p.secret.value != "" }

// authentication checks a pair and returns it as credentials.
func (p pair) authentication(place string, found []string) (authentication, error) {
	there, missing := p.id, p.secret
	if there.value == "" {
		there, missing = missing, there
	}
	switch {
	case there.value == "":
		return authentication{}, &credentialsError{"Missing credentials", fmt.Sprintf("Set %s and %s in %s. %s", p.id.name, p.secret.name, place, listFound(found))}
	case missing.value == "":
		return authentication{}, &credentialsError{"Incomplete credentials", fmt.Sprintf(
			"%s is set in %s, but %s is not. The two must come from the same place: set both there, or neither. %s", there.name, place, missing.name, listFound(found))}
	case !p.isID(p.id.value):
		return authentication{}, &credentialsError{"Invalid credentials", fmt.Sprintf(
			// The value is not shown: it may be a secret in the wrong place.
			"%s in %s must be %s; what is there, of %d characters, is not. Check that the halves are not swapped.", p.id.name, place, p.idForm, len(p.id.value))}
	}
	kind := p.kind + " from " + place
	if p.platform.TokenURL != "" {
		return authentication{rest.OAuth{ClientID: p.id.value, ClientSecret: p.secret.value, Kind: kind}, p.platform}, nil
	}
	return authentication{rest.BasicAuth{Username: p.id.value, Password: p.secret.value, Kind: kind}, p.platform}, nil
}

// found tells what a source holds, by name and place.
func (s source) found() []string {
	var names []string
	for _, a := range []argument{s.account.id, s.account.secret, s.key.id, s.key.secret, s.profile, s.kore.id, s.kore.secret} {
		if a.value != "" {
			names = append(names, a.name+" in "+s.name)
		}
	}
	return names
}

func listFound(found []string) string {
	if len(found) == 0 {
		return "Nothing was found."
	}
	return "Found: " + strings.Join(found, ", ") + "."
}
