data "twilio_ip_commands" "readings" {
  for_each = toset(["meter-01", "meter-02"])

  sim       = each.key
  direction = "from_sim"
  limit     = 10
}

# The newest reading of each meter, or null. What is not JSON is passed over.
output "litres" {
  value = {
    for meter, readings in data.twilio_ip_commands.readings : meter => try([
      for c in readings.ip_commands : jsondecode(base64decode(c.payload)).litres
      if can(jsondecode(base64decode(c.payload)).litres)
    ][0], null)
  }
}
