// Command terraform-provider-twilio is a Terraform provider that sends and
// looks up messages to and from devices behind Twilio Super SIMs and
// Programmable Wireless SIMs.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger such as delve can attach")
	flag.Parse()
	// What libraries log by themselves goes nowhere. The CLI would write it to its
	// log, and net/http quotes what a server sends unasked: secrets, maybe.
	log.SetOutput(io.Discard)
	var opts []tf6server.ServeOpt
	if *debug {
		opts = append(opts, tf6server.WithManagedDebug())
	} else {
		endWithCLI()
		withholdLogs()
	}
	if err := tf6server.Serve(provider.Address, provider.NewServer(version), opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// withholdLogs turns off the logs of the provider and of the libraries that
// serve it where nobody has asked for logs. Left alone, they write everything
// from trace on to the CLI, which throws it away: for a plan over a thousand
// resources, a third of the processor time of CLI and provider together. Who
// wants logs sets TF_LOG or a variable like it, which the CLI hands on.
func withholdLogs() {
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "TF_LOG") {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER_TWILIO"} {
		_ = os.Setenv(name, "OFF") // Without it, there are only more logs.
	}
}
