package twilio

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestSentBefore_R10 has what was sent before, the oldest first, and what is found
// within an hour.
func TestSentBefore_R10(t *testing.T) {
	t.Parallel()
	type command = func(*world) string
	equal := func(w *world) string { return w.before(time.Minute, nil) }
	with := func(ago time.Duration, change func(*twiliosim.IPCommand)) command {
		return func(w *world) string { return w.before(ago, change) }
	}
	// forgotten is given up, for another message or not, by one resource or more.
	// Its payload is write-only.
	forgotten := func(replaced ...bool) command {
		return func(w *world) string {
			sid, m := equal(w), w.message()
			m.Payload = ""
			for _, r := range replaced {
				w.client.giveUp(sid, w.card.SID, m, r)
			}
			return sid
		}
	}
	for name, test := range map[string]struct {
		sent []command
		// found is the index of what is found; -1 is nothing.
		found int
	}{
		"nothing":                   {nil, -1},
		"the message":               {[]command{equal}, 0},
		"the newest of two":         {[]command{equal, equal}, 1},
		"just within the window":    {[]command{with(time.Hour, nil)}, 0},
		"just out of it":            {[]command{with(time.Hour+3*time.Second, nil)}, -1},
		"older":                     {[]command{with(2*time.Hour, nil)}, -1},
		"failed":                    {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.Status = StatusFailed })}, -1},
		"failed, and one before":    {[]command{with(2*time.Minute, nil), with(time.Minute, func(c *twiliosim.IPCommand) { c.Status = StatusFailed })}, -1},
		"another payload":           {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.Payload = "CLOSE" })}, -1},
		"another type":              {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.PayloadType, c.Payload = PayloadBinary, "QUJD" })}, -1},
		"open, close":               {[]command{equal, with(30*time.Second, func(c *twiliosim.IPCommand) { c.Payload = "CLOSE" })}, -1},
		"newer on another port":     {[]command{equal, with(30*time.Second, func(c *twiliosim.IPCommand) { c.DevicePort = 1 })}, 0},
		"newer to another SIM":      {[]command{equal, with(30*time.Second, func(c *twiliosim.IPCommand) { c.SIMSID = w2 })}, 0},
		"only on another port":      {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.DevicePort = 1 })}, -1},
		"only to another SIM":       {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.SIMSID = w2 })}, -1},
		"only from the device":      {[]command{with(time.Minute, func(c *twiliosim.IPCommand) { c.Direction = DirectionFromSIM })}, -1},
		"newer from the device":     {[]command{equal, with(time.Second, func(c *twiliosim.IPCommand) { c.Direction = DirectionFromSIM })}, 0},
		"replaced":                  {[]command{forgotten(true)}, -1},
		"replaced, and one before":  {[]command{equal, forgotten(true)}, -1},
		"replaced, and one since":   {[]command{forgotten(true), equal}, 1},
		"destroyed, and one before": {[]command{equal, forgotten(false)}, 1},
		"destroyed":                 {[]command{forgotten(false)}, 0},
		"destroyed, then replaced":  {[]command{forgotten(false, true)}, -1},
		"replaced, then destroyed":  {[]command{forgotten(true, false)}, -1},
		"the oldest of 51":          {append([]command{equal}, slicesOf(50, with(30*time.Second, func(c *twiliosim.IPCommand) { c.DevicePort = 1 }))...), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sim.AddSIM(twiliosim.SIM{SID: w2})
			var sids []string
			for _, send := range test.sent {
				sids = append(sids, send(w))
			}
			sent, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{})
			want := ""
			if test.found >= 0 {
				want = sids[test.found]
			}
			if err != nil || found != (want != "") || sent.SID != want {
				t.Errorf("found %q, %v; want %q", sent.SID, err, want)
			}
			w.wantRequests(0, (len(test.sent)+lookPageSize)/lookPageSize)
		})
	}
}

func slicesOf[T any](n int, v T) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = v
	}
	return all
}

