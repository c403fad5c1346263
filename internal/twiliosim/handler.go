package twiliosim

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/clock"
)

// ServeHTTP implements http.Handler: both APIs, and KORE's token endpoint.
// Faults that break a connection need a real one behind it, as [Serve] or
// net/http/httptest.Server give.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := s.arrive(r)
	var fault Fault
	switch after := s.cfg.Limit.RetryAfter; {
	case !in.excess:
		_ = clock.System{}.Sleep(in.Context(), s.cfg.Latency) // a client may go away; its request has come
		fault = s.matchFault(in)
	case after > 0:
		fault = TooManyRequests(strconv.Itoa(after), 1)
	default:
		fault = TooManyRequests("", 1)
	}
	s.play(w, in, &fault)
}

// incoming is a request on its way through the simulator.
type incoming struct {
	*http.Request
	query  url.Values
	form   url.Values
	excess bool     // more than the limit
	record *Request // guarded by the simulator's lock
}

// arrive reads a request whole and notes it.
func (s *Simulator) arrive(r *http.Request) *incoming {
	_ = r.ParseForm() // what cannot be read of a form is missing from it, and refused as such
	in := &incoming{Request: r, query: r.URL.Query(), form: r.PostForm}
	now := s.lock()
	defer s.mu.Unlock()
	if in.excess = s.cfg.Limit.InFlight > 0 && s.inFlight >= s.cfg.Limit.InFlight; !in.excess {
		s.inFlight++
	}
	in.record = &Request{
		Time: now, Method: r.Method, Path: r.URL.Path, Query: in.query, Form: in.form, Header: r.Header.Clone(),
	}
	if !s.cfg.NoHistory {
		s.requests = append(s.requests, in.record)
	}
	return in
}

// process does what the request asks for.
func (s *Simulator) process(in *incoming) response {
	now := s.lock()
	defer s.mu.Unlock()
	a, refused := s.route(in, now)
	if refused != nil {
		return s.refusal(in.URL.Path, refused)
	}
	return a
}

// route finds what the request asks for, and does it. The lock is held.
func (s *Simulator) route(in *incoming, now time.Time) (response, *apiError) {
	path := in.URL.Path
	if s.cfg.Platform == KORE && path == TokenPath {
		return s.issueToken(in, now)
	}
	if refused := s.authenticate(in.Request, now); refused != nil {
		return response{}, refused
	}
	if path == ipCommandsPath && in.Method == http.MethodPost {
		return s.createIPCommand(in, now)
	}
	for _, get := range []func(path, host string, query url.Values) (response, *apiError, bool){s.ipCommands.get, s.commands.get, s.sims.get} {
		a, refused, found := get(path, s.linkHost(in.Request), in.query)
		switch {
		case !found:
		case in.Method != http.MethodGet:
			return response{}, errMethod()
		default:
			return a, refused
		}
	}
	return response{}, errNotFound(path)
}

// linkHost returns the scheme and host of the URLs in the response to a request;
// empty means the platform's.
func (s *Simulator) linkHost(r *http.Request) string {
	if s.cfg.PublicURL != "" || !s.cfg.OwnLinks {
		return s.cfg.PublicURL
	}
	return pick(r.TLS == nil, "http://", "https://") + r.Host
}

// noteResponse notes what the client is about to see: a status, or 0 for none, and
// what is wrong with the response, if anything. It comes before the response, so
// that whoever has the response finds it in the log, and the limit with room for
// the next request.
func (s *Simulator) noteResponse(in *incoming, status int, wrong string) {
	s.lock()
	defer s.mu.Unlock()
	in.record.Status = status
	if !in.excess {
		s.inFlight--
	}
	line := "request " + in.Method + " " + printable(s.loggedURI(in.URL))
	if status != 0 {
		line += " " + strconv.Itoa(status)
	}
	for _, word := range []string{wrong, in.record.SID} {
		if word != "" {
			line += " " + word
		}
	}
	s.log(line)
}

// write writes the first n bytes of a response's body, after headers that
// promise all of it.
func (s *Simulator) write(w http.ResponseWriter, a response, n int) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Date", s.cfg.Now().UTC().Format(http.TimeFormat))
	maps.Copy(h, a.header)
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:n]) // a client that has gone away is no concern of ours
}
