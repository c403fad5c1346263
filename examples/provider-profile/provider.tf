provider "twilio" {
  profile = "work"
}

data "twilio_ip_commands" "failed" {
  status = "failed"
}
