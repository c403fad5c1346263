package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// The fleet that is applied and planned.
const (
	fleetSize     = 1000
	fleetParallel = 100
)

// fleet is the configuration of fleetSize messages.
func fleet() string {
	return fmt.Sprintf(`
resource "twilio_ip_command" "fleet" {
  count         = %d
  sim           = %q
  payload       = "message ${count.index}"
  device_port   = 5683
  wait_for_sent = false
}
`, fleetSize, benchtest.SIM)
}

// things is the configuration of as many resources of the empty provider.
func things() string {
	return fmt.Sprintf(`
resource "empty_thing" "fleet" {
  count      = %d
  argument_0 = %q
  argument_1 = "message ${count.index}"
  argument_2 = "5683"
  argument_3 = "false"
  argument_4 = "text"
}
`, fleetSize, benchtest.SIM)
}

// applyAndPlan compares a fleet's apply and plan with those of a provider
// that does nothing.
func (b *bench) applyAndPlan(ctx context.Context) error {
	ours, err := b.newWorkspace("fleet", b.provider, fleet())
	if err != nil {
		return err
	}
	empty, err := b.newWorkspace("things", b.empty, things())
	if err != nil {
		return err
	}
	var applied, appliedEmpty, ideal, floor []float64
	var server *serverProcess
	defer func() {
		if server != nil {
			server.stop()
		}
	}()
	for i := range b.runs {
		// A simulator without history for each.
		if server != nil {
			server.stop()
		}
		if server, err = b.startServer(ctx, serveSimulator, 0); err != nil {
			return err
		}
		took, floorTook, err := inTurns(i,
			func() (float64, error) { return ours.apply(ctx, credentials(server.url)) },
			func() (float64, error) { return empty.apply(ctx, nil) })
		if err != nil {
			return err
		}
		sendTook, err := b.sampleIdealSends(ctx)
		if err != nil {
			return err
		}
		b.progress("  apply %d: %s; empty %s; ideal sending %s", i+1, seconds(took), seconds(floorTook), seconds(sendTook))
		applied, appliedEmpty, ideal = append(applied, took), append(appliedEmpty, floorTook), append(ideal, sendTook)
		floor = append(floor, floorTook+sendTook)
	}
	r := compared("apply of 1,000 resources, against 1,000 empty ones and the ideal sending", applied, floor, seconds, 1.3)
	r.floor = fmt.Sprintf("%s + %s", seconds(median(appliedEmpty)), seconds(median(ideal)))
	b.table.add(r)
	return b.planSettled(ctx, ours, empty, server)
}

// inTurns measures ours and its floor, the floor first in every other round:
// otherwise a machine that becomes slower or faster would favour one of them.
func inTurns(round int, ours, floor func() (float64, error)) (ourTook, floorTook float64, err error) {
	first, second := ours, floor
	firstTook, secondTook := &ourTook, &floorTook
	if round%2 == 1 {
		first, second = floor, ours
		firstTook, secondTook = &floorTook, &ourTook
	}
	if *firstTook, err = first(); err != nil {
		return 0, 0, err
	}
	*secondTook, err = second()
	return ourTook, floorTook, err
}

// planList runs a plan that reads the long list. There is no floor for what
// the CLI makes of so large a value.
func (b *bench) planList(ctx context.Context) error {
	w, err := b.newWorkspace("list", b.provider, fmt.Sprintf(`
data %q "all" {}

output "count" {
  value = length(data.%[1]s.all.ip_commands)
}
`, listDataSource))
	if err != nil {
		return err
	}
	server, err := b.startServer(ctx, serveReplay, listSize)
	if err != nil {
		return err
	}
	defer server.stop()
	var took []float64
	for range b.runs {
		t, err := w.run(ctx, credentials(server.url), fmt.Sprintf("count = %d", listSize), "plan", "-input=false", "-no-color")
		if err != nil {
			return err
		}
		took = append(took, t)
	}
	b.progress("  plan: %s", spread(took, seconds))
	b.table.add(row{"– plan with that data source, the CLI's part included", seconds(median(took)), none, none, none, none})
	return nil
}

