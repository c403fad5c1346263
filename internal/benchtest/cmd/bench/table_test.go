package main

import "testing"

func TestTable(t *testing.T) {
	t.Parallel()
	var b table
	b.add(compared("fast", []float64{2, 30, 1}, []float64{1, 1, 4}, seconds, 2))
	b.add(compared("slow", []float64{0.3}, []float64{0.1}, seconds, 2))
	b.add(compared("for information", []float64{3 << 20}, []float64{1 << 20}, mebibytes, 0))
	b.add(counted("counted", []float64{100, 100, 101}, 100))
	const want = `| figure          | ours    | floor   | ratio | target | holds? |
| --------------- | ------- | ------- | ----- | ------ | ------ |
| fast            | 2.00 s  | 1.00 s  | 2.00  | ≤ 2.0  | yes    |
| slow            | 300 ms  | 100 ms  | 3.00  | ≤ 2.0  | NO     |
| for information | 3.0 MiB | 1.0 MiB | 3.00  | –      | –      |
| counted         | 101     | –       | –     | 100    | NO     |
`
	if got := b.String(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if n := b.failures(); n != 2 {
		t.Errorf("%d failures", n)
	}
}

func TestReplaceReport(t *testing.T) {
	t.Parallel()
	file := "before\n" + reportBegin + "old\n" + reportEnd + "after\n"
	got, err := replaceReport(file, "new\n")
	if want := "before\n" + reportBegin + "\nnew\n\n" + reportEnd + "after\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	if again, err := replaceReport(got, "new\n"); err != nil || again != got {
		t.Errorf("%q, %v", again, err)
	}
	for _, file := range []string{"", reportBegin, reportEnd + reportBegin} {
		if _, err := replaceReport(file, "new"); err == nil {
			t.Errorf("%q has no place for a report", file)
		}
	}
}
