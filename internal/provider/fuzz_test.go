package provider

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

// FuzzCheckPayload wants exactly the payloads that an IP Command can carry to
// pass, and those refused not to be quoted.
func FuzzCheckPayload(f *testing.F) {
	for _, payload := range []string{
		"", "open", "für", "\x00", "\xff\xfe", "{\"a\":1}\r\n", strings.Repeat("x", 1300), strings.Repeat("x", 1301), strings.Repeat("é", 651),
		"AQ==", "AQ", "AR==", "AQ==\n", "A\r\nQ==", "_-8=", "+/8=", "====", " AQ==",
		base64.StdEncoding.EncodeToString(make([]byte, 1300)), base64.StdEncoding.EncodeToString(make([]byte, 1301)),
	} {
		f.Add(payload, twilio.PayloadText)
		f.Add(payload, twilio.PayloadBinary)
	}
	f.Fuzz(func(t *testing.T, payload, payloadType string) {
		carried := payload
		fits := true
		if payloadType == twilio.PayloadBinary {
			b, err := base64.StdEncoding.DecodeString(payload)
			carried = string(b)
			// What encodes to something else was not standard Base64.
			fits = err == nil && base64.StdEncoding.EncodeToString(b) == payload
		}
		fits = fits && carried != "" && len(carried) <= 1300
		problem := checkPayload(payload, payloadType)
		if (problem == "") != fits {
			t.Errorf("%d bytes of %q: %q", len(carried), payloadType, problem)
		}
		// Shorter ones can be part of any sentence.
		if len(payload) > 100 && strings.Contains(problem, payload) {
			t.Errorf("quotes the payload: %s", problem)
		}
	})
}

// FuzzParseProfile wants the profile that was asked for, or an error.
func FuzzParseProfile(f *testing.F) {
	for _, content := range []string{
		``, `null`, `[]`, `{}`, `{`, "\ufeff{}", `{"profiles":[]}`, `{"profiles":null,"activeProject":null}`,
		`{"activeProject":"dev","profiles":{"dev":{"accountSid":"AC1","apiKey":"SK1","apiSecret":"secret"}}}`,
		`{"activeProject":"gone","profiles":{"dev":{"apiSecret":"secret"}}}`,
		`{"activeProject":1,"profiles":{"dev":{"apiSecret":"secret"}}}`,
		`{"activeProject":"dev","profiles":{"dev":null}}`,
		`{"activeProject":"dev","profiles":{"dev":"secret"}}`,
		`{"profiles":{"":{"apiSecret":["secret"]}}}`,
	} {
		f.Add([]byte(content), "")
		f.Add([]byte(content), "dev")
	}
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		profile, err := parseProfile(content, name)
		if err == nil {
			if name != "" && profile.Name != name || profile.Name == "" {
				t.Errorf("asked for %q: %q", name, profile.Name)
			}
			return
		}
		if profile != (cliProfile{}) {
			t.Errorf("a profile with the error %v", err)
		}
		if name != "" && errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a named profile was passed over: %v", err)
		}
	})
}
