data "twilio_ip_commands" "check" {
  sim       = "valve-01"
  direction = "to_sim"
  limit     = 20
}

output "check" {
  value = [for c in data.twilio_ip_commands.check.ip_commands : "${c.date_created} ${c.sid} ${c.status} ${jsonencode(c.payload)}"]
}
