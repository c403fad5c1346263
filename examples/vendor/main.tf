# This provider beside Twilio's own. Both are called twilio, and so are their
# resources: give one another local name, and say which of the two a block is of.

terraform {
  required_providers {
    twilio = {
      source = "twilio/twilio"
    }
    commands = {
      source = "seed-0925943e/twilio"
    }
  }
}

# The environment's TWILIO_API_KEY and TWILIO_API_SECRET serve both.
provider "twilio" {}

provider "commands" {
  deduplication_window = "24h"
}

# Twilio's, without provider = twilio: a type that begins with twilio_ is taken
# for one of the provider with that local name.
resource "twilio_supersim_network_access_profiles_networks_v1" "berlin" {
  network_access_profile_sid = "HA0123456789abcdef0123456789abcdef"
  network                    = "HW0123456789abcdef0123456789abcdef"
}

resource "twilio_ip_command" "open_valve" {
  provider = commands

  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

data "twilio_ip_commands" "received" {
  provider = commands

  direction = "from_sim"
}
