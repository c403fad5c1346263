package benchtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Replay answers each request as h did the first time, from memory.
func Replay(h http.Handler) http.Handler {
	var answers sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, ok := answers.Load(r.URL.String())
		if !ok {
			recorder := httptest.NewRecorder()
			h.ServeHTTP(recorder, r)
			answer = recorder.Body.Bytes()
			answers.Store(r.URL.String(), answer)
		}
		body, _ := answer.([]byte)
		send(w, http.StatusOK, body)
	})
}

// Generated is a list of n IP Commands that are made as they are asked for,
// so that n costs no memory. It is paged as the API's lists are.
func Generated(n int) http.Handler { return generated{n, appendCommand} }

// Terse is Generated with nothing of a command but its SID, for what is only
// about the pages.
func Terse(n int) http.Handler {
	return generated{n, func(body []byte, i int) []byte { return fmt.Appendf(body, `{"sid":"HG%032x"}`, i) }}
}

// Page is the only page of a list of n commands.
func Page(n int) []byte { return generated{n, appendCommand}.page(0, n) }

type generated struct {
	n      int
	append func(body []byte, i int) []byte
}

// ServeHTTP implements http.Handler.
func (g generated) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil || size < 1 || size > pageSize {
		size = 50
	}
	first, err := strconv.Atoi(strings.TrimPrefix(query.Get("PageToken"), "PA"))
	if err != nil {
		first = 0
	}
	send(w, http.StatusOK, g.page(first, size))
}

// page is the page that starts with a certain command.
func (g generated) page(first, size int) []byte {
	body := make([]byte, 0, size*600)
	body = append(body, `{"ip_commands":[`...)
	end := min(first+size, g.n)
	for i := first; i < end; i++ {
		if i > first {
			body = append(body, ',')
		}
		body = g.append(body, i)
	}
	next := "null"
	if end < g.n {
		next = fmt.Sprintf(`"https://supersim.twilio.com/v1/IpCommands?PageSize=%d&Page=%d&PageToken=PA%032d"`, size, end/size, end)
	}
	return fmt.Appendf(body, `],"meta":{"key":"ip_commands","next_page_url":%s,"page_size":%d}}`, next, size)
}

// appendCommand appends the i-th command as the API writes it.
func appendCommand(body []byte, i int) []byte {
	return fmt.Appendf(body, `{"sid":"HG%032x","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","sim_sid":"HS%032x",`+
		`"sim_iccid":"89883070000000000001","status":"sent","direction":"to_sim","device_ip":"100.64.0.2","device_port":5683,`+
		`"payload_type":"text","payload":"{\"seq\":%d,\"set\":\"report_interval\",\"seconds\":3600}",`+
		`"date_created":"2026-03-01T12:00:00Z","date_updated":"2026-03-01T12:00:01Z",`+
		`"url":"https://supersim.twilio.com/v1/IpCommands/HG%[1]032x"}`, i, i%1000, i)
}

// Counted counts the requests to an API in n.
func Counted(api http.Handler, n *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		api.ServeHTTP(w, r)
	})
}

// Busy is an API that takes its time to accept a message, and refuses with 429
// what comes while it is busy with as many as it takes. It knows nothing
// but the POST.
type Busy struct {
	// Work is how long it takes to accept a message.
	Work time.Duration
	// Limit is how many messages it accepts at a time.
	Limit int

	inFlight          atomic.Int64
	accepted, refused atomic.Int64
}

// Accepted and Refused return how many messages were, so far.
func (b *Busy) Accepted() int { return int(b.accepted.Load()) }

// Refused returns how many requests were answered 429 so far.
func (b *Busy) Refused() int { return int(b.refused.Load()) }

// ServeHTTP implements http.Handler. A request is no longer counted as in
// flight when its answer is written, so that the client that reads it cannot
// come back before.
func (b *Busy) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if b.inFlight.Add(1) > int64(b.Limit) {
		b.inFlight.Add(-1)
		b.refused.Add(1)
		send(w, http.StatusTooManyRequests, []byte(`{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`))
		return
	}
	time.Sleep(b.Work)
	n := b.accepted.Add(1)
	b.inFlight.Add(-1)
	send(w, http.StatusCreated, appendCommand(nil, int(n)))
}

func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // JSON for a test. A client that goes away is not our concern.
}

// Transport carries requests to a handler in the same process, without a
// network.
type Transport struct{ Handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	t.Handler.ServeHTTP(recorder, r)
	resp := recorder.Result()
	resp.Request = r
	return resp, nil
}
