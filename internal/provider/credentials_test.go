package provider

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

const clientID = "kore-client"

// Secrets of the tests, each of its source.
var everySecret = []string{"block-token", "block-secret", "block-kore", "env-token", "env-secret", "env-kore", "profile-secret"}

// presence is what is set, a bit each; see the names of its methods.
type presence uint

func (p presence) has(bit int) bool { return p&(1<<bit) != 0 }

// value is v where the bit is set.
func (p presence) value(bit int, v string) string {
	if p.has(bit) {
		return v
	}
	return ""
}

// The bits: in the block 0 to 7, in the environment 8 to 14, and whether the
// Twilio CLI has an active profile.
const (
	blockAccount = iota
	blockToken
	blockKey
	blockSecret
	blockClient
	blockClientSecret
	blockKORE
	blockProfile
	envAccount
	envToken
	envKey
	envSecret
	envClient
	envClientSecret
	envProfile
	activeProfile
	allBits
)

func (p presence) block() providerModel {
	m := providerModel{
		AccountSID: str(p.value(blockAccount, accountSID)), AuthToken: str(p.value(blockToken, "block-token")),
		APIKey: str(p.value(blockKey, apiKey)), APISecret: str(p.value(blockSecret, "block-secret")),
		Profile: str(p.value(blockProfile, "named")),
	}
	if p.has(blockKORE) || p.has(blockClient) || p.has(blockClientSecret) {
		m.KORE = &koreModel{ClientID: str(p.value(blockClient, clientID)), ClientSecret: str(p.value(blockClientSecret, "block-kore"))}
	}
	return m
}

func (p presence) env() map[string]string {
	return map[string]string{
		"TWILIO_ACCOUNT_SID": p.value(envAccount, accountSID), "TWILIO_AUTH_TOKEN": p.value(envToken, "env-token"),
		"TWILIO_API_KEY": p.value(envKey, apiKey), "TWILIO_API_SECRET": p.value(envSecret, "env-secret"),
		"KORE_CLIENT_ID": p.value(envClient, clientID), "KORE_CLIENT_SECRET": p.value(envClientSecret, "env-kore"),
		"TWILIO_PROFILE": p.value(envProfile, "named"),
	}
}

// wantSecret is the rule in other words: the secret of the credentials that
// are to be used, or the summary of the error.
func (p presence) wantSecret() (secret, summary string) {
	anyOf := func(bits ...int) bool {
		for _, b := range bits {
			if p.has(b) {
				return true
			}
		}
		return false
	}
	pairs := func(id, token, key, keySecret, client, clientSecret int, place string) (string, string) {
		twilioSet, koreSet := anyOf(id, token, key, keySecret), anyOf(client, clientSecret)
		switch {
		case twilioSet && koreSet:
			return "", "Credentials of two platforms"
		case p.has(client) && p.has(clientSecret):
			return place + "-kore", ""
		case p.has(key) && p.has(keySecret):
			return place + "-secret", ""
		case !anyOf(key, keySecret) && p.has(id) && p.has(token):
			return place + "-token", ""
		}
		return "", "Incomplete credentials"
	}
	inBlock := anyOf(blockAccount, blockToken, blockKey, blockSecret, blockClient, blockClientSecret)
	switch {
	case p.has(blockProfile) && (inBlock || p.has(blockKORE)):
		return "", "Conflicting credentials"
	case p.has(blockKORE) && anyOf(blockAccount, blockToken, blockKey, blockSecret):
		return "", "Credentials of two platforms"
	case inBlock:
		return pairs(blockAccount, blockToken, blockKey, blockSecret, blockClient, blockClientSecret, "block")
	case p.has(blockKORE) && p.has(envClient) && p.has(envClientSecret):
		return "env-kore", ""
	case p.has(blockKORE) && anyOf(envClient, envClientSecret):
		return "", "Incomplete credentials"
	case p.has(blockKORE):
		return "", "Missing credentials"
	case p.has(blockProfile):
		return "profile-secret", ""
	case anyOf(envAccount, envToken, envKey, envSecret, envClient, envClientSecret):
		return pairs(envAccount, envToken, envKey, envSecret, envClient, envClientSecret, "env")
	case anyOf(envProfile, activeProfile):
		return "profile-secret", ""
	}
	return "", "Missing credentials"
}

