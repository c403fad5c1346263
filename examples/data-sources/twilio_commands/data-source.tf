# The ten newest text messages from the device behind a Programmable Wireless
# SIM.
data "twilio_commands" "positions" {
  sim       = "tracker-01"
  direction = "from_sim"
  limit     = 10
}

output "positions" {
  value = [for c in data.twilio_commands.positions.commands : "${c.date_created} ${c.command}"]
}

# Commands that asked for a delivery receipt and have none, of all SIMs.
data "twilio_commands" "to_sims" {
  direction = "to_sim"
  transport = "sms"
}

output "undelivered" {
  value = [
    for c in data.twilio_commands.to_sims.commands : "${c.sid} ${c.status}"
    if c.delivery_receipt_requested == true && c.status != "delivered"
  ]
}
