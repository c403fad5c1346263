# The simulator's credentials and address stand here, and a provider block goes
# before the environment: whatever that holds, the tests reach no real device.
# The simulator has written its address into the file.
provider "twilio" {
  account_sid = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  auth_token  = "simulatorAuthToken00000000000000"
  endpoints = {
    supersim = trimspace(file("twiliosim.address"))
    wireless = trimspace(file("twiliosim.address"))
  }
}

variables {
  valves = { valve-01 = 30, valve-02 = 45 }
}

run "opens_the_valves" {
  assert {
    condition     = alltrue([for c in twilio_ip_command.open : c.status == "sent"])
    error_message = "A message has not left."
  }
  assert {
    condition     = twilio_ip_command.open["valve-02"].payload == "OPEN 45"
    error_message = "valve-02 was told something else."
  }
  assert {
    condition     = output.replies == { valve-01 = "OPENED", valve-02 = "OPENED" }
    error_message = "A valve has not replied."
  }
}

# A SID that is known in the plan is that of a message that was sent before.
run "tells_no_valve_twice" {
  command = plan
  variables {
    valves = { valve-01 = 30, valve-02 = 45, valve-03 = 10 }
  }
  assert {
    condition     = alltrue([for name in ["valve-01", "valve-02"] : startswith(twilio_ip_command.open[name].sid, "HG")])
    error_message = "A valve would be told again."
  }
}

# The message leaves, and nothing comes back.
run "hears_nothing_of_a_silent_valve" {
  variables {
    valves = { valve-04 = 10 }
  }
  assert {
    condition     = twilio_ip_command.open["valve-04"].status == "sent" && output.replies["valve-04"] == null
    error_message = "A silent valve has replied."
  }
}

# A test cannot expect an error of a provider, which is what becomes of a message
# that fails while the apply waits. So this one does not wait: the message is
# sent here, and the next run sees what became of it.
run "sends_to_a_valve_that_is_off" {
  variables {
    valves = { valve-03 = 10 }
    wait   = false
  }
}

run "sees_that_a_valve_is_off" {
  command = plan
  variables {
    valves = { valve-03 = 10 }
    wait   = false
  }
  assert {
    condition     = twilio_ip_command.open["valve-03"].status == "failed" && output.replies["valve-03"] == null
    error_message = "The message has reached a valve that is off."
  }
}

run "refuses_an_hour_and_more" {
  command = plan
  variables {
    valves = { valve-01 = 90 }
  }
  expect_failures = [var.valves]
}
