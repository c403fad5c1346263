# What the devices of the tests do.

send_delay = "10ms"

# Two valves that answer.
sim "valve-01" {
  reply {
    to_pattern = "^OPEN [0-9]+$"
    text       = "OPENED"
  }
}
sim "valve-02" {
  reply {
    to   = "OPEN 45"
    text = "OPENED"
  }
}

# One that is switched off: what is sent to it fails.
sim "valve-03" {
  outcome = "failed"
}

# One that receives messages, and never answers.
sim "valve-04" {}
