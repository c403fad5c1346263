# A Command whose SID is known, from a log for example. Here it is the newest of
# all, so that the example is complete.
data "twilio_commands" "newest" {
  limit = 1
}

data "twilio_command" "newest" {
  sid = data.twilio_commands.newest.commands[0].sid
}

output "newest" {
  value = "${data.twilio_command.newest.command}: ${data.twilio_command.newest.status}"
}
