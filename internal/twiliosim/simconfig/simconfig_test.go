package simconfig_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/simconfig"
)

// TestParse reads every argument there is.
func TestParse(t *testing.T) {
	t.Parallel()
	cfg := twiliosim.Config{SendDelay: time.Second, AuthToken: "kept", SIMs: []twiliosim.SIM{{UniqueName: "replaced"}}}
	err := simconfig.Parse("sim.hcl", []byte(`
platform   = "kore"
public_url = "http://127.0.0.1:8765"
send_delay = "2s"
latency    = "20ms"

limit {
  in_flight   = 4
  retry_after = "1"
}

sim "meter-01" {
  sid        = "HS0123456789abcdef0123456789abcdef"
  iccid      = "89883070000000000001"
  fleet      = "meters"
  status     = "ready"
  outcome    = "sent"
  send_delay = "5s"

  reply {
    to    = "READ"
    text  = "öffnen"
    after = "1m30s"
  }
  reply {
    to_hex      = "01 03 c4\t0B"
    hex         = "0103ff"
    device_port = 502
  }
  reply {
    to_pattern = "^SET [0-9]+$"
    base64     = "AQP/"
  }
}
sim "off" { outcome = "failed" }
sim "waits" { outcome = "queued" }
`), &cfg)
	if err != nil {
		t.Fatal(err)
	}
	want := twiliosim.Config{
		Platform: twiliosim.KORE, PublicURL: "http://127.0.0.1:8765", SendDelay: 2 * time.Second, AuthToken: "kept",
		Latency: 20 * time.Millisecond, Limit: twiliosim.Limit{InFlight: 4, RetryAfter: 1},
		SIMs: []twiliosim.SIM{
			{
				UniqueName: "meter-01", SID: "HS0123456789abcdef0123456789abcdef", ICCID: "89883070000000000001",
				Fleet: "meters", Status: "ready", SendDelay: 5 * time.Second,
				Replies: []twiliosim.Reply{
					{To: []byte("READ"), Payload: []byte("öffnen"), After: 90 * time.Second},
					{To: []byte("\x01\x03\xc4\x0b"), Payload: []byte("\x01\x03\xff"), Port: 502},
					{Pattern: regexp.MustCompile("^SET [0-9]+$"), Payload: []byte("\x01\x03\xff")},
				},
			},
			{UniqueName: "off", Detached: true},
			{UniqueName: "waits", NeverSends: true},
		},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v\nwant %+v", cfg, want)
	}
	twiliosim.New(cfg) // Does not panic.

	kept := twiliosim.Config{SendDelay: time.Second}
	if err := simconfig.Parse("sim.hcl", nil, &kept); err != nil || kept.SendDelay != time.Second {
		t.Errorf("an empty file: %+v, %v", kept, err)
	}
}

