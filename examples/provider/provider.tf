terraform {
  required_providers {
    twilio = {
      source  = "seed-0925943e/twilio"
      version = "~> 0.1"
    }
  }
}

# Credentials come from the environment: TWILIO_API_KEY and TWILIO_API_SECRET,
# for example.
provider "twilio" {
  # If Terraform forgets what it sent, such as in a crash, the next apply finds it.
  deduplication_window = "24h"
}

# Applying this sends "open" to the device behind the SIM valve-01, once.
resource "twilio_ip_command" "open" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

# What the devices have sent, newest first.
data "twilio_ip_commands" "received" {
  direction = "from_sim"
  limit     = 10
}
