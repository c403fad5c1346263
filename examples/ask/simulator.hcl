send_delay = "0s"

sim "meter-01" {
  reply {
    to_pattern = "^0103"
    hex        = "01 03 04 00 01 d6 da 74 08"
    after      = "1s"
  }
}

sim "valve-01" {
  reply {
    to    = "{\"id\":\"2026-03-01\",\"open_minutes\":30}"
    text  = "{\"id\":\"2026-03-01\",\"opened\":true}"
    after = "1s"
  }
}
