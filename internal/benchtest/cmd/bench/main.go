// Command bench measures what the provider promises of its cost, against
// floors measured in the same run, and prints one table. `make bench` runs it
// from the root of the repository.
//
// It starts itself again for what has to be a process of its own: the servers
// (see serve.go), and what is measured in a fresh process (see measure.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := dispatch(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch runs the benchmarks, or what they start this command again for.
func dispatch(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case roleServe:
			return serve(ctx, args[1:])
		case roleMeasure:
			return measure(ctx, args[1:])
		}
	}
	return run(ctx, args)
}

// options is what the command line says.
type options struct {
	terraform, goCommand, out string
	runs                      int
	only                      string
	micro                     bool
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.terraform, "terraform", "bin/terraform", "`path` of the Terraform CLI")
	flags.StringVar(&o.goCommand, "go", "go", "the go `command`")
	flags.StringVar(&o.out, "out", "", "`path` of the Markdown file to put the table into; empty means none")
	flags.IntVar(&o.runs, "runs", 5, "`number` of times that each figure is measured; the median counts")
	flags.StringVar(&o.only, "only", "", "`pattern` of the figures to measure, such as 'client|sends'; empty means all")
	flags.BoolVar(&o.micro, "micro", true, "run the Go benchmarks first")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if flags.NArg() > 0 || o.runs < 1 {
		return o, errors.New("unexpected arguments; see -help")
	}
	return o, nil
}

// bench is a run of all benchmarks.
type bench struct {
	options
	// dir is for what is built and applied, and is removed at the end.
	dir string
	// self, provider and empty are this command, and the two providers.
	self, provider, empty string
	table                 table
	started               time.Time
}

func run(ctx context.Context, args []string) (err error) {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	b := &bench{options: o, started: time.Now()}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	if b.terraform, err = filepath.Abs(o.terraform); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	if o.micro {
		if err := b.goBenchmarks(ctx); err != nil {
			return err
		}
	}
	if err := b.figures(ctx); err != nil {
		return err
	}
	return b.report(ctx)
}

// figures measures all that is asked for.
func (b *bench) figures(ctx context.Context) error {
	only, err := regexp.Compile(b.only)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name    string
		measure func(*bench, context.Context) error
	}{
		{"requests", (*bench).requests},
		{"client list", (*bench).clientList},
		{"client memory", (*bench).clientMemory},
		{"data source", (*bench).dataSource},
		{"data source in a plan", (*bench).planList},
		{"sends", (*bench).sends},
		{"apply and plan", (*bench).applyAndPlan},
		{"start-up", (*bench).startUp},
	} {
		if !only.MatchString(f.name) {
			continue
		}
		b.progress("%s", f.name)
		if err := f.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// progress prints a line, with the time since the start.
func (b *bench) progress(format string, args ...any) {
	fmt.Printf("[%4.0f s] %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}
