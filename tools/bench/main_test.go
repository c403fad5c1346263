// Package bench measures what the provider costs, against floors and a peer
// that are measured in the same run. `make bench` runs all of it and writes the
// table in BENCHMARKS.md. In this directory, `go test -bench Sends -benchtime
// 5x` measures one thing and prints its rows; with -short, everything is a
// hundred times smaller, and only shows that the benchmarks still work: it has
// no table.
//
// To add a row, write a benchmark that measures with inTurns and ends with
// figure.compare or figure.atMost.
package bench

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"
)

var (
	terraform = flag.String("terraform", "../../bin/terraform", "`path` of the Terraform CLI")
	out       = flag.String("out", "", "`path` of the Markdown file to write the table into; empty means none")
)

func TestMain(m *testing.M) {
	if config := os.Getenv(serverEnv); config != "" {
		exitOn(serve(config))
		return
	}
	flag.Parse()
	started := time.Now()
	status := m.Run()
	if len(rows) > 0 && !testing.Short() {
		fmt.Printf("\n%s\n", table(rows))
		if *out != "" && status == 0 {
			exitOn(writeReport(*out, time.Since(started)))
		}
	}
	os.Exit(status)
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// scaled returns n, or a hundredth of it with -short.
func scaled(n int) int {
	if testing.Short() {
		return n / 100
	}
	return n
}

// inTurns takes one sample of each measure in every iteration of a benchmark,
// and returns their medians. The order changes from one iteration to the next:
// otherwise a machine that becomes slower would favour the first.
func inTurns(b *testing.B, measures ...func() float64) []float64 {
	b.Helper()
	samples := make([][]float64, len(measures))
	for round := 0; b.Loop(); round++ {
		for i := range measures {
			i = (i + round) % len(measures)
			samples[i] = append(samples[i], measures[i]())
		}
	}
	medians := make([]float64, len(measures))
	for i := range samples {
		medians[i] = median(samples[i])
	}
	return medians
}

// median returns the median of an odd number of values, and the larger of the
// two in the middle of an even number.
func median(values []float64) float64 {
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

// timed returns a measure of how long f takes, in seconds. Whatever was garbage
// before is collected first.
func timed(f func()) func() float64 {
	return func() float64 {
		runtime.GC()
		start := time.Now()
		f()
		return time.Since(start).Seconds()
	}
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
