package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/simconfig"
)

// asCommand is the environment variable that makes the test binary be the
// command.
const asCommand = "TWILIOSIM_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// running is a run of the command in this process.
type running struct {
	t      *testing.T
	lines  chan string // what it prints; closed at its end
	cancel context.CancelFunc
	err    error // of the run; set before lines is closed
	url    string
}

// start runs the command until it listens.
func start(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	p := &running{t: t, lines: make(chan string, 100), cancel: cancel}
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), w)
		_ = w.Close() // never fails
	}()
	go func() {
		for s := bufio.NewScanner(r); s.Scan(); {
			p.lines <- s.Text()
		}
		p.err = <-done
		close(p.lines)
	}()
	t.Cleanup(func() { _, _ = p.stop() })
	line := p.line()
	base, ok := strings.CutPrefix(line, "listening on ")
	if !ok {
		t.Fatalf("the first line is %q", line)
	}
	p.url = base
	return p
}

// line returns the next line printed.
func (r *running) line() string {
	r.t.Helper()
	line, ok := <-r.lines
	if !ok {
		r.t.Fatalf("it ended: %v", r.err)
	}
	return line
}

// stop ends the run and returns what it printed besides.
func (r *running) stop() (rest []string, err error) {
	r.cancel()
	for line := range r.lines {
		rest = append(rest, line)
	}
	return rest, r.err
}

// send posts a message and returns the status.
func (r *running) send(sim, payload string) int {
	r.t.Helper()
	form := url.Values{"Sim": {sim}, "Payload": {payload}, "DevicePort": {"5683"}}
	return r.do("/v1/IpCommands", twiliosim.DefaultAPIKey, form)
}

