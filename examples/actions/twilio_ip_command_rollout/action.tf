variable "firmware" {
  description = "Version of the firmware that the fleet's server offers."
  type        = string
  default     = "1.4.0"
}

data "twilio_super_sims" "displays" {
  fleet = "displays"

  lifecycle {
    postcondition {
      condition     = length(self.sims) > 5
      error_message = "The fleet has no more than five SIMs. Is its name right?"
    }
  }
}

locals {
  displays = data.twilio_super_sims.displays.sims[*].sid
  canary   = slice(local.displays, 0, 5) # They get the message before the others.
  rest     = slice(local.displays, 5, length(local.displays))
}

# This stands for a release. A new version rolls out by itself. An apply whose rollout
# fails at before_update fails before the release changes, so the next apply goes on.
resource "terraform_data" "firmware" {
  input = var.firmware

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.twilio_ip_command_rollout.canary, action.twilio_ip_command_rollout.rest]
    }
  }
}

action "twilio_ip_command_rollout" "canary" {
  config {
    sims                 = local.canary
    payload              = "update ${var.firmware}"
    device_port          = 5683
    deduplication_window = "168h"
  }
}

action "twilio_ip_command_rollout" "rest" {
  config {
    sims                 = local.rest
    payload              = "update ${var.firmware}"
    device_port          = 5683
    deduplication_window = "168h"
    wave_size            = 100
    max_failures         = 10
  }
}
