package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// authentication is how to authenticate, and where.
type authentication struct {
	credentials rest.Credentials
	platform    twilio.Platform
}

// credentialsError is a mistake in the credentials, for the user.
type credentialsError struct {
	summary, detail string
	at              path.Path // empty where it is about no argument
}

func (e *credentialsError) Error() string { return e.summary + ": " + e.detail }

// kind is one kind of credentials, of which each has two halves.
type kind struct {
	name       string
	platform   twilio.Platform
	id, secret half
	// sid is the prefix of the id where that is a SID, as Twilio's are.
	sid string
}

// half is a half of credentials: an argument of the provider block, and an
// environment variable.
type half struct {
	argument path.Path
	variable string
}

// kinds are all kinds of credentials, the preferred first.
var kinds = []kind{
	{"KORE client ID and secret", twilio.KORE, half{path.Root("kore").AtName("client_id"), "KORE_CLIENT_ID"}, half{path.Root("kore").AtName("client_secret"), "KORE_CLIENT_SECRET"}, ""},
	{keyKind, twilio.Twilio, half{path.Root("api_key"), "TWILIO_API_KEY"}, half{path.Root("api_secret"), "TWILIO_API_SECRET"}, "SK"},
	{"account SID and auth token", twilio.Twilio, half{path.Root("account_sid"), "TWILIO_ACCOUNT_SID"}, half{path.Root("auth_token"), "TWILIO_AUTH_TOKEN"}, "AC"},
}

const keyKind = "API key"

// profileHalf names a profile of the Twilio CLI.
var profileHalf = half{path.Root("profile"), "TWILIO_PROFILE"}

// setting is a half as it is set in a source; its value is empty when it is not.
type setting struct {
	name, value string
	at          path.Path // in the provider block
}

// source is a place where credentials may be.
type source struct {
	name string
	get  func(half) setting
	// kore reports whether KORE is asked for, if only with kore = {}.
	kore bool
}

func (m providerModel) source() source {
	values := map[string]types.String{"account_sid": m.AccountSID, "auth_token": m.AuthToken, "api_key": m.APIKey, "api_secret": m.APISecret, "profile": m.Profile}
	if m.KORE != nil {
		values["kore.client_id"], values["kore.client_secret"] = m.KORE.ClientID, m.KORE.ClientSecret
	}
	return source{"the provider block", func(h half) setting {
		return setting{h.argument.String(), values[h.argument.String()].ValueString(), h.argument}
	}, m.KORE != nil}
}

func environmentSource(getenv func(string) string) source {
	return source{"the environment", func(h half) setting { return setting{name: h.variable, value: getenv(h.variable)} }, false}
}

// pair is a pair of credentials of a kind.
type pair struct {
	kind
	id, secret setting
	// advice is what to do about a 401, where that is known.
	advice string
}

func (s source) pair(k kind) pair { return pair{k, s.get(k.id), s.get(k.secret), ""} }

// pairs returns the pairs of which at least one half is set, the preferred
// first.
func (s source) pairs() (set []pair) {
	for _, k := range kinds {
		if p := s.pair(k); p.id.value != "" || p.secret.value != "" {
			set = append(set, p)
		}
	}
	return set
}

