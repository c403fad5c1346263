data "twilio_ip_commands" "from_meter" {
  sim       = "meter-02"
  direction = "from_sim"
  limit     = 1
}

# The newest message, such as "017fff00".
output "reading" {
  value = one([
    for c in data.twilio_ip_commands.from_meter.ip_commands : provider::twilio::base64_to_hex(c.payload)
  ])
}
