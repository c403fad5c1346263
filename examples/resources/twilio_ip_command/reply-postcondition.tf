# The valve has to say what state it is in, or apply fails.
resource "twilio_ip_command" "state" {
  sim         = "valve-01"
  payload     = "state"
  device_port = 5683

  wait_for_reply = {
    timeout = "30s"
    pattern = "^state="
  }

  lifecycle {
    postcondition {
      condition     = self.reply != null
      error_message = "${self.sim} has not answered yet."
    }
  }
}

output "state" {
  value = trimprefix(twilio_ip_command.state.reply.text, "state=")
}
