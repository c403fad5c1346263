package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestLive_broken has simulators in which one assumption does not hold, and no
// other check may be mistaken about that.
func TestLive_broken(t *testing.T) {
	t.Parallel()
	refusedPort := func(_, _ string, _, form url.Values) bool { return form.Get("DevicePort") == "65536" }
	inject := func(f twiliosim.Fault) func(w *world) { return func(w *world) { w.sim.Inject(f) } }
	rows := func(change func(w *world, rows []map[string]any) []map[string]any) func(w *world) {
		return func(w *world) {
			w.rewrite = func(_ *http.Request, body []byte) []byte {
				var list map[string]json.RawMessage
				var cmds []map[string]any
				if json.Unmarshal(body, &list) != nil || json.Unmarshal(list["ip_commands"], &cmds) != nil {
					return body
				}
				list["ip_commands"], _ = json.Marshal(change(w, cmds))
				body, _ = json.Marshal(list)
				return body
			}
		}
	}
	each := func(field string, value any) func(w *world) {
		return rows(func(_ *world, rows []map[string]any) []map[string]any {
			for _, cmd := range rows {
				cmd[field] = value
			}
			return rows
		})
	}
	dates := func(pattern, with string) func(w *world) {
		return func(w *world) {
			w.rewrite = func(_ *http.Request, body []byte) []byte {
				return regexp.MustCompile(`"date_created":"`+pattern).ReplaceAll(body, []byte(`"date_created":"`+with))
			}
		}
	}
	// young reports whether a command was created within the last minute.
	young := func(w *world, cmd map[string]any) bool {
		created, _ := time.Parse(time.RFC3339, cmd["date_created"].(string))
		return w.clock.Now().Sub(created) < time.Minute
	}
	for _, test := range []struct {
		name, assumption string
		platform         twiliosim.Platform
		change           func(w *world)
		// unclear are other checks that then can't tell.
		unclear []string
	}{
		{name: "the list lags", assumption: "A message", unclear: []string{"Lists are", "A page"}, change: rows(func(w *world, rows []map[string]any) []map[string]any {
			return slices.DeleteFunc(rows, func(cmd map[string]any) bool { return young(w, cmd) })
		})},
		{name: "the list has other payloads", assumption: "A message", change: each("payload", "?")},
		{name: "the list has other ports", assumption: "A message", change: each("device_port", 10)},
		{name: "oldest first", assumption: "Lists are", change: rows(func(_ *world, rows []map[string]any) []map[string]any {
			slices.Reverse(rows)
			return rows
		})},
		{name: "PageSize is ignored", assumption: "A page", change: rows(func(_ *world, rows []map[string]any) []map[string]any {
			return append(rows, rows...)
		})},
		{name: "the largest page is refused", assumption: "A page", platform: twiliosim.KORE, unclear: []string{"Lists are", "Dates are", "Commands are"}, change: inject(twiliosim.Fault{
			Status: http.StatusBadRequest, Match: func(_, _ string, query, _ url.Values) bool { return query.Get("PageSize") == "100" },
		})},
		{name: "fractions of a second", assumption: "Dates are", change: dates(`([^"]*)Z`, `${1}.5Z`)},
		{name: "another clock", assumption: "date_created is", change: inject(twiliosim.Fault{Header: http.Header{"Date": {"Sun, 01 Mar 2026 11:00:00 GMT"}}})},
		{name: "refused and processed", assumption: "A refusal", change: func(w *world) {
			var payload string
			w.sim.Inject(twiliosim.Fault{
				Match: func(method, path string, query, form url.Values) bool {
					payload = form.Get("Payload")
					return refusedPort(method, path, query, form)
				},
				Status: http.StatusBadRequest,
				Then:   func() { w.sim.AddIPCommand(twiliosim.IPCommand{SIMSID: w.card.SID, Payload: payload}) },
			})
		}},
		{name: "refused in another form", assumption: "A refusal", change: inject(twiliosim.Fault{
			Match: refusedPort, Status: http.StatusBadRequest, Body: []byte("<html>Bad request</html>"),
		})},
		{name: "404 without 20404", assumption: "A command", change: inject(twiliosim.Fault{
			Status: http.StatusNotFound, Body: []byte(`{"status":404,"message":"no such thing","code":20000}`),
		}.On(http.MethodGet, "/v1/IpCommands/"))},
		{name: "a token refused otherwise", assumption: "KORE refuses", platform: twiliosim.KORE, change: func(w *world) {
			w.rewrite = func(req *http.Request, body []byte) []byte {
				if strings.HasSuffix(req.Header.Get("Authorization"), "x") {
					return []byte(`{"message":"no"}`)
				}
				return body
			}
		}},
		{name: "kept for longer", assumption: "Commands are", change: dates(`2026-01`, `2025-12`)},
		{name: "a Date is missing", assumption: "Each answer", change: inject(twiliosim.Fault{Header: http.Header{"Date": nil}}.On(http.MethodGet, "/v1/IpCommands/"))},
		{name: "a cache", assumption: "Each answer", change: inject(twiliosim.Fault{Header: http.Header{"Age": {"3"}}, Times: 1})},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.platform)
			w.old()
			test.change(w)
			wanted := want(test.platform)
			wanted[test.assumption] = "DOES NOT"
			for _, other := range test.unclear {
				wanted[other] = "could not tell"
			}
			if found := w.run(t, exitFails); !maps.Equal(found, wanted) {
				t.Errorf("%v\n%s", found, &w.out)
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
