# A module that opens valves, and says what they have replied. `terraform test`
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

variable "wait" {
  description = "Whether to wait until the messages have left, and for the replies, and to fail if one cannot leave."
  type        = bool
  default     = true
}

resource "twilio_ip_command" "open" {
  for_each = var.valves

  sim            = each.key
  payload        = "OPEN ${each.value}"
  device_port    = 4001
  wait_for_sent  = var.wait
  wait_for_reply = var.wait ? { timeout = "3s" } : null
}

output "messages" {
  description = "SID of the message to each valve."
  value       = { for name, command in twilio_ip_command.open : name => command.sid }
}

output "replies" {
  description = "What each valve has replied, or null."
  value       = { for name, command in twilio_ip_command.open : name => try(command.reply.text, null) }
}
