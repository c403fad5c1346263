# The ten newest messages from a device.
data "twilio_ip_commands" "readings" {
  sim       = "meter-01"
  direction = "from_sim"
  limit     = 10
}

# What devices send is always Base64. base64decode decodes what is text in
# UTF-8; anything else is left in Base64.
output "readings" {
  value = [
    for c in data.twilio_ip_commands.readings.ip_commands : {
      at      = c.date_created
      payload = try(base64decode(c.payload), c.payload)
    }
  ]
}

# Messages to devices that could not be sent, of all SIMs.
data "twilio_ip_commands" "failed" {
  direction = "to_sim"
  status    = "failed"
}

output "sims_not_reached" {
  value = distinct(data.twilio_ip_commands.failed.ip_commands[*].sim_sid)
}
