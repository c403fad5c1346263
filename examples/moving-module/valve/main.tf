# Since Terraform 1.16 an import block may stand in the module that has the
# resource, so that the module's users only give the SID.

terraform {
  required_providers {
    twilio = {
      source = "seed-0925943e/twilio"
    }
  }
}

variable "sim" {
  description = "Unique name of the valve's Super SIM."
  type        = string
}

variable "sent" {
  description = "SID of the message, if it was sent by other means."
  type        = string
  default     = null
}

import {
  for_each = var.sent[*]
  to       = twilio_ip_command.open
  identity = {
    sid = each.value
  }
}

resource "twilio_ip_command" "open" {
  sim         = var.sim
  payload     = "open"
  device_port = 5683
}
