# This stands for what the device uses, such as the queue that it reports to.
resource "terraform_data" "queue" {
  input = "valve-01"

  lifecycle {
    action_trigger {
      events  = [before_destroy]
      actions = [action.twilio_ip_command.stop_reporting]
    }
  }
}

action "twilio_ip_command" "stop_reporting" {
  config {
    sim         = "valve-01"
    payload     = "stop reporting"
    device_port = 5683
  }
}
