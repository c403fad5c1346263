package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/simconfig"
)

// settleEvery is how often due messages are delivered, so that they are
// printed in time.
const settleEvery = 50 * time.Millisecond

// options is what the command line says.
type options struct {
	listen      string
	addressFile string
	config      twiliosim.Config
	seed, quiet bool
}

// run is the command: it serves until ctx is done. Asked for help, it prints
// that and does nothing else. Each line is one Write to stdout.
func run(ctx context.Context, args []string, stdout io.Writer) error {
	opts, err := parse(args, stdout)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	out := newPrinter(stdout)
	defer out.close()
	if !opts.quiet {
		opts.config.Log = out.print
	}
	sim := twiliosim.New(opts.config)
	if opts.seed {
		twiliosim.Seed(sim)
	}
	return serve(ctx, sim, opts, out)
}

// parse reads the command line.
func parse(args []string, stdout io.Writer) (options, error) {
	opts := options{config: twiliosim.Config{OwnLinks: true, NoHistory: true}}
	cfg, given := &opts.config, map[string]bool{}
	flags := flag.NewFlagSet("twiliosim", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // an error is main's to print
	flags.StringVar(&opts.listen, "listen", "127.0.0.1:8765", "loopback `address` to listen on; port 0 takes any free one")
	flags.TextVar(&cfg.Platform, "platform", twiliosim.Twilio, "`name` of the platform whose API this is: twilio or kore")
	flags.StringVar(&opts.addressFile, "address-file", "", "`path` of a file to write the base URL to once the simulator listens; removed at the end")
	flags.DurationVar(&cfg.SendDelay, "send-delay", time.Second, "how long a command stays queued before it is sent")
	flags.BoolVar(&opts.seed, "seed", true, "start with five SIMs and some messages; -seed=false starts empty, and knows no SIM to send to")
	flags.Func("config", "`path` of a configuration file, see below; implies -seed=false, and what it says gives way to later flags", func(path string) error {
		if given["config"] {
			return errors.New("there is a configuration file already")
		}
		given["config"] = true
		text, err := os.ReadFile(path) //nolint:gosec // Which file to read is for whoever calls the command to say.
		if err != nil {
			return err
		}
		return simconfig.Parse(path, text, cfg)
	})
	flags.BoolVar(&opts.quiet, "quiet", false, "print the address and nothing else")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		usage(stdout, flags)
		return opts, err
	} else if err != nil {
		return opts, fmt.Errorf("%w (see -help)", err)
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q (see -help)", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	if given["config"] {
		if given["seed"] && opts.seed {
			return opts, errors.New("-seed and -config exclude each other")
		}
		opts.seed = false
	}
	if cfg.SendDelay < 0 {
		return opts, fmt.Errorf("-send-delay is %s, but must not be negative", cfg.SendDelay)
	}
	return opts, nil
}

// serve serves sim until ctx is done.
func serve(ctx context.Context, sim *twiliosim.Simulator, opts options, out *printer) (err error) {
	if opts.addressFile != "" {
		// One that a killed run left behind would send a waiting script to
		// the wrong place.
		if err := os.Remove(opts.addressFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing the old address file: %w", err)
		}
	}
	server, err := twiliosim.Serve(sim, opts.listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if opts.addressFile != "" {
		if err := writeAtomically(opts.addressFile, server.URL+"\n"); err != nil {
			return fmt.Errorf("writing the address file: %w", err)
		}
		defer func() { _ = os.Remove(opts.addressFile) }() // it may be gone already
	}
	out.print("listening on " + server.URL)
	ticker := time.NewTicker(settleEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			sim.Settle()
			return nil
		case <-ticker.C:
			sim.Settle()
		}
	}
}

// writeAtomically writes a file that is never seen half written.
func writeAtomically(path, content string) error {
	temporary := path + ".new"
	err := os.WriteFile(temporary, []byte(content), 0o600)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary) // the first error is the one to report
	}
	return err
}