// TestSentBefore_R10_base64 has the same bytes, written in another way.
func TestSentBefore_R10_base64(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := w.message()
	m.PayloadType, m.Payload = PayloadBinary, base64.StdEncoding.EncodeToString([]byte{1})
	sid := w.before(time.Minute, func(c *twiliosim.IPCommand) { c.PayloadType, c.Payload = PayloadBinary, "AR==" }) // The same byte.
	if sent, found, err := w.client.findSent(t.Context(), m, time.Hour, time.Time{}); err != nil || !found || sent.SID != sid {
		t.Errorf("%q, %v", sent.SID, err)
	}
}

// TestSentBefore_R10_fails has looks that tell nothing: nothing is to be sent.
func TestSentBefore_R10_fails(t *testing.T) {
	t.Parallel()
	row := func(fields string) twiliosim.Fault {
		return twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[{"sid":"` + hg(1) + `"` + fields + `}],"meta":{"next_page_url":null}}`)}
	}
	now := fmt.Sprintf(`,"date_created":%q`, epoch.Format(time.RFC3339))
	sim := `,"sim_sid":"` + w1 + `"`
	whole := sim + `,"device_port":5683,"payload_type":"text","payload":"` + textPayload + `"`
	for name, test := range map[string]struct {
		fault twiliosim.Fault
		text  string
	}{
		"down":           {twiliosim.ServerError(503, 0), "HTTP 503"},
		"refused":        {twiliosim.ServerError(403, 0), "HTTP 403"},
		"repeated":       {twiliosim.Fault{Status: 400, Body: []byte(`{"code":20001,"message":"no room for ` + textPayload + `"}`)}, "no room for [redacted]"},
		"no list":        {twiliosim.Fault{Status: 200, Body: []byte("<html>")}, "an HTML page"},
		"no Date":        {twiliosim.Fault{Status: 200, Header: http.Header{"Date": nil}, Body: row(now + whole).Body}, "has no Date"},
		"old":            {twiliosim.Fault{Status: 200, Header: http.Header{"Date": {epoch.Add(-61 * time.Second).Format(http.TimeFormat)}}, Body: row(now + whole).Body}, "from a cache"},
		"a cache's":      {twiliosim.Fault{Status: 200, Header: http.Header{"Age": {"1"}}, Body: row(now + whole).Body}, "from a cache"},
		"no dates":       {row(whole), "does not tell"},
		"no SIM":         {row(now + strings.TrimPrefix(whole, sim)), "does not tell"},
		"no port":        {row(now + sim + `,"payload_type":"text","payload":"` + textPayload + `"`), "does not tell"},
		"no payload":     {row(now + sim + `,"device_port":5683,"payload_type":"text"`), "does not tell"},
		"no type":        {row(now + sim + `,"device_port":5683,"payload":"` + textPayload + `"`), "does not tell"},
		"beyond the end": {twiliosim.TooManyRequests("90", 0), "HTTP 429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.card = w.sim.AddSIM(twiliosim.SIM{SID: w1})
			must(collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{}))) // It tells the time.
			w.onGet(test.fault)
			sent, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, w.clock.Now().Add(time.Minute))
			if found || sent.SID != "" || !errors.As(err, new(*NotSentError)) {
				t.Errorf("%q, %T", sent.SID, err)
			}
			wantText(t, err, test.text)
			if w.clock.Now().After(epoch.Add(time.Minute)) {
				t.Errorf("it took %s", w.clock.Now().Sub(epoch))
			}
		})
	}
	for name, header := range map[string]http.Header{
		"fresh":            nil,
		"a minute old":     {"Date": {epoch.Add(-time.Minute).Format(http.TimeFormat)}},
		"checked by cache": {"Age": {"0"}},
	} {
		w := newWorld(t)
		w.card = w.sim.AddSIM(twiliosim.SIM{SID: w1})
		must(collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{})))
		fresh := row(now + whole)
		fresh.Header = header
		w.onGet(fresh)
		if sent, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{}); err != nil || !found || sent.SID != hg(1) {
			t.Errorf("%s: %q, %v", name, sent.SID, err)
		}
		if requests := w.sim.Requests(); requests[len(requests)-1].Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: caches were not asked for a fresh list", name)
		}
	}
}

// TestSentBefore_R10_bounded has more commands within the window than are looked
// at.
func TestSentBefore_R10_bounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.before(time.Minute, nil)
	for range lookPages * lookPageSize {
		w.before(time.Second, func(c *twiliosim.IPCommand) { c.DevicePort = 1 })
	}
	_, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{})
	if found {
		t.Error("found")
	}
	wantText(t, err, "many commands since then: more follow than are read (20 pages of 50)", "a window shorter than 1h0m0s has fewer")
	w.wantRequests(0, lookPages)
}

// TestSentBefore_R10_mixed reads on where the list is not quite newest first: only as
// many too old in a row as end a look say that there are no more.
func TestSentBefore_R10_mixed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	row := func(sid int, ago time.Duration, port int) string {
		return fmt.Sprintf(`{"sid":%q,"sim_sid":%q,"date_created":%q,"device_port":%d,"payload_type":"text","payload":%q}`, hg(sid), w.card.SID, epoch.Add(-ago).Format(time.RFC3339), port, textPayload)
	}
	var rows []string
	for i := range 2 * lookOlder {
		rows = append(rows, row(i, 2*time.Hour, 5683))
	}
	rows[lookOlder-1] = row(100, time.Minute, 1)
	rows[2*lookOlder-1] = row(101, time.Minute, 5683)
	w.onGet(twiliosim.Fault{Status: 200, Body: []byte(`{"ip_commands":[` + strings.Join(rows, ",") + `],"meta":{"next_page_url":null}}`)})
	if sent, _, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{}); err != nil || sent.SID != hg(101) {
		t.Errorf("found %q, %v", sent.SID, err)
	}
}

// TestSentBefore_R10_older does not read on among what is too old.
func TestSentBefore_R10_older(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range lookPageSize + 1 {
		w.before(2*time.Hour, nil)
	}
	if _, found, err := w.client.findSent(t.Context(), w.message(), time.Hour, time.Time{}); found || err != nil {
		t.Errorf("found: %t, %v", found, err)
	}
	w.wantRequests(0, 1)
}

// TestSentBefore_R10_Send has Send find the message: it makes no POST.
func TestSentBefore_R10_Send(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sid := w.before(time.Minute, nil)
	sent, err := w.client.IPCommands.Send(t.Context(), w.message(), SendOptions{Window: time.Hour})
	if err != nil || !sent.IsFound || sent.SID != sid {
		t.Errorf("%+v, %v", sent, err)
	}
	w.wantRequests(0, 1)
}

// TestSentBefore_R10_filterNotKept has a proxy drop a filter from looks (of rule R2,
// too): another SIM's equal message is not taken for this one, and nothing is sent
// because of it.
func TestSentBefore_R10_filterNotKept(t *testing.T) {
	t.Parallel()
	for _, byName := range []bool{false, true} {
		for _, parameter := range []string{"Sim", "Direction"} {
			w := newWorld(t, losing(parameter))
			w.sim.AddSIM(twiliosim.SIM{SID: w2})
			m := w.message()
			if byName {
				m.SIM = w.card.UniqueName
			}
			w.before(0, nil)
			w.before(time.Minute, func(c *twiliosim.IPCommand) { c.Direction = DirectionFromSIM })
			w.before(0, func(c *twiliosim.IPCommand) { c.SIMSID = w2 })

			_, found, err := w.client.findSent(t.Context(), m, time.Hour, time.Time{})
			if found || !errors.As(err, new(*NotSentError)) {
				t.Errorf("%s: %t, %v", m.SIM, found, err)
			}
			wantText(t, err, "the filter "+parameter+" was not kept")
			w.wantRequests(0, 1)

			w.onPost(twiliosim.LostResponse(1))
			_, err = w.client.send(t.Context(), m, time.Time{})
			wantText(t, unknownOf(t, err), "the filter "+parameter+" was not kept")
			w.wantRequests(1, 1+len(looks))
		}
	}
}
