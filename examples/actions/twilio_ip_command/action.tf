variable "firmware" {
  description = "Version of the firmware that the fleet's server offers."
  type        = string
  default     = "1.4.0"
}

# This stands for a release. It could be any resource, such as an object in a
# bucket.
resource "terraform_data" "firmware" {
  input = var.firmware

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.twilio_ip_command.look_for_update]
    }
  }
}

# Tells the device to look for an update whenever there is another version.
action "twilio_ip_command" "look_for_update" {
  config {
    sim         = "valve-01"
    payload     = "look for update"
    device_port = 5683
  }
}