// TestParse_mistakes wants each mistake to be named with its place.
func TestParse_mistakes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"syntax":          {"sim \"a\" {\n  fleet =\n}\n", "sim.hcl:2:10: Invalid expression: "},
		"no end":          {"sim \"a\" {\n", "sim.hcl:1:9: "},
		"argument":        {"\nlatancy = \"1s\"\n", `sim.hcl:2:1: Unsupported argument: An argument named "latancy" is not expected here. Did you mean "latency"?`},
		"block":           {"sims \"a\" {}\n", `sim.hcl:1:1: Unsupported block type: `},
		"argument of SIM": {"sim \"a\" {\n  unique_name = \"b\"\n}\n", `sim.hcl:2:3: Unsupported argument: `},
		"argument of reply": {
			"sim \"a\" {\n  reply {\n    text = \"x\"\n    port = 1\n  }\n}\n",
			`sim.hcl:4:5: Unsupported argument: `,
		},
		"no label":     {"sim {}\n", "sim.hcl:1:5: Missing unique_name for sim: "},
		"two labels":   {"sim \"a\" \"b\" {}\n", "sim.hcl:1:9: Extraneous label for sim: "},
		"empty label":  {"sim \"\" {}\n", "sim.hcl:1:5: Invalid value: must not be empty"},
		"name taken":   {"sim \"a\" {}\nsim \"a\" {}\n", `sim.hcl:2:5: Invalid value: another SIM has "a"`},
		"reference":    {"latency = var.latency\n", "sim.hcl:1:11: Variables not allowed: "},
		"list":         {"latency = [1]\n", "sim.hcl:1:11: Invalid value: string required"},
		"null":         {"latency = null\n", "sim.hcl:1:11: Invalid value: must not be null"},
		"platform":     {`platform = "vonage"`, "sim.hcl:1:12: Invalid value: no such platform; there are twilio and kore"},
		"public URL":   {`public_url = "http://127.0.0.1:8765/"`, "sim.hcl:1:14: Invalid value: must be http:// or https://"},
		"another URL":  {`public_url = "ftp://example.com"`, "sim.hcl:1:14: Invalid value: must be http:// or https://"},
		"duration":     {`send_delay = 2`, "sim.hcl:1:14: Invalid value: must be a duration, such as"},
		"negative":     {`latency = "-1s"`, "sim.hcl:1:11: Invalid value: must be a duration, such as"},
		"no delay":     {simWith(`send_delay = "0s"`), "sim.hcl:2:16: Invalid value: must be a duration of more than zero"},
		"limit":        {"limit {\n  in_flight = 0\n}\n", "sim.hcl:2:15: Invalid value: must be a whole number from 1 to"},
		"two limits":   {"limit {\n  in_flight = 1\n}\nlimit {\n  in_flight = 2\n}\n", "sim.hcl:4:1: Invalid value: there is a limit already"},
		"empty limit":  {"limit {}\n", "sim.hcl:1:1: Invalid value: a limit needs in_flight"},
		"no in_flight": {"limit {\n  retry_after = 1\n}\n", "sim.hcl:1:1: Invalid value: a limit needs in_flight"},
		"retry_after":  {"limit {\n  retry_after = 1.5\n}\n", "sim.hcl:2:17: Invalid value: must be a whole number from 1 to"},
		"SID":          {simWith(`sid = "HS1"`), "sim.hcl:2:9: Invalid value: must be HS and 32 hexadecimal digits"},
		"SID taken":    {simWith(`sid = "HS0123456789abcdef0123456789abcdef"`) + strings.Replace(simWith(`sid = "HS0123456789abcdef0123456789abcdef"`), `"a"`, `"b"`, 1), `sim.hcl:5:9: Invalid value: another SIM has "HS`},
		"SID as name":  {`sim "HS0123456789abcdef0123456789abcdef" {}`, `sim.hcl:1:5: Invalid value: a unique name must not have the form of a SID`},
		"ICCID taken":  {simWith(`iccid = "8988307000000000001"`) + strings.Replace(simWith(`iccid = "8988307000000000001"`), `"a"`, `"b"`, 1), `sim.hcl:5:11: Invalid value: another SIM has "8988`},
		"ICCID":        {simWith(`iccid = "898830"`), "sim.hcl:2:11: Invalid value: must be 19 or 20 digits"},
		"status":       {simWith(`status = "sent"`), "sim.hcl:2:12: Invalid value: must be one of new, ready, active, inactive, scheduled"},
		"outcome":      {simWith(`outcome = "lost"`), "sim.hcl:2:13: Invalid value: must be one of sent, failed, queued"},
		"no payload":   {simWith(`reply {}`), "sim.hcl:2:3: Invalid value: a reply needs one of text, hex and base64"},
		"two payloads": {replyWith("text = \"x\"\nhex = \"00\""), "sim.hcl:4:7: Invalid value: the payload is given already"},
		"empty text":   {replyWith(`text = ""`), "sim.hcl:3:8: Invalid value: has 0 bytes, but must have 1 to 1300"},
		"long text":    {replyWith(`text = "` + strings.Repeat("x", 1301) + `"`), "sim.hcl:3:8: Invalid value: has 1301 bytes"},
		"hex":          {replyWith(`hex = "0g"`), "sim.hcl:3:7: Invalid value: encoding/hex: invalid byte: U+0067 'g'"},
		"Base64":       {replyWith(`base64 = "AQ"`), "sim.hcl:3:10: Invalid value: illegal base64 data at input byte"},
		"two payloads to reply to": {
			replyWith("text = \"x\"\nto = \"x\"\nto_hex = \"00\""), "sim.hcl:5:10: Invalid value: the payload is given already",
		},
		"pattern": {replyWith("text = \"x\"\nto_pattern = \"(\""), "sim.hcl:4:14: Invalid value: error parsing regexp: missing closing )"},
		"port":    {replyWith("text = \"x\"\ndevice_port = 65536"), "sim.hcl:4:15: Invalid value: must be a whole number from 1 to 65535"},
		"after":   {replyWith("text = \"x\"\nafter = \"soon\""), "sim.hcl:4:9: Invalid value: must be a duration, such as"},
		"each mistake": {
			"platform = \"x\"\nlatency = \"x\"\n" + simWith(`outcome = "x"`),
			"sim.hcl:1:12: Invalid value: no such platform; there are twilio and kore\n" +
				"sim.hcl:2:11: Invalid value: must be a duration, such as \"0s\", \"500ms\" or \"1m30s\"\n" +
				"sim.hcl:4:13: Invalid value: must be one of sent, failed, queued",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := simconfig.Parse("sim.hcl", []byte(tc.text), &twiliosim.Config{})
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %s", err, tc.want)
			}
			if name != "each mistake" && err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one mistake: %v", err)
			}
		})
	}
}

// FuzzParse wants a simulator of each file that has no mistake.
func FuzzParse(f *testing.F) {
	f.Add([]byte(replyWith("to_hex = \"00\"\ntext = \"x\"")))
	f.Add([]byte("platform = \"kore\"\nlimit {\n  in_flight = 1\n}\nsim \"a\" {}\nsim \"b\" {}\n"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		var cfg twiliosim.Config
		if err := simconfig.Parse("sim.hcl", text, &cfg); err == nil {
			twiliosim.New(cfg)
		}
	})
}

// simWith is a SIM with an argument in its second line.
func simWith(argument string) string { return "sim \"a\" {\n  " + argument + "\n}\n" }

// replyWith is a reply with arguments from the third line on.
func replyWith(arguments string) string { return simWith("reply {\n" + arguments + "\n}") }
