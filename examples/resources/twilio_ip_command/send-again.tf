variable "reading" {
  description = "Change this default, in the file, to ask for another reading."
  type        = string
  default     = "2026-03-01"
}

resource "terraform_data" "reading" {
  input = var.reading
}

# A new message whenever var.reading changes, although the message itself stays
# the same.
resource "twilio_ip_command" "read" {
  sim         = "meter-01"
  payload     = "read"
  device_port = 5683

  lifecycle {
    replace_triggered_by = [terraform_data.reading]
  }
}
