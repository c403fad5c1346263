package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/benchtest"
)

// The servers. Each is a process of its own, so that what it costs counts for
// nobody.
const (
	// roleServe is the first argument of a server; then come its kind, and
	// the number of commands that it knows.
	roleServe = "serve"

	serveSimulator = "simulator" // the simulator
	serveReplay    = "replay"    // the simulator's pages, from memory
	serveGenerated = "generated" // pages that are made as they are asked for
	serveBusy      = "busy"      // takes 50 ms, and 25 messages at a time
)

// What the busy server takes.
const (
	busyWork  = 50 * time.Millisecond
	busyLimit = 25
)

// statsPath is where a server tells what it has seen.
const statsPath = "/bench/stats"

// stats is what a server has seen.
type stats struct{ Requests, Connections, Refused int64 }

// serve serves until its standard input ends, as it does with whoever started
// it.
func serve(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("serve needs a kind and a number")
	}
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	var seen struct{ requests, connections atomic.Int64 }
	refused := func() int { return 0 }
	var api http.Handler
	switch args[0] {
	case serveSimulator:
		api = benchtest.Simulator(n)
	case serveReplay:
		api = benchtest.Replay(benchtest.Simulator(n))
	case serveGenerated:
		api = benchtest.Generated(n)
	case serveBusy:
		busy := &benchtest.Busy{Work: busyWork, Limit: busyLimit}
		api, refused = busy, busy.Refused
	default:
		return fmt.Errorf("no server %q", args[0])
	}
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == statsPath {
			_ = json.NewEncoder(w).Encode(stats{seen.requests.Load(), seen.connections.Load(), int64(refused())})
			return
		}
		seen.requests.Add(1)
		api.ServeHTTP(w, r)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           http.HandlerFunc(handler),
		ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				seen.connections.Add(1)
			}
		},
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Printf("http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serverProcess is a server that runs.
type serverProcess struct {
	url   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// startServer starts a server and waits until it listens.
func (b *bench) startServer(ctx context.Context, kind string, n int) (*serverProcess, error) {
	cmd := exec.CommandContext(ctx, b.self, roleServe, kind, strconv.Itoa(n)) //nolint:gosec // It is this very command.
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &serverProcess{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("starting the server %q: %w", kind, err)
	}
	s.url = strings.TrimSpace(line)
	return s, nil
}

// stop ends the server.
func (s *serverProcess) stop() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait() // It has nothing more to say.
}

// stats asks a server what it has seen.
func (s *serverProcess) stats(ctx context.Context) (stats, error) { return readStats(ctx, s.url) }

// readStats asks a server what it has seen. That counts for no request, and
// for one connection at the first time.
func readStats(ctx context.Context, url string) (stats, error) {
	var seen stats
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+statsPath, nil) //nolint:gosec // It is our own server.
	if err != nil {
		return seen, err
	}
	resp, err := http.DefaultClient.Do(req) //nolint:gosec // It is our own server.
	if err != nil {
		return seen, err
	}
	defer resp.Body.Close()
	// To the end, so that the connection can be used again.
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return seen, err
	}
	return seen, json.Unmarshal(body, &seen)
}
