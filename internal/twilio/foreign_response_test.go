package twilio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// answers has whatever is behind a transport answer each request with these
// bytes, and then hold the connection.
func answers(t *testing.T, text string) *http.Transport {
	t.Helper()
	var held sync.WaitGroup
	t.Cleanup(held.Wait)
	network := &dials{dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		held.Go(func() {
			defer server.Close() //nolint:errcheck // The client has closed it.
			request := make([]byte, 64<<10)
			if _, err := server.Read(request); err != nil {
				return
			}
			held.Go(func() { _, _ = io.Copy(io.Discard, server) })
			_, _ = server.Write([]byte(text))
			_, _ = server.Write(make([]byte, 1)) // Until the client goes away.
			_, _ = server.Read(request)
		})
		return client, nil
	}}
	transport := rest.NewTransport()
	transport.DialContext = network.Dial
	t.Cleanup(transport.CloseIdleConnections)
	return transport
}

// TestDo_switchingProtocols has somebody answer 101 and keep the connection:
// nothing waits for what that might still bring.
func TestDo_switchingProtocols(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := answers(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n")
		client := fleetClient(t, transport)
		client.IPCommands.MaxRetries = 0
		began := time.Now()
		_, err := client.IPCommands.Fetch(t.Context(), "HG1")
		var lost *rest.TransportError
		if !errors.As(err, &lost) || !strings.Contains(err.Error(), "HTTP 101") {
			t.Errorf("%T: %v", err, err)
		}
		_, err = client.send(t.Context(), fleetMessage(1), time.Time{})
		if got := endingOf(t, &Message{}, err); got != isUnknown {
			t.Errorf("%s: %v", got, err)
		}
		if took := time.Since(began); took != spaced {
			t.Errorf("it took %s, want the %s between looks", took, spaced)
		}
	})
}

// TestTransportError_redacted has somebody answer with what Go's transport
// cannot read and quotes: the request.
func TestTransportError_redacted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := fleetMessage(1)
		p.Payload = "OPEN-VALVE \"7\""
		p.CallbackURL = "https://user:hunter2-secret@example.com/sent/to-a-secret-place?token=tok-123456"
		for _, answer := range []string{
			"HTTP/1.1 201 Created\r\n%s\r\n\r\n", "%s\r\n\r\n", "HTTP/1.1 %s\r\n\r\n", "HTTP/1.1 201 Created\r\nContent-Length: %s\r\n\r\n",
			"HTTP/1.1 302 Found\r\nLocation: http://[::1]:bad/%s\r\nContent-Length: 0\r\n\r\n",
		} {
			transport := answers(t, fmt.Sprintf(answer, p.Payload+" "+p.CallbackURL+" hunter2-secret token=tok-123456 "+twiliosim.DefaultAuthToken))
			client := fleetClient(t, transport)
			log := &logCapture{}
			client.IPCommands.Log = log.add
			_, err := client.send(t.Context(), p, time.Time{})
			if got := endingOf(t, &Message{}, err); got != isUnknown {
				t.Errorf("%q: %s: %v", answer, got, err)
			}
			for _, secret := range []string{"OPEN-VALVE", "hunter2", "tok-123456", "sent/to-a-secret-place", twiliosim.DefaultAuthToken} {
				if strings.Contains(err.Error()+log.String(), secret) {
					t.Errorf("%q tells %q: %v\n%s", answer, secret, err, log)
				}
			}
		}
	})
}

