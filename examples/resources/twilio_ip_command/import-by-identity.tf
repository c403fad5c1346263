import {
  to = twilio_ip_command.open_valve
  identity = {
    sid = "HG0123456789abcdef0123456789abcdef"
  }
}

resource "twilio_ip_command" "open_valve" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}