// do posts a form, with the default API key's secret if there is a user, and
// returns the status.
func (r *running) do(path, user string, form url.Values) int {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user != "" {
		request.SetBasicAuth(user, twiliosim.DefaultAPISecret)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if response.StatusCode == http.StatusCreated && !strings.Contains(string(body), `"url":"`+r.url+"/v1/") {
		r.t.Errorf("its links lead elsewhere: %s, %v", body, err)
	}
	return response.StatusCode
}

func TestRun(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "address")
	if err := os.WriteFile(file, []byte("left behind"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := start(t, "-address-file", file, "-send-delay", "1ms", "-seed")
	if got, err := os.ReadFile(file); err != nil || string(got) != r.url+"\n" {
		t.Errorf("the address file says %q, %v", got, err)
	}
	if status := r.send("valve-01", "open"); status != http.StatusCreated {
		t.Errorf("status %d", status)
	}
	request, delivered := r.line(), r.line()
	if strings.HasPrefix(request, "delivered") { // a busy machine delivers before it responds
		request, delivered = delivered, request
	}
	sid, ok := strings.CutPrefix(request, "request POST /v1/IpCommands 201 ")
	if !ok || len(sid) != 34 {
		t.Errorf("printed %q", request)
	}
	if !strings.HasPrefix(delivered, "delivered "+sid+" to valve-01 (HS") || !strings.HasSuffix(delivered, `) udp/5683 text 4 bytes: "open"`) {
		t.Errorf("printed %q", delivered)
	}
	if rest, err := r.stop(); err != nil || rest != nil {
		t.Errorf("stopped with %v, %q", err, rest)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the address file is still there: %v", err)
	}
}

func TestRunQuietAndEmpty(t *testing.T) {
	t.Parallel()
	r := start(t, "-quiet", "-seed=false", "-send-delay=0s")
	if status := r.send("valve-01", "open"); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	if rest, err := r.stop(); err != nil || rest != nil {
		t.Errorf("stopped with %v, %q", err, rest)
	}
}

// seeded are the SIMs that a run starts with, according to -help.
var seeded = []string{"valve-01", "valve-02", "valve-03", "meter-01", "meter-02"}

func TestRunKnowsSIMs(t *testing.T) {
	t.Parallel()
	r := start(t, "-quiet")
	for _, sim := range seeded {
		if status := r.send(sim, "x"); status != http.StatusCreated {
			t.Errorf("%s: status %d", sim, status)
		}
	}
}

func TestRunAsKORE(t *testing.T) {
	t.Parallel()
	r := start(t, "-platform", "kore")
	if status := r.send("valve-01", "open"); status != http.StatusUnauthorized {
		t.Errorf("status %d with Basic credentials", status)
	}
	status := r.do(twiliosim.TokenPath, "", url.Values{
		"grant_type": {"client_credentials"},
		"client_id":  {twiliosim.DefaultClientID}, "client_secret": {twiliosim.DefaultClientSecret},
	})
	if status != http.StatusOK {
		t.Errorf("status %d of the token", status)
	}
	for _, want := range []string{"request POST /v1/IpCommands 401", "request POST " + twiliosim.TokenPath + " 200"} {
		if line := r.line(); line != want {
			t.Errorf("printed %q, want %q", line, want)
		}
	}
	if rest, err := r.stop(); err != nil || rest != nil {
		t.Errorf("stopped with %v, %q", err, rest)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-help"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range append([]string{
		"-listen", "-platform", "-address-file", "-send-delay", "-seed", "-quiet",
		"KORE_CLIENT_ID=" + twiliosim.DefaultClientID, "KORE_CLIENT_SECRET=" + twiliosim.DefaultClientSecret,
		"TWILIO_TOKEN_ENDPOINT=http://127.0.0.1:8765" + twiliosim.TokenPath + "\n",
		"TWILIO_ACCOUNT_SID=" + twiliosim.DefaultAccountSID, "TWILIO_AUTH_TOKEN=" + twiliosim.DefaultAuthToken,
		"TWILIO_SUPERSIM_ENDPOINT=http", "TWILIO_WIRELESS_ENDPOINT=http", "curl", "SIGTERM",
		"-config", "  sim \"meter-01\" {\n", "calls nobody",
	}, seeded...) {
		if !strings.Contains(out.String(), want) {
			t.Errorf("-help says nothing of %s", want)
		}
	}
	if strings.Contains(out.String(), "%!") {
		t.Errorf("-help is badly formatted:\n%s", &out)
	}
}

// TestExampleConfig reads the configuration file that -help shows.
func TestExampleConfig(t *testing.T) {
	t.Parallel()
	var cfg twiliosim.Config
	if err := simconfig.Parse("example", []byte(exampleConfig), &cfg); err != nil || len(cfg.SIMs) != 1 || len(cfg.SIMs[0].Replies) != 3 {
		t.Errorf("%+v, %v", cfg, err)
	}
}

// writeConfig writes a configuration file and returns its path.
func writeConfig(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestRunConfigured has the SIMs of a file and no others, and a flag after the
// file overrule it.
func TestRunConfigured(t *testing.T) {
	t.Parallel()
	config := writeConfig(t, "sim.hcl", `
platform   = "kore"
send_delay = "1h"
sim "meter-01" {
  reply {
    text = "120538"
  }
}
`)
	r := start(t, "-config", config, "-platform", "twilio", "-send-delay", "1ms")
	if status := r.send("valve-01", "open"); status != http.StatusNotFound {
		t.Errorf("status %d of a SIM that is not in the file", status)
	}
	if status := r.send("meter-01", "READ"); status != http.StatusCreated {
		t.Errorf("status %d", status)
	}
	// A busy machine delivers before it responds, so the order is open.
	lines := r.line() + "\n" + r.line() + "\n" + r.line() + "\n" + r.line()
	for _, want := range []string{"IpCommands 404", "IpCommands 201 HG", "delivered HG", `udp/5683 6 bytes: "120538"`} {
		if !strings.Contains(lines, want) {
			t.Errorf("no %q in %s", want, lines)
		}
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	mistake := writeConfig(t, "mistake.hcl", "sim \"a\" {\n  fleat = \"valves\"\n}\n")
	empty := writeConfig(t, "empty.hcl", "")
	for _, tc := range []struct {
		want string
		args []string
	}{
		{"-nonsense", []string{"-nonsense"}},
		{`unexpected argument "8080"`, []string{"8080"}},
		{"there are twilio and kore", []string{"-platform", "vonage"}},
		{"for flag -config: open ", []string{"-config", filepath.Join(t.TempDir(), "sim.hcl")}},
		{"mistake.hcl:2:3: Unsupported argument: ", []string{"-config", mistake}},
		{"-seed and -config exclude each other", []string{"-config", empty, "-seed"}},
		{"-seed and -config exclude each other", []string{"-seed", "-config", empty}},
		{"there is a configuration file already", []string{"-config", empty, "-config", empty}},
		{"-send-delay is -1s", []string{"-send-delay", "-1s"}},
		{"loopback only", []string{"-listen", "0.0.0.0:0"}},
		{"address file", []string{"-listen", "127.0.0.1:0", "-address-file", filepath.Join(t.TempDir(), "no", "such")}},
		{"old address file", []string{"-listen", "127.0.0.1:0", "-address-file", "."}},
	} {
		var out bytes.Buffer
		err := run(t.Context(), tc.args, &out)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v: %v", tc.args, err)
		}
		if out.Len() > 0 {
			t.Errorf("%v: printed %q", tc.args, &out)
		}
	}
}
