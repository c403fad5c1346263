# The valve gets this order once, even if Terraform forgets that it was sent. The
# id makes the next order another message, also for the device.
resource "twilio_ip_command" "order" {
  sim                  = "valve-01"
  payload              = jsonencode({ id = "2026-03-01", open_minutes = 30 })
  device_port          = 5683
  deduplication_window = "168h"
}
