package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// What the report is put between. The rest of the file is written by people.
const (
	reportBegin = "<!-- What follows is written by `make bench`. -->\n"
	reportEnd   = "<!-- End of what `make bench` writes. -->\n"
)

// report prints the table, and writes it into the file if there is one.
func (b *bench) report(ctx context.Context) error {
	fmt.Printf("\n%s\n", &b.table)
	took := time.Since(b.started).Round(time.Second)
	switch n := b.table.failures(); n {
	case 0:
		fmt.Printf("Every target holds. Measured in %s.\n", took)
	default:
		fmt.Printf("%d targets do not hold. Measured in %s.\n", n, took)
	}
	if b.out == "" {
		return nil
	}
	text := fmt.Sprintf("Measured with `make bench`, in %s, on:\n\n%s\n\n%s", took, b.machine(ctx), &b.table)
	if b.runs != 5 {
		text = fmt.Sprintf("The medians are of %d.\n\n", b.runs) + text
	}
	old, err := os.ReadFile(b.out)
	if err != nil {
		return err
	}
	updated, err := replaceReport(string(old), text)
	if err != nil {
		return fmt.Errorf("%s: %w", b.out, err)
	}
	return os.WriteFile(b.out, []byte(updated), 0o644) //nolint:gosec // It is a file of the repository.
}

// replaceReport puts a report into the place of the one before.
func replaceReport(file, report string) (string, error) {
	before, rest, ok := strings.Cut(file, reportBegin)
	_, after, ok2 := strings.Cut(rest, reportEnd)
	if !ok || !ok2 {
		return "", fmt.Errorf("it lacks the lines %q and %q", reportBegin, reportEnd)
	}
	return before + reportBegin + "\n" + report + "\n" + reportEnd + after, nil
}
