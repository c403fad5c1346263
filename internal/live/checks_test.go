package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
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
		{name: "a Date is missing", assumption: "Each response", change: inject(twiliosim.Fault{Header: http.Header{"Date": nil}}.On(http.MethodGet, "/v1/IpCommands/"))},
		{name: "a cache", assumption: "Each response", change: inject(twiliosim.Fault{Header: http.Header{"Age": {"3"}}, Times: 1})},
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
