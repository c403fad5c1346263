#!/bin/sh
# Runs the tests of this module against a simulator: for a pipeline, and for you.
# twiliosim and the CLI are looked for in PATH; TERRAFORM=tofu tests on OpenTofu.
set -eu
cd "$(dirname "$0")"

# The simulator takes a free port, and writes its address once it listens.
rm -f twiliosim.address
twiliosim -quiet -config simulator.hcl -listen 127.0.0.1:0 -address-file twiliosim.address >/dev/null &
trap "kill $!" EXIT
while [ ! -s twiliosim.address ]; do kill -0 $! || exit 1; sleep 0.1; done

# A test file that lacks the provider block gets to the simulator as well, and is
# refused there.
address=$(cat twiliosim.address)
export TWILIO_SUPERSIM_ENDPOINT="$address" TWILIO_WIRELESS_ENDPOINT="$address"
export TWILIO_TOKEN_ENDPOINT="$address/api-services/v1/auth/token"

"${TERRAFORM:-terraform}" init
"${TERRAFORM:-terraform}" test
