package provider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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

// relogin is what to do about a file, or a profile, that cannot be read.
const relogin = "log in with the Twilio CLI again, or give credentials otherwise"

// parseProfile finds a profile in the content of the file, whatever the others
// look like. Its errors do not repeat the content, which holds secrets.
func parseProfile(content []byte, name string) (cliProfile, error) {
	var file struct {
		ActiveProject any                        `json:"activeProject"`
		Profiles      map[string]json.RawMessage `json:"profiles"`
	}
	// Editors on Windows begin a file with a byte order mark.
	if err := json.Unmarshal(bytes.TrimPrefix(content, []byte("\ufeff")), &file); err != nil {
		return cliProfile{}, errors.New("it is not the JSON that the Twilio CLI writes; " + relogin)
	}
	although := ""
	if name == "" {
		active, isText := file.ActiveProject.(string)
		switch {
		case file.ActiveProject == nil || isText && active == "":
			return cliProfile{}, fmt.Errorf("no profile is active: %w", fs.ErrNotExist)
		case !isText:
			return cliProfile{}, errors.New("the name of its active profile is no text; " + relogin)
		}
		name, although = active, ", although it is the active one"
	}
	content, ok := file.Profiles[name]
	if !ok {
		var there []string
		for _, known := range slices.Sorted(maps.Keys(file.Profiles)) {
			there = append(there, shownName(known))
		}
		return cliProfile{}, fmt.Errorf("it has no profile %s%s; the profiles it has: %s",
			shownName(name), although, cmp.Or(strings.Join(there, ", "), "none"))
	}
	profile := cliProfile{Name: name}
	if err := json.Unmarshal(content, &profile); err != nil {
		return cliProfile{}, fmt.Errorf("its profile %s is not what the Twilio CLI writes; %s", shownName(name), relogin)
	}
	return profile, nil
}

// shownName is a profile's name for a message, unless it could be a secret in the
// wrong place: those of Twilio are 32 letters and digits.
func shownName(name string) string {
	if regexp.MustCompile(`[0-9A-Za-z]{24}`).MatchString(name) {
		return "(hidden, since it looks like a secret)"
	}
	return strconv.Quote(name)
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
			what = fmt.Sprintf("the profile %s, %s", shownName(name), why)
		}
		return authentication{}, &credentialsError{summary: "Twilio CLI profile could not be read", detail: fmt.Sprintf(
			"The Twilio CLI's file .twilio-cli/config.json in the home directory does not give %s: %v.", what, err)}
	}
	p := pair{kinds[1], setting{name: "apiKey", value: profile.APIKey}, setting{name: "apiSecret", value: profile.APISecret}, ""}
	if profile.Region != "" && profile.Region != "us1" {
		p.advice = fmt.Sprintf("The profile %s is one for the region %s of Twilio, and its key works there only. Use credentials of the region that the request went to", shownName(profile.Name), profile.Region)
	}
	return p.authentication(fmt.Sprintf("the profile %s of the Twilio CLI", shownName(profile.Name)),
		"The Twilio CLI keeps its profiles in .twilio-cli/config.json in the home directory. Log in with it again, or give credentials otherwise.")
}