// planSettled compares plans over what the last apply has left.
func (b *bench) planSettled(ctx context.Context, ours, empty *workspace, server *serverProcess) error {
	env := credentials(server.url)
	if _, err := ours.run(ctx, env, "", "apply", "-refresh-only", "-auto-approve", "-input=false", "-no-color", fmt.Sprintf("-parallelism=%d", fleetParallel)); err != nil {
		return err
	}
	state, err := os.ReadFile(filepath.Join(ours.dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	if n := strings.Count(string(state), `"status": "sent"`); n != fleetSize {
		return fmt.Errorf("%d commands of the state are settled", n)
	}
	var planned, floor, requests []float64
	for i := range b.runs {
		before, err := server.stats(ctx)
		if err != nil {
			return err
		}
		took, floorTook, err := inTurns(i,
			func() (float64, error) { return ours.plan(ctx, env) },
			func() (float64, error) { return empty.plan(ctx, nil) })
		if err != nil {
			return err
		}
		after, err := server.stats(ctx)
		if err != nil {
			return err
		}
		planned, floor = append(planned, took), append(floor, floorTook)
		requests = append(requests, float64(after.Requests-before.Requests))
	}
	b.progress("  plan: %s; empty %s", spread(planned, seconds), spread(floor, seconds))
	b.table.add(counted("requests of a plan over 1,000 settled commands", requests, 0))
	b.table.add(compared("plan over 1,000 settled commands, against 1,000 empty resources", planned, floor, seconds, 1.3))
	return nil
}

// sampleIdealSends returns how long the simulator takes, in seconds, to answer
// the fleet's POSTs to a client that does nothing but make them, as many at a
// time as apply does.
func (b *bench) sampleIdealSends(ctx context.Context) (float64, error) {
	server, err := b.startServer(ctx, serveSimulator, 0)
	if err != nil {
		return 0, err
	}
	defer server.stop()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: fleetParallel}}
	defer client.CloseIdleConnections()
	start := time.Now()
	err = inParallel(fleetSize, fleetParallel, func(i int) error {
		form := url.Values{"Sim": {benchtest.SIM}, "Payload": {payload(i)}, "PayloadType": {"text"}, "DevicePort": {"5683"}}
		return post(ctx, client, server.url, form)
	})
	return time.Since(start).Seconds(), err
}

func post(ctx context.Context, client *http.Client, base string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/IpCommands", bytes.NewReader([]byte(form.Encode())))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusCreated {
		return fmt.Errorf("POST: %s", resp.Status)
	}
	return nil
}

// startUp compares what the provider costs before it does anything.
func (b *bench) startUp(ctx context.Context) error {
	// Starts are short, so each sample is the mean of several.
	const starts = 10
	var ours, floor []float64
	for range b.runs {
		var o, f float64
		for range starts {
			took, err := sampleSchema(ctx, b.empty, b.dir)
			if err != nil {
				return err
			}
			f += took / starts
			if took, err = sampleSchema(ctx, b.provider, b.dir); err != nil {
				return err
			}
			o += took / starts
		}
		ours, floor = append(ours, o), append(floor, f)
	}
	b.progress("  schema: %s; empty %s", spread(ours, seconds), spread(floor, seconds))
	b.table.add(compared("time to start and serve the schema, against the empty provider", ours, floor, seconds, 1.2))
	ourSize, err := size(b.provider)
	if err != nil {
		return err
	}
	emptySize, err := size(b.empty)
	if err != nil {
		return err
	}
	b.table.add(compared("stripped binary, against the empty provider", []float64{ourSize}, []float64{emptySize}, mebibytes, 1.2))
	return nil
}
