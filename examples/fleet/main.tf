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

resource "terraform_data" "round" {
  input = var.round
}

resource "twilio_ip_command" "report" {
  for_each = var.fleet

  sim         = each.key
  payload     = "report"
  device_port = 5683

  timeouts = {
    create = "2m"
  }

  lifecycle {
    replace_triggered_by = [terraform_data.round]
  }
}

output "report" {
  value = { for name, command in twilio_ip_command.report : name => command.status }
}
