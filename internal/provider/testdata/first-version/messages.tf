resource "twilio_ip_command" "sent" {
  sim         = "valve"
  payload     = "open"
  device_port = 5683
}

resource "twilio_ip_command" "everything" {
  sim             = "valve"
  payload         = "AQL/"
  payload_type    = "binary"
  device_port     = 47808
  callback_url    = "https://example.com/sent"
  callback_method = "GET"
  wait_for_sent   = true
  timeouts        = { create = "30s" }
}

resource "twilio_ip_command" "failed" {
  sim         = "attic"
  payload     = "open"
  device_port = 5683
}

resource "twilio_ip_command" "queued" {
  sim           = "cellar"
  payload       = "open"
  device_port   = 5683
  wait_for_sent = false
}
