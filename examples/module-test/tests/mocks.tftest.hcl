# Without a simulator (Terraform 1.7, OpenTofu 1.8): the CLI makes up what the
# provider would say, and asks nobody. It knows no rule of the API and no device,
# so this tests the module's own logic alone. Give each object whole, as reply
# here: OpenTofu takes no part of one. Terraform cannot make up the rows of a list
# data source: for those, use the simulator.
mock_provider "twilio" {
  mock_resource "twilio_ip_command" {
    defaults = {
      status = "sent"
      reply = {
        sid          = "HGbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
        payload      = "T1BFTkVE"
        text         = "OPENED"
        hex          = "4f50454e4544"
        device_port  = 4001
        date_created = "2026-03-01T12:00:00Z"
      }
    }
  }
}

variables {
  valves = { valve-01 = 30, valve-02 = 45 }
}

run "sends_each_valve_its_minutes" {
  assert {
    condition     = { for name, command in twilio_ip_command.open : name => command.payload } == { valve-01 = "OPEN 30", valve-02 = "OPEN 45" }
    error_message = "A valve was told something else."
  }
  assert {
    condition     = output.replies == { valve-01 = "OPENED", valve-02 = "OPENED" }
    error_message = "A reply is missing in the output."
  }
}

run "sends_to_nobody_without_valves" {
  command = plan
  variables {
    valves = {}
  }
  assert {
    condition     = length(output.messages) == 0
    error_message = "A message would be sent."
  }
}
