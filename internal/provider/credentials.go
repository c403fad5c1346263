package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

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

// argument is an argument of the provider block, with its path, or an
// environment variable; its value is empty when it is not set.
type argument struct {
	name, value string
	at          path.Path
}

// source is a place where credentials may be.
type source struct {
	name                   string
	accountSID, authToken  argument
	apiKey, apiSecret      argument
	clientID, clientSecret argument
	profile                argument
	// kore reports whether KORE is asked for, if only with kore = {}.
	kore bool
}

func (m providerModel) source() source {
	s := source{
		name:         "the provider block",
		accountSID:   argument{"account_sid", m.AccountSID.ValueString(), path.Root("account_sid")},
		authToken:    argument{"auth_token", m.AuthToken.ValueString(), path.Root("auth_token")},
		apiKey:       argument{"api_key", m.APIKey.ValueString(), path.Root("api_key")},
		apiSecret:    argument{"api_secret", m.APISecret.ValueString(), path.Root("api_secret")},
		clientID:     argument{name: "kore.client_id", at: path.Root("kore").AtName("client_id")},
		clientSecret: argument{name: "kore.client_secret", at: path.Root("kore").AtName("client_secret")},
		profile:      argument{"profile", m.Profile.ValueString(), path.Root("profile")},
		kore:         m.KORE != nil,
	}
	if m.KORE != nil {
		s.clientID.value, s.clientSecret.value = m.KORE.ClientID.ValueString(), m.KORE.ClientSecret.ValueString()
	}
	return s
}

func environmentSource(getenv func(string) string) source {
	variable := func(name string) argument { return argument{name: name, value: getenv(name)} }
	return source{
		name:         "the environment",
		accountSID:   variable("TWILIO_ACCOUNT_SID"),
		authToken:    variable("TWILIO_AUTH_TOKEN"),
		apiKey:       variable("TWILIO_API_KEY"),
		apiSecret:    variable("TWILIO_API_SECRET"),
		clientID:     variable("KORE_CLIENT_ID"),
		clientSecret: variable("KORE_CLIENT_SECRET"),
		profile:      variable("TWILIO_PROFILE"),
	}
}

const keyKind = "API key"

// pair is one kind of credentials.
type pair struct {
	kind       string
	platform   twilio.Platform
	id, secret argument
	// sid is the prefix of the id where that is a SID, as Twilio's are.
	sid string
	// advice is what to do about a 401, where that is known.
	advice string
}

func (s source) korePair() pair {
	return pair{"KORE client ID and secret", twilio.KORE, s.clientID, s.clientSecret, "", ""}
}

// pairs returns the pairs of which at least one half is set, the preferred
// first.
func (s source) pairs() []pair {
	var set []pair
	for _, p := range []pair{
		s.korePair(),
		{keyKind, twilio.Twilio, s.apiKey, s.apiSecret, "SK", ""},
		{"account SID and auth token", twilio.Twilio, s.accountSID, s.authToken, "AC", ""},
	} {
		if p.id.value != "" || p.secret.value != "" {
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
	case block.profile.value != "" && (block.kore || len(inBlock) > 0):
		return authentication{}, &credentialsError{summary: "Conflicting credentials", detail: "profile names credentials of the Twilio CLI, and the provider block asks for others beside it. Remove one of them. " + found}
	case block.kore && len(inBlock) == 0:
		// An empty kore block names the platform and leaves the rest to the
		// environment.
		return environment.korePair().authentication(environment.name, found)
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
		case s.profile.value != "":
			return profileAuthentication(s.profile.value, "named by "+s.profile.name+" in "+s.name, readProfile)
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
	for i, half := range []argument{p.id, p.secret} {
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
	kind := p.kind + " from " + place
	if p.platform.TokenURL != "" {
		return authentication{rest.OAuth{ClientID: p.id.value, ClientSecret: p.secret.value, Kind: kind}, p.platform}, nil
	}
	return authentication{rest.BasicAuth{Username: p.id.value, Password: p.secret.value, Kind: kind, Advice: p.advice}, p.platform}, nil
}

// listFound lists the names of what is set in each source.
func listFound(sources ...source) string {
	var names []string
	for _, s := range sources {
		for _, a := range []argument{s.accountSID, s.authToken, s.apiKey, s.apiSecret, s.profile, s.clientID, s.clientSecret} {
			if a.value != "" {
				names = append(names, a.name+" in "+s.name)
			}
		}
	}
	if len(names) == 0 {
		return "Nothing was found."
	}
	return "Found: " + strings.Join(names, ", ") + "."
}
