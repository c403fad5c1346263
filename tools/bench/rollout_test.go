package bench

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkRollout has the Terraform CLI roll a message out to a fleet, against an API
// that takes so many requests at a time, and again with half of the fleet, and all of
// it, having the message.
func BenchmarkRollout(b *testing.B) {
	n := scaled(10_000)
	var half, whole, nothing, memory []float64
	var sent, resumed seen
	for b.Loop() {
		server := startServer(b, serverConfig{Work: limited.Work, Limit: limited.Limit, Devices: n})
		w := rolloutTo(b, server.url, n, "")
		half = append(half, 0) // Only to have as many of each.
		sent = sent.plus(server.during(b, func() {
			peak := w.peakMemory(func() { whole = append(whole, timed(func() { w.rollOut(b, "all") })()) })
			memory = append(memory, peak)
		}))
		nothing = append(nothing, timed(func() { w.rollOut(b, "all") })())

		server = startServer(b, serverConfig{Work: limited.Work, Limit: limited.Limit, Devices: n})
		w = rolloutTo(b, server.url, n, "")
		w.rollOut(b, "half")
		resumed = resumed.plus(server.during(b, func() { half[len(half)-1] = timed(func() { w.rollOut(b, "all") })() }))
	}
	rounds := float64(len(whole))
	figure{name: english.Sprintf("rollout to %d SIMs, %d requests at a time", n, limited.Limit), against: "the API's limit, and a rollout that finds all", promise: "a fleet is reached at the API's speed"}.
		compare(b, seconds, median(whole), limited.ideal(n)+median(nothing), 1.25)
	figure{name: english.Sprintf("the same, with %d of them there already", n/2), against: "the API's limit for the others, and a rollout that finds all", promise: "a rollout that is resumed costs what is left"}.
		compare(b, seconds, median(half), limited.ideal(n/2)+median(nothing), 1.25)
	figure{name: "the same: refused", promise: "the limit is found, not fought"}.
		atMost(b, percent, float64(sent.Refused)/float64(sent.Requests), 0.1)
	figure{name: "the same: reads a message", promise: "all that wait share what they read"}.
		atMost(b, ratio, (float64(sent.Requests-sent.Refused)-rounds*float64(n))/rounds/float64(n), 0.1)
	figure{name: "the same: peak memory", promise: "memory does not follow the fleet"}.
		atMost(b, mebibytes, median(memory), 100<<20)
}

// BenchmarkRolloutSlow is a rollout whose messages leave after half a minute, so that
// all are waited for at a time.
func BenchmarkRolloutSlow(b *testing.B) {
	n, slow := scaled(10_000), 30*time.Second
	if testing.Short() {
		slow = time.Second
	}
	var memory []float64
	var sent seen
	for b.Loop() {
		server := startServer(b, serverConfig{Work: limited.Work, Limit: limited.Limit, Devices: n, SendDelay: slow})
		w := rolloutTo(b, server.url, n, `timeout = "2m"`)
		sent = sent.plus(server.during(b, func() { memory = append(memory, w.peakMemory(func() { w.rollOut(b, "all") })) }))
	}
	rounds := float64(len(memory))
	figure{name: english.Sprintf("rollout to %d SIMs, whose messages leave after 30 s: reads a message", n), promise: "all that wait share what they read"}.
		atMost(b, ratio, (float64(sent.Requests-sent.Refused)-rounds*float64(n))/rounds/float64(n), 0.1)
	figure{name: "the same: peak memory", promise: "a message that is waited for costs little memory"}.
		atMost(b, mebibytes, median(memory), 100<<20)
}

// BenchmarkFleetSizes applies fleets of resources, beside which a rollout is to be
// chosen.
func BenchmarkFleetSizes(b *testing.B) {
	for _, n := range []int{500, 1000, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			n := scaled(n)
			server := startServer(b, serverConfig{SendDelay: 500 * time.Millisecond})
			w := newWorkspace(b, "twilio", "../..", fmt.Sprintf(`
resource "twilio_ip_command" "fleet" {
  count       = %d
  sim         = %q
  payload     = "message ${count.index}"
  device_port = 5683
}`, n, simName), credentials(server.url)...)
			t := inTurns(b, timed(func() { w.apply(b, n) }))
			figure{name: english.Sprintf("apply of %d resources, each sent after 500 ms, %d at a time", n, parallel), promise: "what a state costs, beside a rollout", target: none, ours: seconds(t[0])}.
				note(b, t[0])
		})
	}
}

// rolloutTo is a workspace with two rollouts: to all devices, and to half of them.
func rolloutTo(b *testing.B, url string, n int, arguments string) *workspace {
	b.Helper()
	action := func(name, sims string) string {
		return fmt.Sprintf(`
action "twilio_ip_command_rollout" %q {
  config {
    sims                 = %s
    payload              = "update 1.4"
    device_port          = 5683
    deduplication_window = "1h"
    %s
  }
}`, name, sims, arguments)
	}
	return newWorkspace(b, "twilio", "../..", fmt.Sprintf(`
locals {
  sims = slice(flatten([for i in range(%[1]d) : [for j in range(100) : "device-${i * 100 + j}"]]), 0, %[2]d)
}
`, (n+99)/100, n)+action("all", "local.sims")+action("half", fmt.Sprintf("slice(local.sims, 0, %d)", n/2)), credentials(url)...)
}

func (w *workspace) rollOut(b *testing.B, name string) {
	b.Helper()
	w.run(b, "0 did not go well", "apply", "-auto-approve", "-json", "-invoke=action.twilio_ip_command_rollout."+name)
}

func (s seen) plus(o seen) seen {
	return seen{s.Requests + o.Requests, s.Refused + o.Refused, s.Connections + o.Connections}
}

// peakMemory returns how much memory the provider of the workspace holds at most, in
// bytes, while f runs. It looks into /proc, and returns zero where there is none.
func (w *workspace) peakMemory(f func()) (peak float64) {
	done := make(chan struct{})
	looked := make(chan float64)
	go func() {
		var most float64
		for {
			select {
			case <-done:
				looked <- most
				return
			case <-time.After(50 * time.Millisecond):
				most = max(most, w.memory())
			}
		}
	}()
	f()
	close(done)
	return <-looked
}

func (w *workspace) memory() (most float64) {
	binaries, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range binaries {
		path, err := os.Readlink(exe)
		if err != nil || !strings.HasPrefix(path, w.dir) {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(exe), "status"))
		if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
			kibibytes, _ := strconv.ParseFloat(string(bytes.Fields(after)[0]), 64)
			most = max(most, kibibytes*1024)
		}
	}
	return most
}