// findCredentials decides how to authenticate. The provider block is preferred
// to the environment, and the environment to the active profile of the Twilio
// CLI. The first source that holds anything must hold a whole pair: half of one
// is a mistake to report, not a reason to look further.
func findCredentials(block source, getenv func(string) string, readProfile func(name string) (cliProfile, error)) (authentication, error) {
	environment := environmentSource(getenv)
	found := listFound(block, environment)
	inBlock := block.pairs()
	switch {
	case block.get(profileHalf).value != "" && (block.kore || len(inBlock) > 0):
		return authentication{}, &credentialsError{summary: "Conflicting credentials", detail: "profile names credentials of the Twilio CLI, and the provider block asks for others beside it. Remove one of them. " + found}
	case block.kore && len(inBlock) == 0:
		// An empty kore block names the platform and leaves the rest to the
		// environment.
		return environment.pair(kinds[0]).authentication(environment.name, found)
	case block.kore && inBlock[0].platform != twilio.KORE:
		return authentication{}, twoPlatforms(block.name, found)
	}
	for _, s := range []source{block, environment} {
		pairs := s.pairs()
		switch {
		case len(pairs) > 0 && pairs[0].platform != pairs[len(pairs)-1].platform:
			return authentication{}, twoPlatforms(s.name, found)
		case len(pairs) > 0:
			return pairs[0].authentication(s.name, found)
		case s.get(profileHalf).value != "":
			return profileAuthentication(s.get(profileHalf).value, "named by "+s.get(profileHalf).name+" in "+s.name, readProfile)
		}
	}
	auth, err := profileAuthentication("", "", readProfile)
	if errors.Is(err, fs.ErrNotExist) {
		return authentication{}, &credentialsError{summary: "Missing credentials",
			detail: "No credentials were found. For Twilio, give api_key and api_secret (recommended) or account_sid and auth_token in the provider block, " +
				"or set the environment variables TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or log in with the Twilio CLI. " +
				"For KORE, give kore = { client_id, client_secret }, or set KORE_CLIENT_ID and KORE_CLIENT_SECRET."}
	}
	return auth, err
}

func twoPlatforms(place, found string) error {
	return &credentialsError{summary: "Credentials of two platforms", detail: fmt.Sprintf(
		"%s holds credentials of Twilio and of KORE, and the provider uses one of them. %s "+
			"To use Twilio, remove those of KORE. To use KORE, remove those of Twilio, or, where they are in the environment, set kore = {} in the provider block. "+
			"To use both, give each a provider block of its own, with an alias.", capital(place), found)}
}

// authentication checks a pair and returns it as credentials.
func (p pair) authentication(place, found string) (authentication, error) {
	there, missing := p.id, p.secret
	if there.value == "" {
		there, missing = missing, there
	}
	switch {
	case there.value == "":
		return authentication{}, &credentialsError{summary: "Missing credentials", detail: fmt.Sprintf("Set %s and %s in %s. %s", p.id.name, p.secret.name, place, found)}
	case missing.value == "":
		return authentication{}, &credentialsError{summary: "Incomplete credentials", detail: fmt.Sprintf(
			"%s is set in %s, but %s is not. The two must come from the same place: set both there, or neither. %s", there.name, place, missing.name, found)}
	}
	for i, half := range []setting{p.id, p.secret} {
		form, wellFormed := "of printable characters without spaces", rest.IsPrintable(half.value)
		if i == 0 && p.sid != "" {
			form, wellFormed = p.sid+" and 32 hexadecimal digits", twilio.IsSID(p.sid, half.value)
		}
		if !wellFormed {
			return authentication{}, &credentialsError{"Invalid credentials", fmt.Sprintf(
				// The value is not shown: it may be a secret in the wrong place.
				"%s in %s must be %s; what is there, of %d bytes, is not. Check that no white space has come along, such as the line break at the end of a file "+
					"(trimspace leaves it out), and that the halves are not swapped. %s", half.name, place, form, len(half.value), found), half.at}
		}
	}
	kind := p.name + " from " + place
	if p.platform.TokenURL != "" {
		return authentication{rest.OAuth{ClientID: p.id.value, ClientSecret: p.secret.value, Kind: kind}, p.platform}, nil
	}
	return authentication{rest.BasicAuth{Username: p.id.value, Password: p.secret.value, Kind: kind, Advice: p.advice}, p.platform}, nil
}

// listFound lists the names of what is set in each source.
func listFound(sources ...source) string {
	halves := []half{profileHalf}
	for _, k := range kinds {
		halves = append(halves, k.id, k.secret)
	}
	var names []string
	for _, s := range sources {
		for _, h := range halves {
			if set := s.get(h); set.value != "" {
				names = append(names, set.name+" in "+s.name)
			}
		}
	}
	if len(names) == 0 {
		return "Nothing was found."
	}
	return "Found: " + strings.Join(names, ", ") + "."
}
