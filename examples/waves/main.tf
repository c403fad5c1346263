provider "twilio" {
  deduplication_window = "168h"
}

variable "canaries" {
  description = "Unique names of the SIMs that get a message before the rest of the fleet."
  type        = set(string)
  default     = ["valve-01"]
}

variable "payload" {
  description = "Change this default, in the file, to send the next message."
  type        = string
  default     = "update 1.4"
}

data "twilio_super_sims" "valves" {
  fleet = "valves"

  lifecycle {
    postcondition {
      condition     = length(self.sims) > 0
      error_message = "The fleet has no SIMs. Is its name right?"
    }
  }
}

locals {
  fleet  = { for s in data.twilio_super_sims.valves.sims : s.sid => coalesce(s.unique_name, s.sid) }
  canary = { for sid, name in local.fleet : sid => name if contains(var.canaries, name) }
  rest   = { for sid, name in local.fleet : sid => name if !contains(var.canaries, name) }
}

resource "twilio_ip_command" "canary" {
  for_each = local.canary

  sim         = each.key
  payload     = var.payload
  device_port = 5683

  lifecycle {
    create_before_destroy = true

    postcondition {
      condition     = self.status == "sent"
      error_message = "The message to ${each.value} is ${self.status}, not sent: the rest of the fleet has to wait."
    }
  }
}

resource "twilio_ip_command" "rest" {
  for_each   = local.rest
  depends_on = [twilio_ip_command.canary]

  sim         = each.key
  payload     = var.payload
  device_port = 5683

  lifecycle {
    create_before_destroy = true
  }
}
