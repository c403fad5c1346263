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
		twiliosim.DefaultAPIKey, twiliosim.DefaultAPISecret)
}

const helpBefore = `twiliosim simulates Twilio's Super SIM IpCommands API and Programmable Wireless
Commands API in memory, so that the provider can be tried without an account.
It forgets everything when it stops, with SIGINT or SIGTERM.

On standard output it prints its address, then a line for each request that it
answers and each message that reaches a device:

  listening on http://127.0.0.1:8765
  request POST /v1/IpCommands 201 HG...
  delivered HG... to valve-01 (HS...) udp/5683 text 4 bytes: "open"

Flags:

`

const helpAfter = `
Credentials it accepts:

  account SID  %[1]s
  auth token   %[2]s
or
  API key      %[3]s
  API secret   %[4]s

To point the provider at it:

  export TWILIO_ACCOUNT_SID=%[1]s
  export TWILIO_AUTH_TOKEN=%[2]s
  export TWILIO_SUPERSIM_ENDPOINT=http://127.0.0.1:8765
  export TWILIO_WIRELESS_ENDPOINT=http://127.0.0.1:8765

Example: run it in one terminal,

  go run ./internal/twiliosim/cmd/twiliosim

and send a message in another:

  curl -u %[1]s:%[2]s \
    -d Sim=valve-01 -d DevicePort=5683 -d Payload=open \
    http://127.0.0.1:8765/v1/IpCommands
`
