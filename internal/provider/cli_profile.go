package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// cliProfile is a profile of the Twilio CLI, which holds an API key.
type cliProfile struct {
	Name      string `json:"-"`
	APIKey    string `json:"apiKey"`
	APISecret string `json:"apiSecret"`
	// Region is where the key was made; empty means us1.
	Region string `json:"region"`
}

// profileReader reads a profile from the Twilio CLI's file below a home
// directory, .twilio-cli/config.json; an empty name means the active one. The
// error is fs.ErrNotExist where there is no file or no active profile.
func profileReader(home func() (string, error)) func(string) (cliProfile, error) {
	return func(name string) (cliProfile, error) {
		dir, err := home()
		if err != nil {
			return cliProfile{}, fmt.Errorf("the home directory is not known: %w: %w", err, fs.ErrNotExist)
		}
		content, err := os.ReadFile(filepath.Join(dir, ".twilio-cli", "config.json")) //nolint:gosec // The user's own file.
		if err != nil {
			return cliProfile{}, err
		}
		return parseProfile(content, name)
	}
}

// parseProfile finds a profile in the content of the file. Its errors do not
// repeat the content, which holds secrets.
func parseProfile(content []byte, name string) (cliProfile, error) {
	var file struct {
		ActiveProject *string               `json:"activeProject"`
		Profiles      map[string]cliProfile `json:"profiles"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return cliProfile{}, errors.New("it is not the JSON that the Twilio CLI writes; log in with the Twilio CLI again, or give credentials otherwise")
	}
	active := name == ""
	if active {
		if file.ActiveProject == nil || *file.ActiveProject == "" {
			return cliProfile{}, fmt.Errorf("no profile is active: %w", fs.ErrNotExist)
		}
		name = *file.ActiveProject
	}
	profile, ok := file.Profiles[name]
	if !ok {
		there := "has no profiles"
		if len(file.Profiles) > 0 {
			there = "has these: " + strings.Join(slices.Sorted(maps.Keys(file.Profiles)), ", ")
		}
		what := fmt.Sprintf("has no profile %q", name)
		if active {
			what = fmt.Sprintf("has no profile %q, although it is the active one", name)
		}
		return cliProfile{}, fmt.Errorf("it %s; it %s", what, there)
	}
	profile.Name = name
	return profile, nil
}

// profileAuthentication returns the credentials of a profile of the Twilio
// CLI, the active one when name is empty. why says where the name was given.
func profileAuthentication(name, why string, read func(string) (cliProfile, error)) (authentication, error) {
	profile, err := read(name)
	switch {
	case err != nil && name == "" && errors.Is(err, fs.ErrNotExist):
		return authentication{}, err
	case err != nil:
		what := "its active profile"
		if name != "" {
			what = fmt.Sprintf("the profile %q, %s", name, why)
		}
		return authentication{}, &credentialsError{summary: "Twilio CLI profile could not be read", detail: fmt.Sprintf(
			"The Twilio CLI's file .twilio-cli/config.json in the home directory does not give %s: %v.", what, err)}
	}
	p := pair{kinds[1], setting{name: "apiKey", value: profile.APIKey}, setting{name: "apiSecret", value: profile.APISecret}, ""}
	if profile.Region != "" && profile.Region != "us1" {
		p.advice = fmt.Sprintf("The profile %q is one for the region %s of Twilio, and its key works there only. Use credentials of the region that the request went to", profile.Name, profile.Region)
	}
	return p.authentication(fmt.Sprintf("the profile %q of the Twilio CLI", profile.Name),
		"The Twilio CLI keeps its profiles in .twilio-cli/config.json in the home directory. Log in with it again, or give credentials otherwise.")
}
