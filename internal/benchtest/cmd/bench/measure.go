package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// What is measured in a process of its own, which does nothing else: the heap
// and the processor time of a process are all of it.
const (
	// roleMeasure is the first argument of such a process; then come what to
	// measure and the server's URL.
	roleMeasure = "measure"

	measureList       = "list"        // wall of fetching all pages, and of listing
	measureHeap       = "heap"        // heap while listing
	measureListCPU    = "list-cpu"    // processor time of listing
	measureDataSource = "data-source" // processor time of the data source
	measureSends      = "sends"       // wall and fate of 1,000 sends
)

// samples is what a measuring process prints: numbers by name. Times are in
// seconds, sizes in bytes.
type samples map[string]float64

func measure(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("measure needs a name and a URL")
	}
	measures := map[string]func(context.Context, string) (samples, error){
		measureList:       sampleList,
		measureHeap:       sampleHeap,
		measureListCPU:    sampleListCPU,
		measureDataSource: sampleDataSource,
		measureSends:      sampleSends,
	}
	f, ok := measures[args[0]]
	if !ok {
		return fmt.Errorf("nothing to measure is called %q", args[0])
	}
	s, err := f(ctx, args[1])
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(s)
}

// measure has something measured in a process of its own.
func (b *bench) measure(ctx context.Context, name, url string) (samples, error) {
	cmd := exec.CommandContext(ctx, b.self, roleMeasure, name, url) //nolint:gosec // It is this very command.
	cmd.Env = append(plainEnvironment(b.dir), credentials(url)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("measuring %s: %w", name, err)
	}
	var s samples
	return s, json.Unmarshal(out, &s)
}

// credentials is the environment of a provider that is to use a server.
func credentials(url string) []string {
	return []string{
		"TWILIO_ACCOUNT_SID=" + twiliosim.DefaultAccountSID,
		"TWILIO_AUTH_TOKEN=" + twiliosim.DefaultAuthToken,
		"TWILIO_SUPERSIM_ENDPOINT=" + url,
		"TWILIO_WIRELESS_ENDPOINT=" + url,
	}
}

// newClient returns a client as the provider makes it.
func newClient(url string) (*twilio.Client, error) {
	return twilio.New(twilio.Config{
		SuperSIMURL: url, WirelessURL: url,
		Config: rest.Config{
			MaxRetries:  twilio.DefaultMaxRetries,
			Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
		},
	})
}

// list reads a list to its end and returns how many commands it has.
func list(ctx context.Context, client *twilio.Client, options twilio.ListOptions) (int, error) {
	n := 0
	for _, err := range client.ListIPCommands(ctx, twilio.IPCommandFilter{}, options) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// sampleList measures the wall of a list, and of its floor before that. Both
// connections are open, and both heaps swept, before the clock starts.
func sampleList(ctx context.Context, url string) (samples, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	if _, err := list(ctx, client, twilio.ListOptions{Limit: 1}); err != nil {
		return nil, err
	}
	if _, err := readStats(ctx, url); err != nil {
		return nil, err
	}
	floor, err := wall(func() error {
		_, err := benchtest.FetchPages(ctx, http.DefaultClient, url)
		return err
	})
	if err != nil {
		return nil, err
	}
	var n int
	ours, err := wall(func() (err error) {
		n, err = list(ctx, client, twilio.ListOptions{})
		return err
	})
	return samples{"floor": floor, "ours": ours, "commands": float64(n)}, err
}

// wall returns how long f takes, in seconds.
func wall(f func() error) (float64, error) {
	runtime.GC()
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}

// cpu returns how much processor time this process takes while f runs, in
// seconds.
func cpu(f func() error) (float64, error) {
	runtime.GC()
	before, err := benchtest.CPUTime()
	if err != nil {
		return 0, err
	}
	if err := f(); err != nil {
		return 0, err
	}
	after, err := benchtest.CPUTime()
	return (after - before).Seconds(), err
}

// sampleListCPU measures the processor time of a list.
func sampleListCPU(ctx context.Context, url string) (samples, error) {
	client, err := newClient(url)
	if err != nil {
		return nil, err
	}
	if _, err := list(ctx, client, twilio.ListOptions{Limit: 1}); err != nil {
		return nil, err
	}
	used, err := cpu(func() error {
		_, err := list(ctx, client, twilio.ListOptions{})
		return err
	})
	return samples{"cpu": used}, err
}
