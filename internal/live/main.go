// Command live checks, one by one, what the rules of sending assume of the API:
// against a real account, or against the simulator. ASSUMPTIONS.md lists it.
//
// It sends messages to the SIM that is named, and says which and how many
// before. `make test-live` runs it.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"text/tabwriter"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/provider"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

func main() {
	// After the first signal, what is in flight ends, and no more is sent. A
	// second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	p := process{getenv: os.Getenv, home: os.UserHomeDir, clock: clock.System{}, transport: rest.NewTransport(), out: os.Stdout}
	os.Exit(p.main(ctx, os.Args[1:]))
}

// process is what the command uses of the process that it runs in.
type process struct {
	getenv    func(string) string
	home      func() (string, error)
	clock     clock.Clock
	transport http.RoundTripper
	out       io.Writer
}

// What the command exits with.
const (
	exitHolds  = iota // or could not tell
	exitFails         // an assumption does not hold
	exitNotRun        // nothing was sent
)

func (p process) main(ctx context.Context, args []string) int {
	flags := flag.NewFlagSet("live", flag.ContinueOnError)
	flags.SetOutput(p.out)
	sim := flags.String("sim", "", "SID or unique name of the Super SIM to send to")
	port := flags.Int64("port", 9, "UDP port on its device; what listens there gets the messages")
	list := flags.Bool("list", false, "only print ASSUMPTIONS.md")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitHolds
	case err != nil:
		return exitNotRun
	case *list:
		p.printf("%s", page())
		return exitHolds
	case *sim == "" || *port < 1 || *port > 65535 || flags.NArg() > 0:
		p.printf("Name a Super SIM, which gets messages, and perhaps another UDP port: make test-live SIM=HS... PORT=9\n")
		return exitNotRun
	}
	r, err := p.newRun(*sim, *port)
	if err == nil {
		// Nothing is sent before it is known that the API can be read.
		_, err = r.find(ctx, "")
	}
	if err != nil {
		p.printf("Nothing was sent: %v\n", err)
		return exitNotRun
	}
	return r.check(ctx)
}

func (p process) printf(format string, a ...any) { _, _ = fmt.Fprintf(p.out, format, a...) }

// run is one run of the checks.
type run struct {
	process
	client *twilio.Client
	wire   *wire
	sim    string
	port   int64
	// mark makes the payloads of a run its own.
	mark     int64
	messages []message
}

func (p process) newRun(sim string, port int64) (*run, error) {
	config, err := provider.ClientConfig(p.getenv, p.home)
	if err != nil {
		return nil, err
	}
	r := &run{process: p, wire: &wire{RoundTripper: p.transport}, sim: sim, port: port, mark: p.clock.Now().UnixNano()}
	config.Clock, config.Transport, config.UserAgent = p.clock, r.wire, "terraform-provider-twilio/live"
	r.client, err = twilio.New(config)
	return r, err
}

// params are those of the run's n-th message.
func (r *run) params(n int) twilio.MessageParams {
	payload := fmt.Sprintf("terraform-provider-twilio test-live %d %d", r.mark, n)
	return twilio.MessageParams{SIM: r.sim, Payload: payload, PayloadType: twilio.PayloadText, DevicePort: r.port}
}

// check makes all checks, and prints a table of what they found.
func (r *run) check(ctx context.Context) (exit int) {
	r.printf("This sends 2 messages to the SIM %s, UDP port %d, through %s with the %s, and asks for a third, which the API has to refuse. It takes about a minute.\n\n",
		r.sim, r.port, r.client.Platform.Name, r.client.IPCommands.Credentials.Describe())
	defer func() {
		sent := []string{}
		for _, m := range r.messages {
			if m.SID != "" {
				sent = append(sent, m.SID)
			}
		}
		r.printf("\n%d messages were asked for, and %d are known to be sent: %s\n", r.wire.messages, len(sent), strings.Join(sent, ", "))
	}()
	table := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	defer func() { _ = table.Flush() }()
	for _, a := range assumptions {
		err := errors.New(a.how)
		switch {
		case a.check == nil:
		case ctx.Err() != nil:
			err = errors.New("interrupted")
		default:
			err = a.check(r, ctx)
		}
		verdict, why := "holds", ""
		if err != nil {
			verdict, why = "could not tell", strings.Join(strings.Fields(err.Error()), " ")
		}
		if errors.As(err, new(wrong)) {
			verdict, why, exit = "DOES NOT", why+". Breaks "+cmp.Or(a.breaks, "no rule, but each look is an error"), exitFails
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", verdict, strings.ReplaceAll(a.text, "`", ""), why)
	}
	return exit
}
