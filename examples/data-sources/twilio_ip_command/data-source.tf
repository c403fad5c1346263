# A message that another configuration, or somebody by hand, has sent: looked up
# by its SID. Here it is one of this configuration, so that the example is
# complete.
resource "twilio_ip_command" "open_valve" {
  sim         = "valve-01"
  payload     = "open"
  device_port = 5683
}

data "twilio_ip_command" "open_valve" {
  sid = twilio_ip_command.open_valve.sid
}

output "open_valve" {
  value = {
    status    = data.twilio_ip_command.open_valve.status
    device_ip = data.twilio_ip_command.open_valve.device_ip
  }
}
