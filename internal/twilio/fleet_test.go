package twilio

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// memory is the URL of an API that a transport has in memory.
const memory = "http://127.0.0.1:1"

// fleetClient is a client of the API that transport leads to.
func fleetClient(t *testing.T, transport http.RoundTripper) *Client {
	t.Helper()
	client, err := New(Config{
		SuperSIMURL: memory,
		Config: rest.Config{
			Transport: transport, MaxRetries: DefaultMaxRetries,
			Credentials: rest.BasicAuth{Username: twiliosim.DefaultAccountSID, Password: twiliosim.DefaultAuthToken},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func fleetMessage(i int64) MessageParams {
	return MessageParams{SIM: "valve", Payload: fmt.Sprintf("message %d", i), PayloadType: PayloadText, DevicePort: 5683}
}

// longList is an API with a list of IP Commands that are made as they are asked
// for, so that their number costs no memory. It answers without a network, and
// counts the requests.
type longList struct {
	commands int
	requests atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (l *longList) RoundTrip(r *http.Request) (*http.Response, error) {
	l.requests.Add(1)
	query := r.URL.Query()
	size, err := strconv.Atoi(query.Get("PageSize"))
	if err != nil {
		return nil, err
	}
	first, _ := strconv.Atoi(query.Get("PageToken")) // None is the first page's.
	end := min(first+size, l.commands)
	var body strings.Builder
	body.WriteString(`{"ip_commands":[`)
	for i := first; i < end; i++ {
		if i > first {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"sid":"HG%032x","payload":"message %d"}`, i, i)
	}
	next := "null"
	if end < l.commands {
		next = fmt.Sprintf(`"https://supersim.twilio.com/v1/IpCommands?PageSize=%d&PageToken=%d"`, size, end)
	}
	fmt.Fprintf(&body, `],"meta":{"key":"ip_commands","next_page_url":%s}}`, next)
	return &http.Response{
		StatusCode: http.StatusOK, ContentLength: int64(body.Len()), Request: r,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body.String())),
	}, nil
}

// busy is an API that takes its time to accept a message, and refuses with 429
// what comes while it is busy with as many as it takes. It knows nothing but
// the POST.
type busy struct {
	// work is how long it takes to accept a message.
	work time.Duration
	// limit is how many messages it accepts at a time.
	limit int64

	inFlight, accepted, refused atomic.Int64
}

// ServeHTTP implements http.Handler. A request is no longer counted as in
// flight when its answer is written, so that the client that reads it cannot
// come back before.
func (b *busy) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if b.inFlight.Add(1) > b.limit {
		b.inFlight.Add(-1)
		b.refused.Add(1)
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"code":20429,"message":"Too Many Requests","more_info":"https://www.twilio.com/docs/errors/20429","status":429}`)
		return
	}
	time.Sleep(b.work)
	n := b.accepted.Add(1)
	b.inFlight.Add(-1)
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"sid":"HG%032x","status":"queued"}`, n)
}
