package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// patience is how long a line may take to be written before the simulator goes
// on without it.
const patience = time.Second

// printer prints lines for a reader that may have gone away, or may not read: a
// simulator that waited for it would no longer respond.
type printer struct {
	lines   chan string
	written chan struct{}

	mu      sync.Mutex // guards what follows
	stuck   bool       // the last line is not written yet
	dropped int        // lines since then
}

// newPrinter returns a printer, which its close ends.
func newPrinter(w io.Writer) *printer {
	p := &printer{lines: make(chan string), written: make(chan struct{}, 1)}
	go func() {
		for line := range p.lines {
			_, _ = io.WriteString(w, line) // that nobody reads is no reason to stop
			p.written <- struct{}{}
		}
	}()
	return p
}

// print prints a line before it returns, or drops it if the reader does not read.
func (p *printer) print(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stuck {
		select {
		case <-p.written:
			p.stuck = false
		default:
			p.dropped++
			return
		}
	}
	if p.dropped > 0 {
		line = fmt.Sprintf("dropped %d lines, since nobody read them\n%s", p.dropped, line)
		p.dropped = 0
	}
	p.lines <- line + "\n"
	select {
	case <-p.written:
	case <-time.After(patience):
		p.stuck = true
	}
}

// close ends the printer once the line under way is written.
func (p *printer) close() { close(p.lines) }
