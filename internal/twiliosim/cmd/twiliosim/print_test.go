package main

import (
	"bufio"
	"io"
	"testing"
	"testing/synctest"
)

// TestPrinter reads nothing for a time: printing goes on, and then says how many
// lines were dropped.
func TestPrinter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		p := newPrinter(w)
		for _, line := range []string{"waits", "dropped", "dropped"} {
			p.print(line)
		}
		lines := bufio.NewScanner(r)
		next := func(want string) {
			t.Helper()
			if lines.Scan(); lines.Text() != want {
				t.Errorf("printed %q, want %q", lines.Text(), want)
			}
		}
		next("waits")
		synctest.Wait() // until the printer knows
		go p.print("again")
		next("dropped 2 lines, since nobody read them")
		next("again")
		synctest.Wait()
		p.close()
	})
}
