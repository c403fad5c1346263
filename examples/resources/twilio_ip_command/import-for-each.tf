# Messages of which only the API knows, by the names that the resources have here.
locals {
  sent = {
    valve-01 = "HG0123456789abcdef0123456789abcdef"
    valve-02 = "HGfedcba9876543210fedcba9876543210"
  }
}

import {
  for_each = local.sent
  to       = twilio_ip_command.open[each.key]
  identity = {
    sid = each.value
  }
}

resource "twilio_ip_command" "open" {
  for_each = local.sent

  sim         = each.key
  payload     = "open"
  device_port = 5683
}
