package twiliosim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// served is a simulator on a real listener, and a client for it that opens a
// connection for each request: a transport repeats some requests by itself on
// connections that it has used before.
type served struct {
	*twiliosim.Simulator
	sim    twiliosim.SIM
	url    string
	client *http.Client
}

// serve serves a simulator that knows one SIM.
func serve(t *testing.T, cfg twiliosim.Config) served {
	t.Helper()
	s, _ := newSim(cfg)
	server, err := twiliosim.Serve(s, "")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		transport.CloseIdleConnections()
	})
	return served{s, s.AddSIM(twiliosim.SIM{}), server.URL, &http.Client{Transport: transport}}
}

// result is what a client sees.
type result struct {
	status int
	header http.Header
	body   string
	err    error // of the request or of reading the body
}

// do sends a message if the method is POST, and asks for the list otherwise.
func (s served) do(t *testing.T, method string) result {
	t.Helper()
	var form url.Values
	if method == http.MethodPost {
		form = message(s.sim.SID, "x")
	}
	return s.send(newRequest(t, method, s.url+"/v1/IpCommands", form))
}

// send sends any request.
func (s served) send(r *http.Request) result {
	response, err := s.client.Do(r)
	if err != nil {
		return result{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return result{response.StatusCode, response.Header, string(body), err}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	isReset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	isCut := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	for name, tc := range map[string]struct {
		fault   twiliosim.Fault
		status  int    // as the client sees it
		body    string // a part of it
		header  string // "Name: value"
		err     func(error) bool
		logged  int  // Request.Status
		created bool // the POST's command
	}{
		"none":               {fault: twiliosim.Fault{Skip: 1}, status: 201, body: `"status":"queued"`, logged: 201, created: true},
		"429":                {fault: twiliosim.TooManyRequests("7", 1), status: 429, body: `"code":20429`, header: "Retry-After: 7", logged: 429},
		"429 without header": {fault: twiliosim.TooManyRequests("", 1), status: 429, body: `"message":"Too Many Requests"`, header: "Retry-After: ", logged: 429},
		"500":                {fault: twiliosim.ServerError(500, 1), status: 500, body: `"code":20500`, logged: 500},
		"503 after creation": {fault: twiliosim.Fault{Status: 503, Accept: true}, status: 503, body: `"code":20503`, logged: 503, created: true},
		"502 in HTML":        {fault: twiliosim.HTMLBadGateway(1), status: 502, body: "<html>", header: "Content-Type: text/html", logged: 502},
		"lost request":       {fault: twiliosim.LostRequest(1), err: isReset},
		"lost answer":        {fault: twiliosim.LostResponse(1), err: isReset, created: true},
		"truncated":          {fault: twiliosim.Fault{TruncateBody: 10}, status: 201, body: `{"sid":"HG`, err: isCut, logged: 201, created: true},
		"truncated refusal":  {fault: twiliosim.Fault{TruncateBody: 10, Status: 500}, status: 500, body: `{"code":20`, err: isCut, logged: 500},
		"not truncated":      {fault: twiliosim.Fault{TruncateBody: 10_000}, status: 201, body: `"}`, logged: 201, created: true},
		"empty body":         {fault: twiliosim.Fault{Body: []byte{}}, status: 201, header: "Content-Length: 0", logged: 201, created: true},
		"HTML body":          {fault: twiliosim.Fault{Body: []byte("<p>")}, status: 201, body: "<p>", logged: 201, created: true},
		"not UTF-8":          {fault: twiliosim.Fault{Body: []byte("\"\xff\"")}, status: 201, body: "\xff", logged: 201, created: true},
		"201 for nothing":    {fault: twiliosim.Fault{Status: 201, Body: []byte("{}")}, status: 201, body: "{}", logged: 201},
		"header only":        {fault: twiliosim.Fault{Header: http.Header{"X-A": {"b"}}}, status: 201, header: "X-A: b", logged: 201, created: true},
		"another date":       {fault: twiliosim.Fault{Header: http.Header{"Date": {"yesterday"}}}, status: 201, header: "Date: yesterday", logged: 201, created: true},
		"no date":            {fault: twiliosim.Fault{Header: http.Header{"Date": nil}}, status: 201, header: "Date: ", logged: 201, created: true},
		"redirect":           {fault: twiliosim.Fault{Status: 307, Header: http.Header{"X-To": {"b"}}}, status: 307, header: "X-To: b", logged: 307},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, twiliosim.Config{})
			s.Inject(tc.fault)
			got := s.do(t, http.MethodPost)
			if got.status != tc.status || !strings.Contains(got.body, tc.body) {
				t.Errorf("got %d %q", got.status, got.body)
			}
			if name, value, ok := strings.Cut(tc.header, ": "); ok && got.header.Get(name) != value {
				t.Errorf("%s: %q", name, got.header.Get(name))
			}
			if tc.err == nil && got.err != nil || tc.err != nil && !tc.err(got.err) {
				t.Errorf("error %v", got.err)
			}
			requests, commands := s.Requests(), s.IPCommands()
			if len(requests) != 1 || requests[0].Status != tc.logged || requests[0].Accepted != tc.created {
				t.Errorf("logged %+v", requests)
			}
			if (len(commands) == 1) != tc.created {
				t.Errorf("%d commands", len(commands))
			}
			if tc.created && requests[0].SID != commands[0].SID {
				t.Errorf("logged %s, created %s", requests[0].SID, commands[0].SID)
			}
			s.ClearFaults()
			if got := s.do(t, http.MethodPost); got.status != 201 || got.err != nil {
				t.Errorf("afterwards: %+v", got)
			}
		})
	}
}

