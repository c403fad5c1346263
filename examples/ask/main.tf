# A question in bytes. It may be asked as often as one likes, so it needs no id.
resource "twilio_ip_command" "registers" {
  sim          = "meter-01"
  payload_type = "binary"
  payload      = provider::twilio::hex_to_base64("01 03 00 00 00 02 c4 0b")
  device_port  = 502

  wait_for_reply = {
    timeout = "30s"
  }

  lifecycle {
    postcondition {
      condition     = try(startswith(self.reply.hex, "010304"), false)
      error_message = "meter-01 has not answered, or not with two registers: ${try(self.reply.hex, "nothing")}."
    }
  }
}

output "litres" {
  description = "The two registers, which are the four bytes after the first three, as one number."
  value       = parseint(substr(twilio_ip_command.registers.reply.hex, 6, 8), 16)
}

# An order, which must not be carried out twice: it has an id.
variable "order" {
  description = "Change this default, in the file, to open the valve again."
  type        = string
  default     = "2026-03-01"
}

resource "twilio_ip_command" "open_valve" {
  sim                  = "valve-01"
  payload              = jsonencode({ id = var.order, open_minutes = 30 })
  device_port          = 5683
  deduplication_window = "168h"

  wait_for_reply = {
    timeout = "30s"
    pattern = "\"id\":\"${var.order}\""
  }

  lifecycle {
    postcondition {
      condition     = try(jsondecode(self.reply.text).opened, false)
      error_message = "valve-01 has not said that it carried out the order ${var.order}: ${try(self.reply.text, "no answer")}."
    }
  }
}
