# The newest message from the device, which is a challenge.
ephemeral "twilio_ip_commands" "challenge" {
  sim       = "meter-01"
  direction = "from_sim"
  limit     = 1
}

variable "unlock_code" {
  type      = string
  ephemeral = true
}

# The answer to it. Neither of them is in the plan or the state.
resource "twilio_ip_command" "answer" {
  sim                = "meter-01"
  payload_wo         = sha256("${var.unlock_code} ${ephemeral.twilio_ip_commands.challenge.ip_commands[0].payload}")
  payload_wo_version = 1
  device_port        = 5683
}
