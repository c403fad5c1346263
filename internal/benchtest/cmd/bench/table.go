package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is what the benchmarks have to say.
type table struct{ rows []row }

// row is a figure.
type row struct{ figure, ours, floor, ratio, target, holds string }

func (t *table) add(r row) { t.rows = append(t.rows, r) }

var header = row{"figure", "ours", "floor", "ratio", "target", "holds?"}

func (r row) cells() []string {
	return []string{r.figure, r.ours, r.floor, r.ratio, r.target, r.holds}
}

// String returns the table in Markdown that can be read as it is.
func (t *table) String() string {
	all := append([]row{header}, t.rows...)
	widths := make([]int, len(header.cells()))
	for _, r := range all {
		for i, cell := range r.cells() {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	line := func(cells []string) {
		for i, cell := range cells {
			b.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		b.WriteString("|\n")
	}
	for i, r := range all {
		line(r.cells())
		if i == 0 {
			rule := make([]string, len(widths))
			for j, w := range widths {
				rule[j] = strings.Repeat("-", w)
			}
			line(rule)
		}
	}
	return b.String()
}

// failures returns how many targets do not hold.
func (t *table) failures() int {
	n := 0
	for _, r := range t.rows {
		if r.holds == no {
			n++
		}
	}
	return n
}

const (
	yes  = "yes"
	no   = "NO"
	none = "–" // where there is no floor, or no target
)

// verdict says whether a target holds.
func verdict(holds bool) string {
	if holds {
		return yes
	}
	return no
}

// median returns the median of an odd number of values, and of an even number
// the larger of the two in the middle.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	return s[len(s)/2]
}

// compared is a row of two series that were measured in turns.
func compared(figure string, ours, floor []float64, format func(float64) string, target float64) row {
	o, f := median(ours), median(floor)
	r := row{figure: figure, ours: format(o), floor: format(f), ratio: fmt.Sprintf("%.2f", o/f), target: none, holds: none}
	if target > 0 {
		r.target, r.holds = fmt.Sprintf("≤ %.1f", target), verdict(o/f <= target)
	}
	return r
}

// counted is a row of a number that must be what the target says.
func counted(figure string, ours []float64, target int) row {
	// The worst, not the median: it is no matter of time.
	worst := slices.MaxFunc(ours, func(a, b float64) int { return int(distance(a, target) - distance(b, target)) })
	return row{figure, count(worst), none, none, fmt.Sprint(target), verdict(worst == float64(target))}
}

func distance(v float64, from int) float64 { return max(v-float64(from), float64(from)-v) }

func seconds(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%.0f ms", v*1000)
	}
	return fmt.Sprintf("%.2f s", v)
}

func mebibytes(v float64) string { return fmt.Sprintf("%.1f MiB", v/(1<<20)) }

func count(v float64) string { return fmt.Sprintf("%.0f", v) }

func percent(v float64) string { return fmt.Sprintf("%.1f %%", v*100) }

// spread is a series for the progress lines.
func spread(values []float64, format func(float64) string) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = format(v)
	}
	return strings.Join(words, ", ")
}
