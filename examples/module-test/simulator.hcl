# What the devices of the tests do.

# What is sent has left by the next request, so that no test depends on speed.
send_delay = "0s"

# Two valves that reply.
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

# One that receives messages, and never replies.
sim "valve-04" {}
