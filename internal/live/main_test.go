package main

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// world is a simulator, and a run against it.
type world struct {
	sim   *twiliosim.Simulator
	card  twiliosim.SIM
	clock *clock.Fake
	env   map[string]string
	out   bytes.Buffer
	// rewrite, if set, changes the responses.
	rewrite func(req *http.Request, body []byte) []byte
	process
}

func newWorld(t *testing.T, platform twiliosim.Platform) *world {
	t.Helper()
	w := &world{clock: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC))}
	w.sim = twiliosim.New(twiliosim.Config{Platform: platform, Now: w.clock.Now})
	w.card = w.sim.AddSIM(twiliosim.SIM{})
	server, err := twiliosim.Serve(w.sim, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	w.env = map[string]string{"TWILIO_SUPERSIM_ENDPOINT": server.URL, "TWILIO_TOKEN_ENDPOINT": server.URL + twiliosim.TokenPath}
	if platform == twiliosim.KORE {
		w.env["KORE_CLIENT_ID"], w.env["KORE_CLIENT_SECRET"] = twiliosim.DefaultClientID, twiliosim.DefaultClientSecret
	} else {
		w.env["TWILIO_ACCOUNT_SID"], w.env["TWILIO_AUTH_TOKEN"] = twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken
	}
	w.process = process{
		getenv: func(name string) string { return w.env[name] },
		home:   func() (string, error) { return "", fs.ErrNotExist },
		clock:  w.clock, transport: w, out: &w.out,
	}
	return w
}

// RoundTrip implements http.RoundTripper.
func (w *world) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil || w.rewrite == nil {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	body = w.rewrite(req, body)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return resp, err
}

// run runs the checks, and returns what each came to by the first words of its
// assumption.
func (w *world) run(t *testing.T, wantExit int) map[string]string {
	t.Helper()
	if exit := w.main(t.Context(), []string{"-sim", w.card.SID}); exit != wantExit {
		t.Errorf("exits with %d, want %d", exit, wantExit)
	}
	for _, secret := range []string{twiliosim.DefaultAuthToken, twiliosim.DefaultClientSecret} {
		if strings.Contains(w.out.String(), secret) {
			t.Errorf("%q is printed", secret)
		}
	}
	found := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^(holds|DOES NOT|could not tell)  +(.*)$`).FindAllStringSubmatch(w.out.String(), -1) {
		found[strings.Join(strings.Fields(row[2])[:2], " ")] = row[1]
	}
	return found
}

// old is a command that the API keeps almost for the longest.
func (w *world) old() {
	w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, DateCreated: w.clock.Now().Add(-29*24*time.Hour - time.Hour)})
}

// want is what the checks come to where all holds.
func want(platform twiliosim.Platform) map[string]string {
	found := map[string]string{}
	for _, a := range assumptions {
		found[strings.Join(strings.Fields(strings.ReplaceAll(a.text, "`", ""))[:2], " ")] = "holds"
	}
	found["A 429"] = "could not tell"
	if platform == twiliosim.Twilio {
		found["KORE refuses"] = "could not tell"
	}
	return found
}

func TestLive_holds(t *testing.T) {
	t.Parallel()
	for _, platform := range []twiliosim.Platform{twiliosim.Twilio, twiliosim.KORE} {
		t.Run(platform.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, platform)
			w.old()
			w.sim.Inject(twiliosim.Fault{Header: http.Header{"Age": {"0"}}, Times: 1}) // Not an old one.
			saidBefore := false
			w.sim.Inject(twiliosim.Fault{Times: 1, Then: func() { saidBefore = strings.Contains(w.out.String(), "This sends 2 messages") }}.On(http.MethodPost, "/v1"))
			if found := w.run(t, exitHolds); !maps.Equal(found, want(platform)) {
				t.Errorf("%v\n%s", found, &w.out)
			}
			if n := w.sim.Count(http.MethodPost, "/v1/IpCommands"); n != 3 || len(w.sim.IPCommands()) != 3 || !saidBefore {
				t.Errorf("%d POSTs, %d commands, said before: %t", n, len(w.sim.IPCommands()), saidBefore)
			}
			if !strings.Contains(w.out.String(), "3 messages were asked for, and 2 are known to be sent: "+w.sim.IPCommands()[1].SID) {
				t.Errorf("it does not say what was sent: %s", &w.out)
			}
		})
	}
}

