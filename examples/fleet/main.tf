# What an apply of the last day has sent is found, not sent again, whatever made
# Terraform forget it.
provider "twilio" {
  deduplication_window = "24h"
}

variable "fleet" {
  description = "Unique names of the fleet's SIMs."
  type        = set(string)
  default     = ["valve-01", "valve-02", "valve-03"]
}

variable "round" {
  description = "Change this default, in the file, to send to the whole fleet again."
  type        = string
  default     = "1"
}

resource "twilio_ip_command" "report" {
  for_each = var.fleet

  sim         = each.key
  payload     = "report ${var.round}"
  device_port = 5683

  timeouts = {
    create = "2m"
  }
}

output "report" {
  value = { for name, command in twilio_ip_command.report : name => command.status }
}
