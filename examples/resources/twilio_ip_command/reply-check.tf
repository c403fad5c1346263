# Each valve is asked, and those that keep silent are named.
resource "twilio_ip_command" "state" {
  for_each = toset(["valve-01", "valve-02", "valve-03"])

  sim         = each.key
  payload     = "state"
  device_port = 5683

  wait_for_reply = {
    timeout = "30s"
    pattern = "^state="
  }
}

check "answers" {
  assert {
    condition     = alltrue([for c in twilio_ip_command.state : c.reply != null])
    error_message = "No answer from ${join(", ", [for name, c in twilio_ip_command.state : name if c.reply == null])}."
  }
}

output "states" {
  value = { for name, c in twilio_ip_command.state : name => try(trimprefix(c.reply.text, "state="), null) }
}