// A fault that names only a status is a refusal in the platform's own form, by
// which a client knows that the API itself has refused.
func TestFaultBodies(t *testing.T) {
	t.Parallel()
	for _, platform := range []twiliosim.Platform{twiliosim.Twilio, twiliosim.KORE} {
		s, _ := newSim(twiliosim.Config{Platform: platform})
		for _, path := range []string{"/v1/IpCommands", "/v1/IpCommands/HG0", "/v1/Sims", "/v1/Commands", "/v1/Commands/DC0"} {
			for _, status := range []int{400, 401, 403, 404, 409, 422, 429, 500, 503, 599} {
				s.Inject(twiliosim.ServerError(status, 1))
				w := call(t, s, http.MethodGet, path, nil)
				got := decode[apiError](t, w, status)
				ofGateway := platform == twiliosim.KORE && !strings.HasPrefix(path, "/v1/Commands") && (status == 401 || status == 403)
				if got.Status != status || got.Message == "" || ofGateway != (got.Code == 0) || ofGateway != (got.MoreInfo == "") {
					t.Errorf("%s %s: %s", platform, path, w.Body)
				}
			}
		}
	}
}

// The client's patience ends, not the test's: the context is cancelled once
// the simulator has logged what becomes of the request.
func TestStall(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault   twiliosim.Fault
		created bool
		logged  int
	}{
		"before": {fault: twiliosim.Stalled(false, 1)},
		"after":  {fault: twiliosim.Stalled(true, 1), created: true},
		"amid":   {fault: twiliosim.Fault{Stall: true, TruncateBody: 5}, created: true, logged: 201},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := serve(t, twiliosim.Config{Log: func(string) { cancel() }})
			s.Inject(tc.fault)
			got := s.send(newRequest(t, http.MethodPost, s.url+"/v1/IpCommands", message(s.sim.SID, "x")).WithContext(ctx))
			if !errors.Is(got.err, context.Canceled) {
				t.Errorf("got %+v", got)
			}
			if n := len(s.IPCommands()); (n == 1) != tc.created {
				t.Errorf("%d commands", n)
			}
			if got := s.Requests()[0].Status; got != tc.logged {
				t.Errorf("the log has the status %d, want %d", got, tc.logged)
			}
		})
	}
}

