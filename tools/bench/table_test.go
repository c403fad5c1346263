package bench

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// rows are the figures measured so far.
var rows []figure

// figure is a row of the table.
type figure struct {
	// name is what is measured, and against is what it is compared with.
	name, against string
	// promise is what the figure is there to show.
	promise string

	ours, other, ratio, target, holds string
}

const none = "–" // where there is nothing to compare with

// compare adds the row of a figure that may be at most so many times another.
func (f figure) compare(b *testing.B, format func(float64) string, ours, other, most float64) {
	b.Helper()
	report(b, map[string]float64{"ours": ours, "other": other, "ratio": ours / other})
	f.ours, f.other = format(ours), format(other)
	f.ratio, f.target = fmt.Sprintf("%.2f", ours/other), fmt.Sprintf("≤ %v", most)
	f.add(ours/other <= most)
}

// atMost adds the row of a figure that has a bound and is compared with
// nothing. Its unit is the last word of its name.
func (f figure) atMost(b *testing.B, format func(float64) string, ours, most float64) {
	b.Helper()
	report(b, map[string]float64{f.name[strings.LastIndexByte(f.name, ' ')+1:]: ours})
	f.ours, f.target = format(ours), "≤ "+format(most)
	f.add(ours <= most)
}

// note adds the row of a figure that has no bound.
func (f figure) note(b *testing.B, ours float64) {
	b.Helper()
	report(b, map[string]float64{"ours": ours})
	f.add(true)
	rows[len(rows)-1].holds = none
}

// add adds a row. What it has no value for is none.
func (f figure) add(holds bool) {
	f.holds = "yes"
	if !holds {
		f.holds = "NO"
	}
	if f.against != "" {
		f.other += ", " + f.against
	}
	for _, cell := range []*string{&f.other, &f.ratio} {
		if *cell == "" {
			*cell = none
		}
	}
	rows = append(rows, f)
}

// report gives metrics to the benchmark in the place of its time for each
// iteration, which is that of everything together.
func report(b *testing.B, metrics map[string]float64) {
	b.Helper()
	b.ReportMetric(0, "ns/op")
	for name, value := range metrics {
		b.ReportMetric(value, name)
	}
}

// table returns the rows in Markdown that can be read as it is.
func table(rows []figure) string {
	lines := [][]string{{"figure", "ours", "compared with", "ratio", "target", "holds?", "the promise"}, slices.Repeat([]string{"---"}, 7)}
	for _, f := range rows {
		lines = append(lines, []string{f.name, f.ours, f.other, f.ratio, f.target, f.holds, f.promise})
	}
	var b strings.Builder
	// Debug means a bar after each column.
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', tabwriter.Debug)
	for _, cells := range lines {
		_, _ = fmt.Fprintln(w, "| "+strings.Join(cells, "\t ")+"\t")
	}
	_ = w.Flush()
	return b.String()
}

// english writes 100,000.
var english = message.NewPrinter(language.English)

func seconds(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%.0f ms", v*1000)
	}
	return fmt.Sprintf("%.2f s", v)
}

func ratio(v float64) string { return fmt.Sprintf("%.2f", v) }

func mebibytes(v float64) string { return fmt.Sprintf("%.1f MiB", v/(1<<20)) }

func count(v float64) string { return english.Sprintf("%.0f", v) }

func percent(v float64) string { return fmt.Sprintf("%.1f %%", v*100) }

// between is what the report replaces. The rest of the file is written by
// people.
var between = regexp.MustCompile("(?s)(<!-- What follows is written by `make bench`. -->\n).*(<!-- End of what `make bench` writes. -->\n)")

// writeReport puts the table into a file, in the place of the one before.
func writeReport(path string, took time.Duration) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !between.Match(old) {
		return fmt.Errorf("%s has no place for the table, %s", path, between)
	}
	report := fmt.Sprintf("Measured in %s on %s.\n\n%s", took.Round(time.Second), machine(), table(rows))
	updated := between.ReplaceAllString(string(old), "${1}\n"+strings.ReplaceAll(report, "$", "$$")+"\n${2}")
	return os.WriteFile(path, []byte(updated), 0o644)
}

// machine says what the figures were measured on.
func machine() string {
	processor, cli := "an unknown processor", "an unknown CLI"
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if m := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(info); m != nil {
			processor = string(m[1])
		}
	}
	if version, err := exec.Command(*terraform, "version").Output(); err == nil { //nolint:noctx // It ends by itself.
		cli, _, _ = strings.Cut(string(version), "\n")
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, with %s and %s", processor, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), cli)
}
