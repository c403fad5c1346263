package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// wrapperPhrases reads the lists of what wrappers of Terraform look for.
func wrapperPhrases(t *testing.T) []*regexp.Regexp {
	t.Helper()
	content, err := os.ReadFile("../provider/testdata/wrapper_phrases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var phrases []*regexp.Regexp
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			// What comes before and after does not matter, and takes most of the time.
			phrases = append(phrases, regexp.MustCompile("(?s)"+strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(line, "(?s)"), ".*"), ".*")))
		}
	}
	return phrases
}

// beginnings is how an output may begin after which part of a phrase is enough.
const beginnings = "provider registry app.terraform.io Failed to load state Failed to load backend Error installing provider Error configuring the backend " +
	"Failed to resolve provider Failed to query available provider packages could not query provider registry could not connect to registry " +
	"failed to request discovery document Could not download module ssh_exchange_identification net/http: TLS "

// netError is an error of net/http, most of which have no name.
type netError string

func (e netError) Error() string   { return string(e) }
func (e netError) Timeout() bool   { return true }
func (e netError) Temporary() bool { return true }

// TestSend_R12 has all kinds of trouble with a POST, with the looks for its
// message, and with the bodies of both: no text that follows from it has a
// phrase that a wrapper repeats on, in whatever output it stands.
func TestSend_R12(t *testing.T) {
	t.Parallel()
	phrases := wrapperPhrases(t)
	from, to := &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 50000}, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 2), Port: 443}
	op := func(name string, err error) error {
		return &net.OpError{Op: name, Net: "tcp", Source: from, Addr: to, Err: err}
	}
	call := func(name string, errno syscall.Errno) error {
		if name == "connect" {
			return &net.OpError{Op: "dial", Net: "tcp", Addr: to, Err: os.NewSyscallError(name, errno)}
		}
		return op(name, os.NewSyscallError(name, errno))
	}
	causes := map[string]struct {
		err  error
		says string
	}{
		"reset":             {call("read", syscall.ECONNRESET), "reading, 10.0.0.1:50000->10.0.0.2:443: the other side broke the connection off"},
		"reset in writing":  {call("write", syscall.ECONNRESET), "writing, 10.0.0.1:50000->10.0.0.2:443: the other side broke the connection off"},
		"broken pipe":       {call("write", syscall.EPIPE), "the other side has closed the connection"},
		"refused":           {call("connect", syscall.ECONNREFUSED), "connecting to 10.0.0.2:443: nobody takes connections there"},
		"timed out":         {call("connect", syscall.ETIMEDOUT), "connecting to 10.0.0.2:443: connect: it took too long"},
		"no route":          {call("connect", syscall.EHOSTUNREACH), "connecting to 10.0.0.2:443: connect: no route to host"},
		"EOF":               {io.EOF, "the other side closed the connection"},
		"unexpected EOF":    {io.ErrUnexpectedEOF, "it broke off in the middle"},
		"EOF of a read":     {op("read", io.EOF), "10.0.0.2:443: the other side closed the connection"},
		"i/o timeout":       {op("read", os.ErrDeadlineExceeded), "it took too long"},
		"closed":            {op("read", net.ErrClosed), "10.0.0.2:443"},
		"deadline":          {context.DeadlineExceeded, "the time for it was over"},
		"TLS handshake":     {netError("net/http: TLS handshake timeout"), "agreeing on TLS: it took too long"},
		"TLS":               {op("remote error", errors.New("tls: handshake failure")), "tls: handshake failure"},
		"headers":           {netError("net/http: timeout awaiting response headers"), "it took too long awaiting response headers"},
		"Client.Timeout":    {netError("context deadline exceeded (Client.Timeout exceeded while awaiting headers)"), "it took too long while awaiting headers"},
		"lookup":            {&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x.invalid", IsNotFound: true}}, "connecting: lookup x.invalid: nobody knows this name"},
		"lookup times out":  {&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", Name: "x.invalid", Server: "10.0.0.3:53", IsTimeout: true}}, "lookup x.invalid on 10.0.0.3:53: it took too long"},
		"proxy":             {&net.OpError{Op: "proxyconnect", Net: "tcp", Err: call("connect", syscall.ECONNREFUSED)}, "connecting through the proxy: connecting to 10.0.0.2:443"},
		"not HTTP":          {errors.New(`malformed HTTP response "read: connection reset by peer"`), "no HTTP response"},
		"of another system": {call("read", syscall.Errno(0x2746)), "10.0.0.2:443"},
	}
	const phrase = "read: connection reset by peer; dial tcp: i/o timeout; context deadline exceeded: 429 Too Many Requests, TLS handshake timeout, EOF"
	respond := func(r *http.Request, status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{"Date": {epoch.Format(http.TimeFormat)}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	type trouble struct {
		respond func(r *http.Request) (*http.Response, error)
		says    string
	}
	troubles := map[string]trouble{}
	for name, cause := range causes {
		troubles[name] = trouble{func(*http.Request) (*http.Response, error) { return nil, cause.err }, cause.says}
		troubles[name+" in a body"] = trouble{func(r *http.Request) (*http.Response, error) {
			resp, err := respond(r, http.StatusOK, "")
			if cause.err != io.EOF { //nolint:errorlint // That is the end of a body.
				resp.Body = io.NopCloser(brokenBody{cause.err})
			}
			return resp, err
		}, ""}
	}
	for _, status := range []int{400, 404, 408, 429, 500, 502, 503, 504, 599} {
		for form, body := range map[string]string{
			"the API's form": fmt.Sprintf(`{"code":20%d,"message":%q,"more_info":%q,"status":%d}`, status, http.StatusText(status)+": "+phrase, phrase, status),
			"HTML":           "<html><title>" + phrase + "</title>",
			"other JSON":     fmt.Sprintf(`{"message":%q}`, phrase),
		} {
			troubles[fmt.Sprintf("%d in %s", status, form)] = trouble{func(r *http.Request) (*http.Response, error) { return respond(r, status, body) }, fmt.Sprint("HTTP ", status)}
		}
	}
	for name, trouble := range troubles {
		for _, of := range []string{http.MethodPost, http.MethodGet, "both"} {
			t.Run(name+" of "+of, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t).noRetries()
				w.client.IPCommands.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
					switch {
					case of == r.Method || of == "both":
						return trouble.respond(r)
					case r.Method == http.MethodPost:
						return respond(r, http.StatusInternalServerError, `{"code":20500,"message":"no","status":500}`)
					}
					return respond(r, http.StatusOK, `{"ip_commands":[],"meta":{"next_page_url":null}}`)
				})
				_, err := w.client.send(t.Context(), w.message(), time.Time{})
				if err == nil {
					t.Fatal("it was sent")
				}
				slices.Sort(w.log.lines)
				text := err.Error() + "\n" + strings.Join(slices.Compact(w.log.lines), "\n")
				if unknown := (*UnknownOutcomeError)(nil); errors.As(err, &unknown) {
					text += "\n" + fmt.Sprint(unknown.Err, unknown.LookErr)
				} else if of == http.MethodGet {
					t.Errorf("%T: %v", err, err)
				}
				if !strings.Contains(err.Error(), trouble.says) {
					t.Errorf("the error lacks %q: %v", trouble.says, err)
				}
				for _, phrase := range phrases {
					for _, output := range [][2]string{{"", ""}, {beginnings, "timeout"}, {beginnings + "tcp ", ""}} {
						if phrase.MatchString(output[0]+text+output[1]) && !phrase.MatchString(output[0]+output[1]) {
							t.Errorf("a wrapper repeats for %q:\n%s", phrase, text)
						}
					}
				}
			})
		}
	}
}

// brokenBody is a body that breaks off.
type brokenBody struct{ err error }

func (b brokenBody) Read([]byte) (int, error) { return 0, b.err }
