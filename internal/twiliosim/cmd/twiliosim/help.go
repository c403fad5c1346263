package main

import (
	"flag"
	"fmt"
	"io"

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
}

const helpBefore = `twiliosim simulates what is used of the Super SIM and Programmable Wireless APIs
(IpCommands, Sims and Commands) in memory, as Twilio or as KORE Wireless serves them, so that the
provider can be tried without an account. It forgets everything when it stops,
with SIGINT or SIGTERM.

On standard output it prints its address, then a line for each request that it
answers and each message that reaches a device:

  listening on http://127.0.0.1:8765
  request POST /v1/IpCommands 201 HG...
  delivered HG... to valve-01 (HS...) udp/5683 text 4 bytes: "open"

It starts with five SIMs to send to, by their unique names valve-01, valve-02,
valve-03, meter-01 and meter-02, in the fleets valves and meters, and some
messages to look up.

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
