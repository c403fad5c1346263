package twilio

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   Timestamp
		want string
		ok   bool
	}{
		{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T12:00:00.25Z", "2026-03-01T12:00:00.25Z", true},
		{"Sun, 01 Mar 2026 12:00:00 +0000", "2026-03-01T12:00:00Z", true},
		{"Sun, 01 Mar 2026 12:00:00 GMT", "2026-03-01T12:00:00Z", true},
		{"yesterday", "yesterday", false},
		{"", "", false},
	} {
		if _, ok := test.in.Time(); ok != test.ok || test.in.RFC3339() != test.want {
			t.Errorf("%q: %q, %t", test.in, test.in.RFC3339(), ok)
		}
	}
}

func TestBoundedReader(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, maxAnswerBytes - 1, maxAnswerBytes, maxAnswerBytes + 1} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			n, err := io.Copy(io.Discard, boundedReader(io.LimitReader(zeros{}, int64(size)), 0))
			if tooLarge := size > maxAnswerBytes; (err != nil) != tooLarge || int(n) > maxAnswerBytes {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
	}
}

// zeros is endless.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func FuzzDecodeIPCommand(f *testing.F) {
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"sid":""}`, `{"sid":"HG1"}`, ` {"sid":"HG1"} `, `{"sid":"HG1"}x`, `{"sid":1}`,
		`{"sid":"HG1","device_port":70000,"payload":"\u0000\ud800","date_created":"2026-03-01T12:00:00Z"}`,
		`{"sid":"HG1","device_port":1e99}`, "{\"sid\":\"\xff\"}", "<html><title>x</title></html>", "\ufeff{}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		cmd, err := decodeIPCommand(bytes.NewReader(body))
		if err != nil {
			if cmd.SID != "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("%+v, %q", cmd, err)
			}
			return
		}
		if cmd.SID == "" || !utf8.ValidString(cmd.SID) || cmd.Payload != nil && !utf8.ValidString(*cmd.Payload) {
			t.Errorf("decoded %+v", cmd)
		}
		// None of these may panic on what the API says.
		_ = cmd.IsQueued() || cmd.IsFailed() || cmd.IsSettled() || fits(cmd, IPCommandParams{PayloadType: PayloadBinary})
		if cmd.DateCreated != nil {
			_ = cmd.DateCreated.RFC3339()
		}
	})
}