// TestSend_repeated has whoever answers repeat the message, in ways that cut or
// decode it.
func TestSend_repeated(t *testing.T) {
	t.Parallel()
	long := "OPEN-VALVE " + strings.Repeat("for a while ", 60)
	text := MessageParams{Payload: long}
	binary := MessageParams{Payload: base64.StdEncoding.EncodeToString([]byte("OPEN-VALVE 7")), PayloadType: PayloadBinary}
	for name, test := range map[string]struct {
		message MessageParams
		fault   twiliosim.Fault
	}{
		"a long title":          {text, twiliosim.Fault{Status: 200, Body: []byte("<title>Blocked: " + long + "</title>")}},
		"a long title of a 403": {text, twiliosim.Fault{Status: 403, Body: []byte("<title>Blocked: " + long + "</title>")}},
		"half a payload":        {text, twiliosim.Fault{Status: 403, Body: []byte("Blocked: " + long), TruncateBody: 50}},
		"half an object":        {text, twiliosim.Fault{Status: 400, Body: []byte(`{"code":21601,"message":"` + long + `"}`), TruncateBody: 50}},
		"the bytes":             {binary, twiliosim.Fault{Status: 400, Body: []byte(`{"code":21601,"message":"cannot send OPEN-VALVE 7"}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t) // It looks at the log too.
			w.onPost(test.fault)
			test.message.SIM, test.message.DevicePort = w.card.SID, 1
			_, err := w.client.send(t.Context(), test.message, time.Time{})
			wantText(t, err, fmt.Sprint("HTTP ", test.fault.Status))
			if strings.Contains(err.Error(), "OPEN-VALVE") {
				t.Error(err)
			}
		})
	}
}

// TestTransport_noProxyInClear sends plain http, which is for loopback alone,
// to no proxy, however the name is spelled.
func TestTransport_noProxyInClear(t *testing.T) {
	t.Parallel()
	proxy := rest.NewTransport().Proxy
	for _, host := range []string{"localhost", "LOCALHOST", "127.0.0.1", "[::1]", "127.1.2.3"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+host+":1/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if via, err := proxy(r); via != nil || err != nil {
			t.Errorf("%s goes over %v, %v", host, via, err)
		}
	}
}

// endless is an API whose list never ends. Each page has the address of another,
// with this token, and these rows. What asks for more than limit pages fails the
// test, and gets the last one, so that the test ends.
type endless struct {
	t     *testing.T
	limit int
	rows  func(page int) string
	token func(page int) int
	page  int
}

// The bounds of rest.List: pages in a row that have nothing new, and what it
// remembers at least.
const barrenPages, recent = 20, 1000

// RoundTrip implements http.RoundTripper.
func (e *endless) RoundTrip(r *http.Request) (*http.Response, error) {
	next := fmt.Sprintf(`"https://x/?PageToken=%d"`, e.token(e.page))
	if e.page++; e.page > e.limit {
		e.t.Errorf("page %d was asked for, want at most %d", e.page, e.limit)
		next = "null"
	}
	body := fmt.Sprintf(`{"ip_commands":[%s],"meta":{"next_page_url":%s}}`, e.rows(e.page-1), next)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {epoch.Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestList_endless has lists that never end, each in its own way: each ends with
// an error, by a bound of its own.
func TestList_endless(t *testing.T) {
	t.Parallel()
	row := func(n int) string { return fmt.Sprintf(`{"sid":%q}`, hg(n)) }
	itself := func(page int) int { return page }
	for _, test := range []struct {
		name     string
		rows     func(page int) string
		token    func(page int) int
		maxPages int
		// given and pages are how many rows and pages the list has before its error.
		given, pages int
		text         string
	}{
		{"empty pages", func(int) string { return "" }, itself, 0, 0, barrenPages, "20 pages in a row have nothing new"},
		{"one page, under other addresses", func(int) string { return row(1) }, itself, 0, 1, barrenPages + 1, "20 pages in a row have nothing new"},
		{"two pages in turn, under other addresses", func(page int) string { return row(page % 2) }, itself, 0, 2, barrenPages + 2, "20 pages in a row have nothing new"},
		{"the same address", row, func(int) int { return 1 }, 0, 2, 2, "its next page is one that was read before"},
		{"two addresses in turn", row, func(page int) int { return page % 2 }, 0, 3, 3, "its next page is one that was read before"},
		{"something new on each page", row, itself, 0, 10_000, 10_000, "more than 10000 pages"},
		{"something new on each page, of few", row, itself, 7, 7, 7, "than are read (7 pages of 1)"},
		{"a circle longer than what is remembered", func(page int) string { return row(page % (2*recent + 1)) }, itself, 3 * recent, 3 * recent, 3 * recent, "than are read (3000 pages of 1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			api := &endless{t: t, limit: test.pages, rows: test.rows, token: test.token}
			given := 0
			var err error
			for _, err = range fleetClient(t, api).IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 1, MaxPages: test.maxPages}) {
				if err == nil {
					given++
				}
			}
			wantText(t, err, test.text)
			if given != test.given || api.page != test.pages {
				t.Errorf("%d rows of %d pages, want %d of %d", given, api.page, test.given, test.pages)
			}
		})
	}
}

// TestLook_endless has a SIM whose list never ends: a look for what was sent
// before (rule R10) ends, whatever the pages have, and nothing is sent.
func TestLook_endless(t *testing.T) {
	t.Parallel()
	row := func(n int, ago time.Duration) string {
		return fmt.Sprintf(`{"sid":%q,"sim_sid":%q,"direction":"to_sim","device_port":1,"payload":"x","payload_type":"text","date_created":%q}`, hg(n), w1, epoch.Add(-ago).Format(time.RFC3339))
	}
	full := func(ago time.Duration) func(page int) string {
		return func(page int) string {
			all := make([]string, lookPageSize)
			for i := range all {
				all[i] = row(page*lookPageSize+i, ago)
			}
			return strings.Join(all, ",")
		}
	}
	for name, test := range map[string]struct {
		rows    func(page int) string
		pages   int
		isError bool
	}{
		"nothing":                  {func(int) string { return "" }, barrenPages, true},
		"full pages of the newest": {full(time.Minute), lookPages, true},
		"pages of one":             {func(page int) string { return row(page, time.Minute) }, lookPages, true},
		"pages of one, mostly old": {func(page int) string { return row(page, time.Duration(page%lookOlder)*2*time.Hour) }, lookPages, true},
		"full pages of old ones":   {full(2 * time.Hour), 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			api := &endless{t: t, limit: test.pages, rows: test.rows, token: func(page int) int { return page }}
			w.client.IPCommands.Transport = api
			m := w.message()
			m.SIM = w1
			_, found, err := w.client.findSent(t.Context(), m, time.Hour, time.Time{})
			if found || errors.As(err, new(*NotSentError)) != test.isError || api.page != test.pages {
				t.Errorf("%t, %v after %d pages, want %d", found, err, api.page, test.pages)
			}
		})
	}
}

// TestList_movedRows has messages come in while pages are read, so that rows
// move to the next page: each is given once.
func TestList_movedRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, sids := range [][]string{{"HG00000000000000000000000000000005", "HG00000000000000000000000000000004"}, {"HG00000000000000000000000000000004", "HG00000000000000000000000000000003"}, {"HG00000000000000000000000000000004", "HG00000000000000000000000000000003"}, {"HG00000000000000000000000000000002", "HG00000000000000000000000000000001"}} {
		next := "null"
		if i < 3 {
			next = fmt.Sprintf(`"https://x/?PageToken=%d"`, i)
		}
		body := fmt.Sprintf(`{"ip_commands":[{"sid":%q},{"sid":%q}],"meta":{"next_page_url":%s}}`, sids[0], sids[1], next)
		w.onGet(twiliosim.Fault{Status: 200, Times: 1, Body: []byte(body)})
	}
	got, err := collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 2}))
	if err != nil {
		t.Fatal(err)
	}
	wantSIDs(t, got, []string{"HG00000000000000000000000000000005", "HG00000000000000000000000000000004", "HG00000000000000000000000000000003", "HG00000000000000000000000000000002", "HG00000000000000000000000000000001"})
	w.wantRequests(0, 4)

	// More than a page of them between two requests.
	w = newWorld(t)
	for i, sid := range []string{"HG00000000000000000000000000000011", "HG00000000000000000000000000000010", "HG00000000000000000000000000000011", "HG00000000000000000000000000000010", "HG00000000000000000000000000000009"} {
		next := "null"
		if i < 4 {
			next = fmt.Sprintf(`"https://x/?PageToken=%d"`, i)
		}
		w.onGet(twiliosim.Fault{Status: 200, Times: 1, Body: pageOf(sid, next)})
	}
	got, err = collect(w.client.IPCommands.List(t.Context(), IPCommandFilter{}, rest.ListOptions{PageSize: 1}))
	if err != nil {
		t.Fatal(err)
	}
	wantSIDs(t, got, []string{"HG00000000000000000000000000000011", "HG00000000000000000000000000000010", "HG00000000000000000000000000000009"})
}

// TestSend_otherMessage has the API answer a POST with a description of another
// message: that is no answer, and the message is looked for.
func TestSend_otherMessage(t *testing.T) {
	t.Parallel()
	for _, other := range []string{`"payload":"CLOSE"`, `"device_port":7`, `"payload_type":"binary"`, `"direction":"from_sim"`, `"sim_sid":"HS00000000000000000000000000000000"`} {
		w := newWorld(t)
		w.onPost(twiliosim.Fault{Accept: true, Status: 201, Body: []byte(`{"sid":"HG0123456789abcdef0123456789abcdef","status":"queued",` + other + `}`)})
		sent, err := w.send()
		if got := endingOf(t, sent, err); got != isAdopted {
			t.Errorf("%s: %s, %v", other, got, err)
			continue
		}
		w.wantOwn(sent, w.message())
		w.wantRequests(1, 1)
	}
}

// TestSend_deadlineInQueue has a message wait for its turn while a limit holds
// it back: it ends by its deadline there, too.
func TestSend_deadlineInQueue(t *testing.T) {
	t.Parallel()
	bubble(t, func(w *world) {
		w.onGet(twiliosim.TooManyRequests("", 1))
		w.onPost(twiliosim.Fault{Times: 1, Delay: func() {
			_, _ = w.client.IPCommands.Fetch(w.t.Context(), "HG1") // Refused: the limit is one.
			time.Sleep(20 * time.Second)
		}})
		w.noRetries()
		held := make(chan error, 1)
		go func() { held <- errOf(w.send()) }()
		time.Sleep(time.Second)
		deadline := time.Now().Add(5 * time.Second)
		err := errOf(w.client.send(w.t.Context(), w.message(), deadline))
		if got := endingOf(w.t, &Message{}, err); got != isNotSent || !time.Now().Equal(deadline) {
			w.t.Errorf("%s %s after the deadline: %v", got, time.Since(deadline), err)
		}
		if err := <-held; err != nil {
			w.t.Error(err)
		}
		w.wantRequests(1, 1)
	})
}
