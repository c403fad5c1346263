# SIMs at KORE, with KORE_CLIENT_ID and KORE_CLIENT_SECRET from the environment.
provider "twilio" {
  kore = {}
}

# SIMs that are still at Twilio.
provider "twilio" {
  alias   = "legacy"
  profile = "work"
}

resource "twilio_ip_command" "open" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

resource "twilio_ip_command" "open_legacy" {
  provider = twilio.legacy

  sim         = "valve-02"
  payload     = "open"
  device_port = 5683
}
