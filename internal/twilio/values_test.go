package twilio

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   Timestamp
		want string
		ok   bool
	}{
		{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T12:00:00.25Z", "2026-03-01T12:00:00.25Z", true},
		{"Sun, 01 Mar 2026 12:00:00 +0000", "2026-03-01T12:00:00Z", true},
		{"Sun, 01 Mar 2026 12:00:00 GMT", "2026-03-01T12:00:00Z", true},
		{"yesterday", "yesterday", false},
		{"", "", false},
	} {
		if _, ok := test.in.Time(); ok != test.ok || test.in.RFC3339() != test.want {
			t.Errorf("%q: %q, %t", test.in, test.in.RFC3339(), ok)
		}
	}
}

// TestIsSID has what is a SID, and what nearly is.
func TestIsSID(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdefABCDEF0123456789"
	for s, want := range map[string]bool{
		"HG" + digits: true, "HG" + strings.ToUpper(digits): true,
		"": false, "HG": false, digits: false, "HS" + digits: false, "hg" + digits: false,
		"HG" + digits[1:]: false, "HG" + digits + "0": false, "HG" + digits + digits: false,
		"HGg" + digits[1:]: false, "HG" + digits[:16] + "g" + digits[17:]: false, "HG" + digits[1:] + "g": false,
		"HG" + digits + "\n": false, "HG" + digits[1:] + "\n": false, " HG" + digits: false, "HG" + digits + " ": false,
		"HG" + digits[2:] + "\u0660": false,
	} {
		if got := IsSID("HG", s); got != want {
			t.Errorf("%q: %t", s, got)
		}
	}
}

func FuzzDecodeIPCommand(f *testing.F) {
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"sid":""}`, `{"sid":"HG00000000000000000000000000000001"}`, ` {"sid":"HG00000000000000000000000000000001"} `, `{"sid":"HG00000000000000000000000000000001"}x`, `{"sid":1}`,
		`{"sid":"HG00000000000000000000000000000001","device_port":70000,"payload":"\u0000\ud800","date_created":"2026-03-01T12:00:00Z"}`,
		`{"sid":"HG00000000000000000000000000000001","device_port":1e99}`, "{\"sid\":\"\xff\"}", "<html><title>x</title></html>", "\ufeff{}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			t.Skip("the request refuses it") // rest.Do
		}
		cmd, err := rest.DecodeObject[IPCommand](body)
		if err != nil {
			if cmd.SID != "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("%+v, %q", cmd, err)
			}
			return
		}
		if cmd.SID == "" || !utf8.ValidString(cmd.SID) || cmd.Payload != nil && !utf8.ValidString(*cmd.Payload) {
			t.Errorf("decoded %+v", cmd)
		}
		// None of these may panic on what the API says.
		_ = cmd.IsQueued() || cmd.IsFailed() || cmd.IsSettled() || (MessageParams{PayloadType: PayloadBinary}).mayHaveCreated(cmd)
		if cmd.DateCreated != nil {
			_ = cmd.DateCreated.RFC3339()
		}
	})
}