// TestLive_nothingOld: where the SIM has no old command, nobody knows how long
// they are kept.
func TestLive_nothingOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Twilio)
	if found := w.run(t, exitHolds); found["Commands are"] != "could not tell" {
		t.Errorf("%v", found)
	}
}

// TestLive_interrupted: after a signal what is in flight ends, nothing else is
// sent, and what was sent is told.
func TestLive_interrupted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Twilio)
	ctx, cancel := context.WithCancel(t.Context())
	w.sim.Inject(twiliosim.Fault{Then: cancel}.On(http.MethodPost, "/"))
	if exit := w.main(ctx, []string{"-sim", w.card.UniqueName}); exit != exitHolds {
		t.Errorf("exits with %d", exit)
	}
	told := "1 messages were asked for, and 1 are known to be sent: " + w.sim.IPCommands()[0].SID
	if w.sim.Count(http.MethodPost, "") != 1 || !strings.Contains(w.out.String(), told) || strings.Contains(w.out.String(), "holds") {
		t.Errorf("%d POSTs, %s", w.sim.Count(http.MethodPost, ""), &w.out)
	}
}

// TestLive_refused: without a SIM or credentials that work, nothing is sent.
func TestLive_refused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, says string
		args       []string
		env        string
		gets       int
	}{
		{name: "no SIM", says: "make test-live SIM=", env: "X"},
		{name: "a wrong port", args: []string{"-sim", "sim-0001", "-port", "65536"}, says: "make test-live SIM=", env: "X"},
		{name: "half of the credentials", args: []string{"-sim", "sim-0001"}, env: "TWILIO_AUTH_TOKEN", says: "Nothing was sent: Incomplete credentials"},
		{name: "wrong credentials", args: []string{"-sim", "sim-0001"}, env: "TWILIO_ACCOUNT_SID=AC" + strings.Repeat("0", 32), says: "Nothing was sent: GET ", gets: 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, twiliosim.Twilio)
			name, value, _ := strings.Cut(test.env, "=")
			w.env[name] = value
			if exit := w.main(t.Context(), test.args); exit != exitNotRun || !strings.Contains(w.out.String(), test.says) {
				t.Errorf("exits with %d: %s", exit, &w.out)
			}
			if gets := w.sim.Count(http.MethodGet, ""); gets != test.gets || w.sim.Count(http.MethodPost, "") != 0 {
				t.Errorf("%d GETs", gets)
			}
		})
	}
}

// TestWire_maxMessages: whatever the checks do, there is no sixth message.
func TestWire_maxMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twiliosim.Twilio)
	r, err := w.newRun(w.card.SID, 9)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = r.find(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= maxMessages+1; n++ {
		if _, err = r.message(t.Context(), n); (err != nil) != (n > maxMessages) {
			t.Errorf("message %d: %v", n, err)
		}
	}
	if n := w.sim.Count(http.MethodPost, ""); n != maxMessages {
		t.Errorf("%d POSTs", n)
	}
}

// TestPage holds ASSUMPTIONS.md to the list in the code.
func TestPage(t *testing.T) {
	t.Parallel()
	if got, err := os.ReadFile("../../ASSUMPTIONS.md"); err != nil || string(got) != page() {
		t.Errorf("ASSUMPTIONS.md is not as `make docs` writes it: %v", err)
	}
	for _, a := range assumptions {
		if strings.Contains(a.text+a.source+a.breaks+a.how, "|") || (a.check == nil) != strings.HasPrefix(a.how, "can't be checked: ") {
			t.Errorf("%q is not complete", a.text)
		}
	}
}
