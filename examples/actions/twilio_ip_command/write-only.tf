variable "unlock_code" {
  description = "Code that the lock takes; not kept anywhere."
  type        = string
  ephemeral   = true
}

# This stands for the delivery that the lock is to be opened for.
resource "terraform_data" "delivery" {
  input = "2026-03-01"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.twilio_ip_command.unlock]
    }
  }
}

action "twilio_ip_command" "unlock" {
  config {
    sim         = "valve-01"
    payload_wo  = var.unlock_code
    device_port = 5683
  }
}
