# A fleet of eight displays, of which one is off: what is sent to it fails.
send_delay = "0s"

sim "display-01" {}
sim "display-02" {}
sim "display-03" {
  outcome = "failed"
}
sim "display-04" {}
sim "display-05" {}
sim "display-06" {}
sim "display-07" {}
sim "display-08" {}
