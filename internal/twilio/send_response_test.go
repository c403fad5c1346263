package twilio

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// TestSend_form has what a POST has in its form: no parameter that is empty, and
// each as it is, whatever a form has to escape.
func TestSend_form(t *testing.T) {
	t.Parallel()
	key := rest.BasicAuth{Username: twiliosim.DefaultAPIKey, Password: twiliosim.DefaultAPISecret, Kind: "API key and secret"}
	odd := "OPEN-VALVE a=b&c=%20+ü\n\x00\u2028"
	for _, test := range []struct {
		change func(*MessageParams)
		want   url.Values
	}{
		{func(p *MessageParams) { p.Payload = odd }, url.Values{"Payload": {odd}, "PayloadType": {"text"}, "DevicePort": {"5683"}}},
		{
			func(p *MessageParams) {
				p.Payload, p.PayloadType, p.DevicePort = binaryPayload, PayloadBinary, 65535
				p.CallbackURL, p.CallbackMethod = "https://example.com/sent?a=b&c=d", http.MethodGet
			},
			url.Values{
				"Payload": {binaryPayload}, "PayloadType": {"binary"}, "DevicePort": {"65535"},
				"CallbackUrl": {"https://example.com/sent?a=b&c=d"}, "CallbackMethod": {"GET"},
			},
		},
	} {
		w := newWorld(t, func(c *worldConfig) { c.Credentials = key })
		p := w.message()
		test.change(&p)
		test.want.Set("Sim", w.card.SID)
		sent, err := w.client.send(t.Context(), p, time.Time{})
		w.wantRequests(1, 0)
		r := w.sim.Requests()[0]
		if err != nil || sent.Lost != nil || sent.SID != r.SID || *sent.Status != StatusQueued || *sent.Payload != p.Payload {
			t.Errorf("sent %+v, %v", sent, err)
		}
		if r.Path != "/v1/IpCommands" || len(r.Query) != 0 || !reflect.DeepEqual(r.Form, test.want) {
			t.Errorf("%s?%v with %v, want %v", r.Path, r.Query, r.Form, test.want)
		}
		checkHeaders(t, r, key)
		if ct := r.Header.Get("Content-Type"); ct != "application/x-www-form-urlencoded" {
			t.Errorf("Content-Type %q", ct)
		}
	}
}

// TestSend_R1_oddFields has the API respond to a POST with fields of other types
// than it describes: the SID is what counts, and nothing is looked for.
func TestSend_R1_oddFields(t *testing.T) {
	t.Parallel()
	const sid = "HG0123456789abcdef0123456789abcdef"
	w := newWorld(t)
	w.onPost(twiliosim.Fault{Accept: true, Status: 201, Body: []byte(`{"status":"queued","device_port":"5683","date_created":1,"payload":{},"sid":"` + sid + `"}`)})
	sent, err := w.client.send(t.Context(), w.message(), time.Time{})
	if err != nil || sent.SID != sid || sent.Lost != nil || sent.DevicePort != nil || sent.Payload != nil || !sent.IsQueued() {
		t.Errorf("%+v, %v", sent, err)
	}
	w.wantRequests(1, 0)
}

// TestSend_R2_otherMessage has the API respond to a POST with a description of another
// message, or with what can't be the message's SID: the message is looked for.
func TestSend_R2_otherMessage(t *testing.T) {
	t.Parallel()
	const sid = `"sid":"HG0123456789abcdef0123456789abcdef"`
	w := newWorld(t)
	first, err := w.send()
	if err != nil {
		t.Fatal(err)
	}
	for _, fields := range []string{
		`"sid":"x"`, `"sid":"HS0123456789abcdef0123456789abcdef"`, `"sid":"` + first.SID + `"`,
		sid + `,"payload":"CLOSE"`, sid + `,"device_port":7`, sid + `,"payload_type":"binary"`, sid + `,"direction":"from_sim"`, sid + `,"sim_sid":"` + w2 + `"`,
	} {
		before := w.gets()
		w.onPost(twiliosim.Fault{Accept: true, Status: 201, Times: 1, Body: []byte(`{"status":"queued",` + fields + `}`)})
		sent, err := w.send()
		if got := endingOf(t, sent, err); got != isAdopted || sent.SID == first.SID || w.gets() != before+1 {
			t.Errorf("%s: %s as %q after %d looks, %v", fields, got, sent.SID, w.gets()-before, err)
		}
		w.wantOwn(sent, w.message())
	}
}

// TestSend_repeated has whoever responds repeat the message, in ways that cut or
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

// responds has whatever is behind a transport respond to each request with these
// bytes, and then hold the connection.
func responds(t *testing.T, text string) *http.Transport {
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

// TestSend_switchingProtocols has somebody respond with 101 and keep the connection:
// nothing waits for what that might still bring.
func TestSend_switchingProtocols(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport := responds(t, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tunnel\r\n\r\n")
		client := clientIn(t, transport)
		client.IPCommands.MaxRetries = 0
		began := time.Now()
		_, err := client.IPCommands.Fetch(t.Context(), "HG1")
		var lost *rest.TransportError
		if !errors.As(err, &lost) || !strings.Contains(err.Error(), "HTTP 101") {
			t.Errorf("%T: %v", err, err)
		}
		_, err = client.send(t.Context(), MessageParams{SIM: "valve", Payload: "open", DevicePort: 1}, time.Time{})
		if got := endingOf(t, &Message{}, err); got != isUnknown {
			t.Errorf("%s: %v", got, err)
		}
		if took := time.Since(began); took != spaced {
			t.Errorf("it took %s, want the %s between looks", took, spaced)
		}
	})
}

// TestSend_unreadable has somebody respond with what Go's transport
// cannot read and quotes: the request.
func TestSend_unreadable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := MessageParams{SIM: "valve", Payload: "OPEN-VALVE \"7\"", DevicePort: 1}
		p.CallbackURL = "https://user:hunter2-secret@example.com/sent/to-a-secret-place?token=tok-123456"
		for _, response := range []string{
			"HTTP/1.1 201 Created\r\n%s\r\n\r\n", "%s\r\n\r\n", "HTTP/1.1 %s\r\n\r\n", "HTTP/1.1 201 Created\r\nContent-Length: %s\r\n\r\n",
			"HTTP/1.1 302 Found\r\nLocation: http://[::1]:bad/%s\r\nContent-Length: 0\r\n\r\n",
		} {
			transport := responds(t, fmt.Sprintf(response, p.Payload+" "+p.CallbackURL+" hunter2-secret token=tok-123456 "+twiliosim.DefaultAuthToken))
			client := clientIn(t, transport)
			log := &logCapture{}
			client.IPCommands.Log = log.add
			_, err := client.send(t.Context(), p, time.Time{})
			if got := endingOf(t, &Message{}, err); got != isUnknown {
				t.Errorf("%q: %s: %v", response, got, err)
			}
			for _, secret := range []string{"OPEN-VALVE", "hunter2", "tok-123456", "sent/to-a-secret-place", twiliosim.DefaultAuthToken} {
				if strings.Contains(err.Error()+log.String(), secret) {
					t.Errorf("%q tells %q: %v\n%s", response, secret, err, log)
				}
			}
		}
	})
}
