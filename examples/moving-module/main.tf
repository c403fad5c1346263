# Two valves of a module: the message to one is imported, the other gets a new one.

terraform {
  required_providers {
    twilio = {
      source = "seed-0925943e/twilio"
    }
  }
}

module "valve" {
  source   = "./valve"
  for_each = { valve-01 = "HG0123456789abcdef0123456789abcdef", valve-02 = null }

  sim  = each.key
  sent = each.value
}
