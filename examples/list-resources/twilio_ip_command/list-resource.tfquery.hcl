# The twenty newest messages that were sent to one SIM.
list "twilio_ip_command" "to_valve" {
  provider = twilio
  limit    = 20

  config {
    sim = "valve-01"
  }
}
