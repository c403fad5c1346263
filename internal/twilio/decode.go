package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// decodeJSON reads a body that is exactly one JSON value. The body is read
// whole before it is decoded: half an answer is not an answer.
func decodeJSON(r io.Reader, into any) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("reading it: %w", err)
	}
	if len(body) == 0 {
		return errors.New("it is empty")
	}
	if !utf8.Valid(body) {
		// encoding/json would replace what it can't read, and a payload
		// would no longer be what was sent.
		return errors.New("it is not UTF-8")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("it is not the JSON that the API describes (%w): %s", err, excerptOfAnswer(body))
	}
	return nil
}

// excerptOfAnswer describes a body without quoting JSON, which may hold a
// payload.
func excerptOfAnswer(body []byte) string {
	if json.Valid(body) || body[0] == '{' || body[0] == '[' {
		return fmt.Sprintf("%d bytes", len(body))
	}
	return excerpt(string(body))
}

// Timestamp is a date as the API gives it: ISO 8601 in GMT, such as
// 2015-07-30T20:00:00Z.
type Timestamp string

// Time returns the moment, and false when it can't be understood. RFC 1123
// is what Twilio's older APIs write.
func (t Timestamp) Time() (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123} {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// RFC3339 returns the date in RFC 3339, in UTC, or unchanged when it can't be
// understood.
func (t Timestamp) RFC3339() string {
	at, ok := t.Time()
	if !ok {
		return string(t)
	}
	return at.UTC().Format(time.RFC3339Nano)
}
