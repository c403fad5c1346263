# A module that opens valves, and says what they have answered. `terraform test`
# tests it against the simulator.

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

variable "wait_for_sent" {
  description = "Whether to wait until the messages have left, and to fail if one cannot."
  type        = bool
  default     = true
}

resource "twilio_ip_command" "open" {
  for_each = var.valves

  sim           = each.key
  payload       = "OPEN ${each.value}"
  device_port   = 4001
  wait_for_sent = var.wait_for_sent
}

# What each valve has sent.
data "twilio_ip_commands" "received" {
  for_each = twilio_ip_command.open

  sim       = each.value.sim_sid
  direction = "from_sim"
}

output "messages" {
  description = "SID of the message to each valve."
  value       = { for name, command in twilio_ip_command.open : name => command.sid }
}

output "answers" {
  description = "What each valve has sent since the message to it: the first of it, or null."
  value = {
    for name, received in data.twilio_ip_commands.received : name => try(reverse([
      for c in received.ip_commands : base64decode(c.payload)
      if timecmp(c.date_created, twilio_ip_command.open[name].date_created) >= 0
    ])[0], null)
  }
}
