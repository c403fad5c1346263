# A text to the device behind one SIM.
resource "twilio_ip_command" "open_valve" {
  sim         = "valve-01" # the SIM's unique name, or its SID
  payload     = "open"
  device_port = 5683
}

# Bytes. The function needs Terraform 1.8 or OpenTofu 1.7. Before, write the
# Base64 itself, or use filebase64: base64encode cannot write a byte above 7F.
resource "twilio_ip_command" "read_meter" {
  sim          = "meter-01"
  payload_type = "binary"
  payload      = provider::twilio::hex_to_base64("01 03 00 00 00 02 c4 0b")
  device_port  = 502
}

# The same text to a whole fleet: one message for each SIM. A SIM that is added
# here later gets its message then; the others do not get theirs again.
variable "fleet" {
  description = "Unique names of the fleet's SIMs."
  type        = set(string)
  default     = ["valve-01", "valve-02", "valve-03"]
}

resource "twilio_ip_command" "report_interval" {
  for_each = var.fleet

  sim         = each.key
  payload     = jsonencode({ report_interval_seconds = 3600 })
  device_port = 5683
}

# Apply ends as soon as the API has accepted this message. Twilio calls the URL
# whenever the status changes.
resource "twilio_ip_command" "reboot" {
  sim             = "meter-02"
  payload         = "reboot"
  device_port     = 5683
  wait_for_sent   = false
  callback_url    = "https://example.com/ip-commands"
  callback_method = "POST"
}

# Apply waits up to five minutes for this message to leave.
resource "twilio_ip_command" "close_valve" {
  sim         = "valve-02"
  payload     = "close"
  device_port = 5683

  timeouts = {
    create = "5m"
  }
}
