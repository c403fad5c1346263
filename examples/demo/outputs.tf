output "sent" {
  description = "Each message that this configuration sent."
  value = {
    for name, command in merge(twilio_ip_command.open_valve, twilio_ip_command.read_meter) :
    name => "${command.status} as ${command.sid} to port ${command.device_port}"
  }
}

output "litres" {
  description = "What each meter has replied: the two registers, after three bytes; null if it has not."
  value = {
    for name, command in twilio_ip_command.read_meter :
    name => command.reply == null ? null : parseint(substr(command.reply.hex, 6, 8), 16)
  }
}

output "valve_01_history" {
  description = "The messages sent to valve-01, as the API lists them."
  value       = [for c in data.twilio_ip_commands.to_valve.ip_commands : "${c.date_created} ${c.payload}"]
}

output "received_from_super_sims" {
  description = "The messages received from Super SIMs, decoded where they are text."
  value = [
    for c in data.twilio_ip_commands.received.ip_commands :
    "${c.date_created} ${c.sim_iccid}: ${try(base64decode(c.payload), c.payload)}"
  ]
}

output "received_from_wireless_sims" {
  description = "The SMS received from Programmable Wireless SIMs."
  value       = [for c in data.twilio_commands.received.commands : "${c.date_created} ${c.sim_sid}: ${c.command}"]
}
