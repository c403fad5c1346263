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

  # For a slow line and a busy account.
  request_timeout = "1m"
  max_retries     = 10
}

data "twilio_ip_commands" "failed" {
  status = "failed"
}
