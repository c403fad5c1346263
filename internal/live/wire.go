package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// maxMessages is how many messages a run may ask the API for.
const maxMessages = 5

// wire carries the requests of a client that makes one at a time. It keeps of
// the responses what the client does not tell, and lets no more than maxMessages
// messages through.
type wire struct {
	http.RoundTripper
	// responses are those of the API, but not of the token endpoint. Their bodies
	// are the client's.
	responses []*http.Response
	// messages is how many messages were asked for.
	messages int
	// alterToken reports whether to alter the token of the next request.
	alterToken bool
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.Contains(req.URL.Path, "/v1/IpCommands") {
		return w.RoundTripper.RoundTrip(req)
	}
	if w.alterToken {
		w.alterToken = false
		req.Header.Set("Authorization", req.Header.Get("Authorization")+"x")
	}
	if req.Method == http.MethodPost {
		if w.messages == maxMessages {
			return nil, fmt.Errorf("%d messages are the most", maxMessages)
		}
		w.messages++
	}
	resp, err := w.RoundTripper.RoundTrip(req)
	if err == nil {
		w.responses = append(w.responses, resp)
	}
	return resp, err
}

// date is the server's clock at the last response, or zero.
func (w *wire) date() time.Time {
	date, _ := http.ParseTime(w.responses[len(w.responses)-1].Header.Get("Date"))
	return date
}
