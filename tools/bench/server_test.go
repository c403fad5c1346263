package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// What every server knows.
const (
	accountSID = twiliosim.DefaultAccountSID
	authToken  = twiliosim.DefaultAuthToken
	simName    = "valve"
)

// serverEnv holds a serverConfig, as JSON, in the environment of a process
// that is to be a server.
const serverEnv = "BENCH_SERVER"

// serverConfig says what a server is like. Each is a process of its own, so
// that what it costs counts for nobody.
type serverConfig struct {
	// Commands is how many the list has.
	Commands int
	// Work is how long each request takes, apart from what the simulator needs.
	Work time.Duration
	// Limit is how many requests are taken at a time; what comes meanwhile is
	// answered 429 at once. Zero means no limit.
	Limit int
	// RetryAfter is what those that are refused are told, in seconds; zero
	// means nothing.
	RetryAfter int
	// SendDelay is how long a message is queued.
	SendDelay time.Duration
	// Devices is how many there are besides the one that all messages go to by
	// default, and AnswerAfter how long after a message has left each answers;
	// zero means never.
	Devices     int
	AnswerAfter time.Duration
	// StallLists has no list of IP Commands ever come.
	StallLists bool
}

func deviceName(i int) string { return fmt.Sprint("device-", i) }

// seen is what a server has seen.
type seen struct{ Requests, Refused, Connections int64 }

// serve serves a simulator on a loopback address, which it prints. For each
// line that it reads, it prints what it has seen since the last one. It ends
// where they end, as they do with whoever started it.
func serve(config string) error {
	var c serverConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	sim := twiliosim.New(twiliosim.Config{
		SendDelay: c.SendDelay, Latency: c.Work, Limit: twiliosim.Limit{InFlight: c.Limit, RetryAfter: c.RetryAfter},
		SIMs: []twiliosim.SIM{{UniqueName: simName}},
	})
	for i := range c.Devices {
		device := twiliosim.SIM{UniqueName: deviceName(i)}
		if c.AnswerAfter > 0 {
			device.Replies = []twiliosim.Reply{{Payload: []byte("ok"), After: c.AnswerAfter}}
		}
		sim.AddSIM(device)
	}
	if c.StallLists {
		sim.Inject(twiliosim.Fault{Stall: true, Match: func(method, path string, _, _ url.Values) bool {
			return method == http.MethodGet && path == "/v1/IpCommands"
		}})
	}
	now := time.Now()
	for i := range c.Commands {
		sim.AddIPCommand(twiliosim.IPCommand{
			Payload:     fmt.Sprintf(`{"seq":%d,"set":"report_interval","seconds":3600}`, i),
			DateCreated: now.Add(time.Duration(i-c.Commands) * time.Second),
		})
	}
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(sim)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	fmt.Println(server.URL)
	last := 0
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		requests := sim.Requests()[last:]
		last += len(requests)
		s := seen{Requests: int64(len(requests)), Connections: connections.Swap(0)}
		for _, r := range requests {
			if r.Status == http.StatusTooManyRequests {
				s.Refused++
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(s); err != nil {
			return err
		}
	}
	return nil
}

// server is a server that runs until the benchmark ends.
type server struct {
	url    string
	ask    io.Writer
	answer *bufio.Reader
}

func startServer(b *testing.B, c serverConfig) *server {
	b.Helper()
	config, err := json.Marshal(c)
	must(b, err)
	cmd := exec.CommandContext(b.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), serverEnv+"="+string(config))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	must(b, err)
	stdout, err := cmd.StdoutPipe()
	must(b, err)
	must(b, cmd.Start())
	b.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait() // It may have been ended before it ended by itself.
	})
	s := &server{ask: stdin, answer: bufio.NewReader(stdout)}
	line, err := s.answer.ReadString('\n')
	must(b, err)
	s.url = strings.TrimSpace(line)
	return s
}

// during returns what the server sees while f runs.
func (s *server) during(b *testing.B, f func()) seen {
	b.Helper()
	look := func() (now seen) {
		_, err := fmt.Fprintln(s.ask)
		must(b, err)
		line, err := s.answer.ReadBytes('\n')
		must(b, err)
		must(b, json.Unmarshal(line, &now))
		return now
	}
	look()
	f()
	return look()
}
