package provider

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

func TestHexToBase64(t *testing.T) {
	t.Parallel()
	const oneDigit = "the byte at character %d has only one hexadecimal digit"
	for digits, want := range map[string]struct{ base64, problem string }{
		"":                             {},
		" \n":                          {},
		"01030000c40b":                 {base64: "AQMAAMQL"},
		"01 03 00 00 c4 0b":            {base64: "AQMAAMQL"},
		"01:03:00:00:C4:0B":            {base64: "AQMAAMQL"},
		"\n  01 03 00\r\n\t00: c40b\n": {base64: "AQMAAMQL"},
		"ff":                           {base64: "/w=="},
		"fFfB":                         {base64: "//s="},
		"0":                            {problem: fmt.Sprintf(oneDigit, 1)},
		"01 0":                         {problem: fmt.Sprintf(oneDigit, 4)},
		"01 3 00":                      {problem: fmt.Sprintf(oneDigit, 4)},
		"1:03":                         {problem: fmt.Sprintf(oneDigit, 1)},
		"01 0g":                        {problem: "character 5, 'g', is not a hexadecimal digit"},
		"0x01":                         {problem: "character 2, 'x', is not a hexadecimal digit; give the digits without 0x"},
		"01-03":                        {problem: "character 3, '-', is not a hexadecimal digit"},
		"+1":                           {problem: "character 1, '+', is not a hexadecimal digit"},
		"0_1":                          {problem: "character 2, '_', is not a hexadecimal digit"},
		"00ü":                          {problem: "character 3, 'ü', is not a hexadecimal digit"},
		"00\x11":                       {problem: "character 3, '\\x11', is not a hexadecimal digit"},
	} {
		got, err := hexToBase64(digits)
		if problem := fmt.Sprint(err); got != want.base64 || (err != nil || want.problem != "") && problem != want.problem {
			t.Errorf("%q: got %q, %v; want %+v", digits, got, err, want)
		}
	}
}

func TestBase64ToHex(t *testing.T) {
	t.Parallel()
	const wrong = "the four characters from character %d on are not standard, padded Base64"
	for text, want := range map[string]struct{ digits, problem string }{
		"":             {},
		"AQMAAMQL":     {digits: "01030000c40b"},
		"/w==":         {digits: "ff"},
		"AQ":           {problem: fmt.Sprintf(wrong, 1)},
		"AQMAAQ":       {problem: fmt.Sprintf(wrong, 5)},
		"_w==":         {problem: fmt.Sprintf(wrong, 1)},
		"AQMA AMQ":     {problem: fmt.Sprintf(wrong, 5)},
		"AQMA/x==":     {problem: fmt.Sprintf(wrong, 5)},
		"AQMA\nAMQL":   {problem: fmt.Sprintf(wrong, 5)},
		"AQMAAMQL\r\n": {problem: fmt.Sprintf(wrong, 9)},
		"AQ==AQ==":     {problem: fmt.Sprintf(wrong, 5)},
		"AQMAA_MQ":     {problem: fmt.Sprintf(wrong, 5)},
		"_\n":          {problem: fmt.Sprintf(wrong, 1)},
	} {
		got, err := base64ToHex(text)
		if problem := fmt.Sprint(err); got != want.digits || (err != nil || want.problem != "") && problem != want.problem {
			t.Errorf("%q: got %q, %v; want %+v", text, got, err, want)
		}
	}
}

// FuzzHex wants what one function gives to be what the other was given, and
// errors that quote nothing.
func FuzzHex(f *testing.F) {
	for _, text := range []string{"", "00ff", "01 03\nC4:0b", "0", "zz", "AQMAAMQL", "/w==", "/x==", "AQ", "secret"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if encoded, err := hexToBase64(text); err == nil {
			digits, err := base64ToHex(encoded)
			if want := strings.ToLower(regexp.MustCompile(`[ :\t\r\n]`).ReplaceAllString(text, "")); err != nil || digits != want {
				t.Errorf("%q is %q, and back %q, %v", text, encoded, digits, err)
			}
		}
		digits, err := base64ToHex(text)
		if bytes, _ := base64.StdEncoding.DecodeString(text); err == nil && (digits != fmt.Sprintf("%x", bytes) || base64.StdEncoding.EncodeToString(bytes) != text) {
			t.Errorf("%q is %q", text, digits)
		}
		if err != nil && len(text) > 60 && strings.Contains(err.Error(), text) {
			t.Errorf("quoted: %v", err)
		}
	})
}

// TestAccFunctions_everywhere calls the functions on what is known and on what
// is not until the apply, and has a message sent with the bytes.
func TestAccFunctions_everywhere(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.7")
	w := newWorld(t, twiliosim.Config{SIMs: []twiliosim.SIM{{UniqueName: "meter-01"}}})
	w.test(t, resource.TestStep{
		Config: w.provider() + `
resource "terraform_data" "request" {
  input = "01 03 00 00 00 02 c4 0b"
}

resource "twilio_ip_command" "read" {
  sim          = "meter-01"
  payload_type = "binary"
  payload      = provider::twilio::hex_to_base64(terraform_data.request.output)
  device_port  = 502
}

output "sent" {
  value = provider::twilio::base64_to_hex(twilio_ip_command.read.payload)
}

output "known" {
  value = provider::twilio::hex_to_base64("ff")
}
`,
		ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
			plancheck.ExpectUnknownOutputValue("sent"),
			plancheck.ExpectKnownOutputValue("known", knownvalue.StringExact("/w==")),
		}},
		ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownOutputValue("sent", knownvalue.StringExact("010300000002c40b")),
		},
	})
	if d := w.Deliveries(); len(d) != 1 || string(d[0].Payload) != "\x01\x03\x00\x00\x00\x02\xc4\x0b" {
		t.Errorf("delivered %+v", d)
	}
}

// TestAccFunctions_wrong wants the plan to fail, and to say at which character.
func TestAccFunctions_wrong(t *testing.T) {
	t.Parallel()
	needs(t, "1.8", "1.7")
	for call, want := range map[string]string{
		`hex_to_base64("01 0g")`:  `parameter: character 5, 'g', is not a hexadecimal digit\.[^.]`,
		`hex_to_base64("0103 0")`: `the byte at character 6 has only one hexadecimal digit\.[^.]`,
		`base64_to_hex("AQ")`:     `the four characters from character 1 on are not standard, padded Base64\.[^.]`,
		`hex_to_base64(null)`:     `argument must not be null`,
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Config{})
			w.test(t, resource.TestStep{
				Config:      w.provider() + "output \"x\" {\n  value = provider::twilio::" + call + "\n}\n",
				ExpectError: regexp.MustCompile(strings.ReplaceAll(want, " ", `\s+`)),
			})
			if n := len(w.Requests()); n != 0 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
}
