resource "twilio_ip_command" "open_valve" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

# The message that curl has sent. Without this block, the next apply would send
# it again.
import {
  to = twilio_ip_command.open_valve
  id = "HG0123456789abcdef0123456789abcdef"
}
