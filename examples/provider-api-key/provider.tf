variable "twilio_api_key" {
  type = string
}

variable "twilio_api_secret" {
  type      = string
  sensitive = true
}

provider "twilio" {
  api_key    = var.twilio_api_key
  api_secret = var.twilio_api_secret
}

data "twilio_ip_commands" "failed" {
  status = "failed"
}
