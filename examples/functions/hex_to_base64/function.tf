# A Modbus request with its checksum, C4 0B. The spaces are for the reader.
resource "twilio_ip_command" "read_meter" {
  sim          = "meter-01"
  payload_type = "binary"
  payload      = provider::twilio::hex_to_base64("01 03 00 00 00 02 c4 0b")
  device_port  = 502
}
