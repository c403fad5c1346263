package main

import (
	"flag"
	"fmt"
	"io"
	"regexp"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// usage prints what the command is and how to use it.
func usage(w io.Writer, flags *flag.FlagSet) {
	_, _ = io.WriteString(w, helpBefore)
	flags.SetOutput(w)
	flags.PrintDefaults()
	_, _ = fmt.Fprintf(w, helpAfter, twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken,
		twiliosim.DefaultAPIKey, twiliosim.DefaultAPISecret,
		twiliosim.DefaultClientID, twiliosim.DefaultClientSecret, "http://127.0.0.1:8765", twiliosim.TokenPath)
	_, _ = io.WriteString(w, helpConfig+indented(exampleConfig)+helpLimits)
}

// indented indents the lines of a text, but no empty ones.
func indented(text string) string { return regexp.MustCompile(`(?m)^.`).ReplaceAllString(text, "  $0") }

const helpBefore = `twiliosim simulates what is used of the Super SIM and Programmable Wireless APIs
(IpCommands, Sims and Commands) in memory, as Twilio or as KORE Wireless serves
them, so that the provider can be tried without an account. It forgets
everything when it stops, with SIGINT or SIGTERM.

On standard output it prints its address, then a line for each request that it
gets, each message that reaches a device, and each that a device sends:

  listening on http://127.0.0.1:8765
  request POST /v1/IpCommands 201 HG...
  delivered HG... to valve-01 (HS...) udp/5683 text 4 bytes: "open"
  received HG... from valve-01 (HS...) udp/5683 6 bytes: "opened"

Without a configuration file it starts with some messages to look up, and with
five SIMs to send to, by their unique names valve-01, valve-02, valve-03,
meter-01 and meter-02, in the fleets valves and meters. A valve replies to the
text "state", a meter to the Modbus request 01 03 00 00 00 02 c4 0b, and
neither to anything else.

Flags:

`

const helpAfter = `
As Twilio (-platform twilio) it accepts these credentials:

  account SID    %[1]s
  auth token     %[2]s
or
  API key        %[3]s
  API secret     %[4]s

To point the provider at it:

  export TWILIO_ACCOUNT_SID=%[1]s
  export TWILIO_AUTH_TOKEN=%[2]s
  export TWILIO_SUPERSIM_ENDPOINT=%[7]s
  export TWILIO_WIRELESS_ENDPOINT=%[7]s

As KORE (-platform kore) it accepts these:

  client ID      %[5]s
  client secret  %[6]s

To point the provider at it:

  export KORE_CLIENT_ID=%[5]s
  export KORE_CLIENT_SECRET=%[6]s
  export TWILIO_SUPERSIM_ENDPOINT=%[7]s
  export TWILIO_WIRELESS_ENDPOINT=%[7]s
  export TWILIO_TOKEN_ENDPOINT=%[7]s%[8]s

Example: run it in one terminal,

  go run ./internal/twiliosim/cmd/twiliosim

and send a message in another:

  curl -u %[1]s:%[2]s \
    -d Sim=valve-01 -d DevicePort=5683 -d Payload=open \
    %[7]s/v1/IpCommands

KORE wants an access token first. This prints one, to be sent instead of -u
with -H "Authorization: Bearer TOKEN":

  curl -d grant_type=client_credentials -d client_id=%[5]s \
    -d client_secret=%[6]s %[7]s%[8]s
`

const helpConfig = `
The configuration file (-config) is in HCL. All of its arguments are optional:
`

// exampleConfig has every argument of the configuration file.
const exampleConfig = `
platform   = "twilio"                # or "kore"
public_url = "http://127.0.0.1:8765" # of the links in responses; by default that of the request
send_delay = "1s"                    # how long a command stays queued; "0s": until the next request
latency    = "20ms"                  # how long each request takes

# More requests at a time get a 429.
limit {
  in_flight   = 4
  retry_after = 1 # the header Retry-After, in seconds; without this, there is none
}

# A SIM, by its unique name.
sim "meter-01" {
  sid        = "HS0123456789abcdef0123456789abcdef" # by default the simulator's choice
  iccid      = "89883070000000000001"               # by default the simulator's choice
  fleet      = "meters"                             # by default none
  status     = "active"                             # or new, ready, inactive, scheduled
  outcome    = "sent"                               # or "failed", or "queued": for ever
  send_delay = "2s"                                 # by default that of all SIMs

  # What the device sends when a message reaches it: each reply to that message.
  reply {
    to    = "READ" # exactly this text; by default any message
    text  = "120538"
    after = "2s" # after the message has left; by default at once
  }
  reply {
    to_hex      = "01 03 00 00 00 02 c4 0b" # exactly these bytes
    hex         = "01 03 04 00 01 d6 da 74 08"
    device_port = 502 # from which it is sent; by default that of the message
  }
  reply {
    # A regular expression (RE2) that matches somewhere in the text, or in the
    # lower-case hexadecimal digits of bytes that are no text.
    to_pattern = "^SET [0-9]+$"
    base64     = "T0s="
  }
}
`

const helpLimits = `
What it does not do:

  - It calls nobody: a CallbackUrl is checked, then ignored.
  - Commands (Programmable Wireless) can be listed and fetched, but not sent.
    There are some only without a configuration file.
  - SIMs can be listed and fetched, but not changed. Fleets, SMS Commands and
    the rest of the APIs do not exist.
  - It limits requests at a time, not requests per second.
`
