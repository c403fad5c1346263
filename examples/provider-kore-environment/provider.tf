terraform {
  required_providers {
    twilio = { source = "seed-0925943e/twilio" }
  }
}

# Credentials come from the environment: KORE_CLIENT_ID and KORE_CLIENT_SECRET.
provider "twilio" {
  kore = {}
}

# Applying this sends "open" to the device behind the SIM valve-01, once.
resource "twilio_ip_command" "open" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

# The ten newest messages that devices have sent.
data "twilio_ip_commands" "received" {
  direction = "from_sim"
  limit     = 10
}

output "received" {
  value = data.twilio_ip_commands.received.ip_commands[*].date_created
}