// TestFindCredentials_everyCombination goes through all 65,536 ways in which
// credentials can be there and not there.
func TestFindCredentials_everyCombination(t *testing.T) {
	t.Parallel()
	for p := range presence(1 << allBits) {
		reads := 0
		auth, err := findCredentials(p.block().source(), getenv(p.env()), func(name string) (cliProfile, error) {
			reads++
			if name == "" && !p.has(activeProfile) {
				return cliProfile{}, fs.ErrNotExist
			}
			return cliProfile{Name: "p", APIKey: apiKey, APISecret: "profile-secret"}, nil
		})
		secret, summary := p.wantSecret()
		var got, gotSummary string
		var mistake *credentialsError
		switch c := auth.credentials.(type) {
		case rest.BasicAuth:
			got = c.Password
		case rest.OAuth:
			got = c.ClientSecret
		}
		if errors.As(err, &mistake) {
			gotSummary = mistake.summary
			for _, s := range everySecret {
				if strings.Contains(mistake.detail, s) {
					t.Fatalf("%016b: the error tells a secret: %v", p, err)
				}
			}
		}
		if got != secret || gotSummary != summary || (err == nil) != (summary == "") {
			t.Fatalf("%016b: got %q, %v; want %q, %q", p, got, err, secret, summary)
		}
		if (auth.platform == twilio.KORE) != strings.HasSuffix(secret, "-kore") {
			t.Fatalf("%016b: %s for %s", p, auth.platform.Name, secret)
		}
		if wanted := secret == "profile-secret" || summary == "Missing credentials" && !p.has(blockKORE); (reads > 0) != wanted {
			t.Fatalf("%016b: the Twilio CLI's file was read %d times", p, reads)
		}
	}
}

// TestFindCredentials_says has the errors name what was found and where.
func TestFindCredentials_says(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		block providerModel
		env   map[string]string
		says  []string
	}{
		"nothing": {says: []string{
			"api_key", "api_secret", "account_sid", "auth_token", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN",
			"kore = { client_id, client_secret }", "KORE_CLIENT_ID", "KORE_CLIENT_SECRET",
		}},
		"halves of two sources": {
			block: providerModel{AccountSID: str(accountSID)}, env: map[string]string{"TWILIO_AUTH_TOKEN": "env-token"},
			says: []string{"account_sid is set in the provider block, but auth_token is not", "Found: account_sid in the provider block, TWILIO_AUTH_TOKEN in the environment."},
		},
		"half of KORE's": {
			block: providerModel{KORE: &koreModel{}}, env: map[string]string{"KORE_CLIENT_ID": clientID},
			says: []string{"KORE_CLIENT_ID is set in the environment, but KORE_CLIENT_SECRET is not"},
		},
		"two platforms": {
			env: map[string]string{
				"TWILIO_API_KEY": apiKey, "TWILIO_API_SECRET": "env-secret", "KORE_CLIENT_ID": clientID, "KORE_CLIENT_SECRET": "env-kore",
			},
			says: []string{"TWILIO_API_KEY in the environment", "KORE_CLIENT_ID in the environment", "set kore = {} in the provider block", "alias"},
		},
		"a malformed account SID": {
			block: providerModel{AccountSID: str("AC123"), AuthToken: str("block-token")},
			says:  []string{"account_sid in the provider block must be AC and 32 hexadecimal digits"},
		},
		"swapped halves": {
			env:  map[string]string{"TWILIO_API_KEY": "env-secret", "TWILIO_API_SECRET": apiKey},
			says: []string{"TWILIO_API_KEY in the environment must be SK and 32 hexadecimal digits", "not swapped"},
		},
		"a line break in the environment": {
			env:  map[string]string{"TWILIO_API_KEY": apiKey, "TWILIO_API_SECRET": "env-secret\n"},
			says: []string{"TWILIO_API_SECRET in the environment must be of printable characters without spaces; what is there, of 11 bytes", "line break at the end of a file"},
		},
		"a space in KORE's ID": {
			env:  map[string]string{"KORE_CLIENT_ID": " " + clientID, "KORE_CLIENT_SECRET": "env-kore"},
			says: []string{"KORE_CLIENT_ID in the environment must be of printable characters"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := findCredentials(row.block.source(), getenv(row.env), func(string) (cliProfile, error) { return cliProfile{}, fs.ErrNotExist })
			if err == nil {
				t.Fatal("no error")
			}
			for _, s := range row.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
			for _, s := range everySecret {
				if strings.Contains(err.Error(), s) {
					t.Errorf("%q tells a secret", err)
				}
			}
		})
	}
}

