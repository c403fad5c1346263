package provider

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// stringRule is a validator of our own. Null and unknown values pass.
type stringRule struct {
	// rule completes "The value ...".
	rule string
	// problem describes what is wrong with a value and what to do about it. It
	// is empty when nothing is wrong.
	problem func(value string) string
}

func (r stringRule) Description(context.Context) string { return r.rule }

func (r stringRule) MarkdownDescription(context.Context) string { return r.rule }

func (r stringRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if problem := r.problem(req.ConfigValue.ValueString()); problem != "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid Attribute Value", problem)
	}
}

// notBlank refuses a value of nothing but spaces.
func notBlank(name, advice string) validator.String {
	return stringRule{"must not be blank", func(value string) string {
		if strings.TrimSpace(value) != "" {
			return ""
		}
		return name + " is empty. " + advice
	}}
}

// notBlankFilter is notBlank for a filter: the API would ignore an empty one and
// return everything.
func notBlankFilter(name, what string) validator.String {
	return notBlank(name, "Give "+what+", or leave it out to match all.")
}

// oneOf refuses what is none of some words, which are compared to the letter.
func oneOf(words ...string) validator.String {
	list := strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
	return stringRule{"must be " + list, func(value string) string {
		if slices.Contains(words, value) {
			return ""
		}
		letters := "lower"
		if words[0] == strings.ToUpper(words[0]) {
			letters = "upper"
		}
		return fmt.Sprintf("%q is not %s, which are in %s case.", value, list, letters)
	}}
}

// positiveDuration refuses what is not a duration of more than zero.
func positiveDuration(advice string) validator.String {
	return stringRule{"must be a duration of more than zero", func(value string) string {
		if d, err := time.ParseDuration(value); err == nil && d > 0 {
			return ""
		}
		return strings.TrimSpace(fmt.Sprintf("%q is not a duration of more than zero. Give a number with a unit, h, m or s, such as \"24h\" or \"1m30s\". %s", value, advice))
	}}
}

// webURL refuses what is not an absolute http or https URL. It does not quote
// the value, which may hold a password or a token.
func webURL(name string) validator.String {
	return stringRule{"must be an absolute http or https URL", func(value string) string {
		u, err := url.Parse(value)
		if err == nil && u.Hostname() != "" && (u.Scheme == "http" || u.Scheme == "https") {
			return ""
		}
		return name + " is not an absolute http or https URL, such as \"https://example.com/sent\"."
	}}
}

// apiURL refuses what the client does not accept as the address of an API.
func apiURL() validator.String {
	return stringRule{"must be an https URL, or an http URL on a loopback address", func(value string) string {
		return refusedURL("The argument", value)
	}}
}

// refusedURL describes what is wrong with the address of an API, and where it
// was found. It is empty when nothing is wrong.
func refusedURL(where, value string) string {
	_, err := rest.ParseBaseURL(value)
	if err == nil {
		return ""
	}
	if !strings.ContainsAny(value, "@?#") { // It may hold a password or a token.
		where += fmt.Sprintf(" (%q)", value)
	}
	return fmt.Sprintf("%s is refused: %v.", where, err)
}
