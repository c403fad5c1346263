variable "unlock_code" {
  type      = string
  ephemeral = true
}

resource "twilio_ip_command" "unlock" {
  sim                = "valve-01"
  payload_wo         = var.unlock_code
  payload_wo_version = 1 # another number sends again
  device_port        = 5683
}
