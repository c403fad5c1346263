# A module that opens valves. `terraform test` tests it against the simulator.

terraform {
  required_providers {
    twilio = {
      source = "seed-0925943e/twilio"
    }
  }
}

variable "valves" {
  description = "Unique name of each valve's Super SIM, and for how many minutes the valve opens."
  type        = map(number)

  validation {
    condition     = alltrue([for minutes in values(var.valves) : minutes > 0 && minutes <= 60])
    error_message = "A valve opens for 1 to 60 minutes."
  }
}

resource "twilio_ip_command" "open" {
  for_each = var.valves

  sim         = each.key
  payload     = "OPEN ${each.value}"
  device_port = 4001
}

output "messages" {
  description = "SID of the message to each valve."
  value       = { for name, command in twilio_ip_command.open : name => command.sid }
}