func TestFaultHooks(t *testing.T) {
	t.Parallel()
	s := serve(t, twiliosim.Config{})
	commands := make(chan int, 2) // that exist at each hook
	s.Inject(twiliosim.Fault{
		Accept: true, Drop: true, Times: 1,
		Delay: func() { commands <- len(s.IPCommands()) },
		Then:  func() { commands <- len(s.IPCommands()) },
	})
	if got := s.do(t, http.MethodPost); got.err == nil {
		t.Errorf("got %+v", got)
	}
	if before, after := <-commands, <-commands; before != 0 || after != 1 {
		t.Errorf("%d, then %d commands", before, after)
	}
}

func TestFaultSelection(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{})
	statuses := func(n int, method, target string, form url.Values) []int {
		var got []int
		for range n {
			got = append(got, call(t, s, method, target, form).Code)
		}
		return got
	}
	check := func(what string, got []int, want ...int) {
		t.Helper()
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%s: got %v, want %v", what, got, want)
				return
			}
		}
	}
	const path = "/v1/IpCommands"
	s.Inject(twiliosim.TooManyRequests("1", 2).On(http.MethodPost, path))
	s.Inject(twiliosim.Fault{Method: http.MethodPost, Status: 500, Skip: 1, Times: 1})
	check("another method", statuses(1, "GET", path, nil), 200)
	check("one after the other", statuses(5, "POST", path, message(sim.SID, "x")), 429, 429, 201, 500, 201)
	s.ClearFaults()
	s.Inject(twiliosim.ServerError(503, 0).On("", "/v1/Commands"))
	check("another path", statuses(1, "GET", path, nil), 200)
	check("for ever", statuses(4, "GET", "/v1/Commands?x=y", nil), 503, 503, 503, 503)
	s.ClearFaults()
	check("cleared", statuses(1, "GET", "/v1/Commands", nil), 200)
	s.Inject(twiliosim.Fault{Status: 418, Match: func(method, path string, query, form url.Values) bool {
		return form.Get("Payload") == "tea" || query.Get("Sim") == "pot" || path == "/cup" || method == http.MethodPatch
	}})
	check("no match", statuses(1, "POST", path, message(sim.SID, "x")), 201)
	check("by form", statuses(1, "POST", path, message(sim.SID, "tea")), 418)
	check("by query", statuses(1, "GET", path+"?Sim=pot", nil), 418)
	check("by path", statuses(1, "GET", "/cup", nil), 418)
	check("by method", statuses(1, "PATCH", path, nil), 418)
}

// A request with wrong credentials that a fault lets through is still refused.
func TestAlteredResponsesAreRealOnes(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	s.Inject(twiliosim.Fault{Header: http.Header{"X-A": {"b"}}})
	r := newRequest(t, http.MethodGet, "/v1/IpCommands", nil)
	r.SetBasicAuth("x", "y")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 401 || w.Header().Get("X-A") != "b" || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("got %d %v", w.Code, w.Header())
	}
}

func TestFaultsOverTLS(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	sim := s.AddSIM(twiliosim.SIM{})
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	s.Inject(twiliosim.LostResponse(1))
	client := served{Simulator: s, sim: sim, url: server.URL, client: server.Client()}
	if got := client.do(t, http.MethodPost); got.err == nil {
		t.Errorf("got %+v", got)
	}
	if got := client.do(t, http.MethodGet); got.status != 200 || len(s.IPCommands()) != 1 {
		t.Errorf("afterwards: %+v", got)
	}
}

// On a recorder there is no connection to break, so the handler is aborted.
func TestDropWithoutConnection(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	s.Inject(twiliosim.LostRequest(0))
	defer func() {
		if r := recover(); r != http.ErrAbortHandler { //nolint:errorlint // a recovered value, compared as net/http does.
			t.Errorf("recovered %v", r)
		}
	}()
	call(t, s, http.MethodGet, "/v1/IpCommands", nil)
}

func TestRetryAfterDate(t *testing.T) {
	t.Parallel()
	s, _ := newSim(twiliosim.Config{})
	date := epoch.Add(time.Minute).Format(http.TimeFormat)
	s.Inject(twiliosim.TooManyRequests(date, 1))
	if got := call(t, s, http.MethodGet, "/v1/IpCommands", nil).Header().Get("Retry-After"); got != date {
		t.Errorf("got %q", got)
	}
}
