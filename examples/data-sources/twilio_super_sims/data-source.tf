# The SIMs of a fleet, by the fleet's unique name or SID.
data "twilio_super_sims" "meters" {
  fleet = "meters"
}

# One message to each. The keys are SIDs, which never change.
resource "twilio_ip_command" "report" {
  for_each = { for s in data.twilio_super_sims.meters.sims : s.sid => s }

  sim         = each.key
  payload     = "report"
  device_port = 5683
}

output "report" {
  value = {
    for s in data.twilio_super_sims.meters.sims :
    coalesce(s.unique_name, s.sid) => twilio_ip_command.report[s.sid].status
  }
}
