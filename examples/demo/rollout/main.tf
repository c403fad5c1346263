# One message to a fleet, in waves of two. `make demo` invokes it, sees it stop at the
# display that is off, and invokes it again to go on without that one.

terraform {
  required_providers {
    twilio = {
      source = "seed-0925943e/twilio"
    }
  }
}

provider "twilio" {}

variable "max_failures" {
  description = "For how many displays it may not go well."
  type        = number
  default     = 0
}

action "twilio_ip_command_rollout" "announce" {
  config {
    sims                 = [for i in range(1, 9) : format("display-%02d", i)]
    payload              = "update 1.4"
    device_port          = 4001
    deduplication_window = "1h"
    wave_size            = 2
    max_failures         = var.max_failures
  }
}
