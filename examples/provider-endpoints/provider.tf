variable "gateway" {
  description = "Where our own gateway to the APIs is, such as https://gateway.example.com/twilio."
  type        = string
}

# Credentials come from the environment.
provider "twilio" {
  endpoints = {
    supersim = var.gateway
    wireless = var.gateway
  }

  # For a slow line and a busy account.
  request_timeout = "1m"
  max_retries     = 10
}

data "twilio_ip_commands" "failed" {
  status = "failed"
}
