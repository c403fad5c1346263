# A wave that is lowered, or a crash, makes Terraform forget messages. For a week,
# what it forgot is found again, and not sent again.
provider "twilio" {
  deduplication_window = "168h"
}

variable "wave" {
  description = "How many waves of twenty SIMs get the message. Raise this default by one, in the file, after each apply that went well."
  type        = number
  default     = 1
}

data "twilio_super_sims" "valves" {
  fleet = "valves"
}

locals {
  # The oldest first: a SIM that joins the fleet comes last, and moves none of the
  # others into another wave.
  sims = [for s in sort([for s in data.twilio_super_sims.valves.sims : "${s.date_created} ${s.sid}"]) : split(" ", s)[1]]
}

resource "twilio_ip_command" "update" {
  for_each = toset(slice(local.sims, 0, min(length(local.sims), var.wave * 20)))

  sim         = each.key
  payload     = "update 1.4"
  device_port = 5683
}

output "to_do" {
  description = "How many SIMs have no message yet."
  value       = length(local.sims) - length(twilio_ip_command.update)
}
