# A small fleet behind Super SIMs: commands to its valves and meters, and what
# the fleet said. `make demo` applies this to a simulator.

terraform {
  required_providers {
    twilio = {
      source = "seed-0925943e/twilio"
    }
  }
}

# Credentials and endpoints come from the environment. If Terraform forgets what
# it sent within the hour, the next apply finds it instead of sending it again.
provider "twilio" {
  deduplication_window = "1h"
}

variable "valves" {
  description = "Unique name of each valve's Super SIM, and for how many minutes the valve opens."
  type        = map(number)
  default = {
    valve-01 = 30
    valve-02 = 30
    valve-03 = 45
  }
}

variable "meters" {
  description = "Unique name of each meter's Super SIM."
  type        = set(string)
  default     = ["meter-01", "meter-02"]
}

# A text to each valve. A changed number sends that valve one new message.
resource "twilio_ip_command" "open_valve" {
  for_each = var.valves

  sim         = each.key
  payload     = "OPEN ${each.value}"
  device_port = 4001
}

# Bytes to each meter: 01 03 00 00 00 02 c4 0b, a Modbus request to read two
# registers. Apply waits for the reply.
resource "twilio_ip_command" "read_meter" {
  for_each = var.meters

  sim          = each.key
  payload_type = "binary"
  payload      = "AQMAAAACxAs="
  device_port  = 502

  wait_for_reply = {
    timeout = "20s"
    pattern = "^010304"
  }
}

# What was sent to one of the valves. Without depends_on the list could be read
# before the messages are sent.
data "twilio_ip_commands" "to_valve" {
  sim       = "valve-01"
  direction = "to_sim"
  status    = "sent"

  depends_on = [twilio_ip_command.open_valve]
}

# What the devices have sent, the replies among it.
data "twilio_ip_commands" "received" {
  direction = "from_sim"

  depends_on = [twilio_ip_command.read_meter]
}

# What older devices, behind Programmable Wireless SIMs, have sent as SMS.
data "twilio_commands" "received" {
  direction = "from_sim"
  transport = "sms"
}