// TestCLIProfile reads the Twilio CLI's file from a home directory.
func TestCLIProfile(t *testing.T) {
	t.Parallel()
	good := `{"activeProject":"work","profiles":{"work":{"accountSid":"` + accountSID + `","apiKey":"` + apiKey + `","apiSecret":"profile-secret"},"half":{"apiKey":"` + apiKey + `"}}}`
	region := func(name string) string {
		return strings.Replace(good, `"apiSecret"`, `"region":"`+name+`","apiSecret"`, 1)
	}
	for name, row := range map[string]struct {
		content, profile string
		want, says       string
		missing          bool
		advice           string
	}{
		"a profile of a region":    {content: region("ie1"), want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")", advice: `The profile "work" is one for the region ie1`},
		"a profile of the default": {content: region("us1"), want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")"},
		"a secret with a line break": {
			content: strings.Replace(good, "profile-secret", `profile-secret\n`, 1), says: `apiSecret in the profile "work" of the Twilio CLI must be of printable characters`,
		},
		"a key with a space":                  {content: strings.Replace(good, apiKey, apiKey+" ", 1), says: `apiKey in the profile "work" of the Twilio CLI must be SK and 32`},
		"the active profile":                  {content: good, want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")"},
		"a named profile":                     {content: good, profile: "work", want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")"},
		"another profile":                     {content: good, profile: "home", says: `: it has no profile "home"; the profiles it has: "half", "work".`},
		"a profile without secret":            {content: good, profile: "half", says: "apiSecret is not"},
		"no file":                             {missing: true},
		"no file for a named profile":         {profile: "work", says: "does not give the profile"},
		"no active profile":                   {content: `{"profiles":{}}`, missing: true},
		"an active profile that is not there": {content: `{"activeProject":"gone"}`, says: "although it is the active one; the profiles it has: none"},
		"not JSON":                            {content: "profile-secret", says: "log in with the Twilio CLI again"},
		"other JSON":                          {content: `{"profiles":["profile-secret"]}`, says: "log in with the Twilio CLI again"},
		"JSON of wrong types":                 {content: `{"activeProject":7}`, says: "log in with the Twilio CLI again"},
		"a byte order mark":                   {content: "\ufeff" + good, want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")"},
		"beside bad ones":                     {content: strings.NewReplacer(`{"work"`, `{"bad":["profile-secret"],"worse":7,"work"`, `"work",`, `7,`).Replace(good), profile: "work", want: `API key from the profile "work" of the Twilio CLI (` + apiKey + ")"},
		"a bad one":                           {content: `{"activeProject":"bad","profiles":{"bad":["profile-secret"]}}`, says: `its profile "bad" is not what the Twilio CLI writes; log in`},
		"a secret for a name":                 {content: strings.ReplaceAll(good, "half", "profile-secret0123456789abcdef0123"), profile: "profile-secret0123456789abcdef012", says: `it has no profile (hidden, since it looks like a secret); the profiles it has: (hidden, since it looks like a secret), "work".`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			if row.content != "" {
				dir := filepath.Join(home, ".twilio-cli")
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(row.content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			auth, err := profileAuthentication(row.profile, "named by profile in the provider block", profileReader(func() (string, error) { return home, nil }))
			switch {
			case row.missing:
				if !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			case row.want != "":
				if err != nil || auth.credentials.Describe() != row.want {
					t.Errorf("%v, %v", auth.credentials, err)
				}
				if got := auth.credentials.(rest.BasicAuth).Advice; (got != "") != (row.advice != "") || !strings.Contains(got, row.advice) {
					t.Errorf("%q, want %q", got, row.advice)
				}
			case err == nil || !strings.Contains(err.Error(), row.says) || strings.Contains(err.Error(), "profile-secret"):
				t.Errorf("%v, want %q", err, row.says)
			}
		})
	}
}
