variable "kore_client_id" {
  type = string
}

variable "kore_client_secret" {
  type      = string
  sensitive = true
}

provider "twilio" {
  kore = {
    client_id     = var.kore_client_id
    client_secret = var.kore_client_secret
  }
}

data "twilio_ip_commands" "failed" {
  status = "failed"
}
