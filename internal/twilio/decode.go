package twilio

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// decodeJSON reads a body that is exactly one JSON value.
func decodeJSON(r io.Reader, into any) error {
	body, err := readAnswer(r)
	if err != nil {
		return err
	}
	if p, ok := into.(pageDecoder); ok && p.decode(body) {
		return nil
	}
	return unmarshal([]byte(body), into)
}

// readAnswer reads a body whole before it is decoded: half an answer is not an
// answer. Where its size is known, it is read into memory of this size.
func readAnswer(r io.Reader) (string, error) {
	var b strings.Builder
	piece := 8 << 10
	if sized, ok := r.(interface{ Len() int }); ok && sized.Len() > 0 {
		b.Grow(sized.Len())
		piece = min(sized.Len(), 32<<10)
	}
	if _, err := io.CopyBuffer(&b, r, make([]byte, piece)); err != nil {
		return "", fmt.Errorf("reading it: %w", err)
	}
	body := b.String()
	if body == "" {
		return "", errors.New("it is empty")
	}
	if !utf8.ValidString(body) {
		// encoding/json would replace what it can't read, and a payload
		// would no longer be what was sent.
		return "", errors.New("it is not UTF-8")
	}
	return body, nil
}

func unmarshal(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("it is not the JSON that the API describes (%w): %s", err, describeAnswer(body))
	}
	return nil
}

// withoutOddFields returns a JSON object without the fields that do not decode
// into a T, and false where it is none. One field that has become of another
// type must not lose the others, above all the SID of a message that was sent.
func withoutOddFields[T any](body []byte) ([]byte, bool) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, false
	}
	for name, value := range fields {
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		if err != nil || json.Unmarshal(one, new(T)) != nil {
			delete(fields, name)
		}
	}
	rest, err := json.Marshal(fields)
	return rest, err == nil
}

// describeAnswer describes a body without quoting it, since whatever it is, it
// may hold a payload. Only the title of an HTML page is told: it says whose
// page it is.
func describeAnswer(body []byte) string {
	if text := clean(string(body)); strings.HasPrefix(text, "<") {
		return htmlPage(text)
	}
	return fmt.Sprintf("%d bytes", len(body))
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

// maxAnswerBytes bounds what is read of one answer. A page of 1,000 commands
// whose 1,300 bytes of payload are all escaped in JSON stays below it.
const maxAnswerBytes = 16 << 20

// boundedReader reads at most maxAnswerBytes and then fails, rather than
// ending as if the answer were complete.
//
// size is how much there is to read, negative when that is not known.
func boundedReader(r io.Reader, size int64) io.Reader {
	return &bounded{r: r, left: maxAnswerBytes, size: int(max(0, min(size, maxAnswerBytes)))}
}

type bounded struct {
	r    io.Reader
	left int64
	size int
}

// Len is how much there is to read, 0 when that is not known.
func (b *bounded) Len() int { return b.size }

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left == 0 && len(p) > 0 {
		// Nothing but the end may follow.
		if n, err := b.r.Read(p[:1]); n == 0 {
			return 0, err
		}
		return 0, fmt.Errorf("the answer is larger than %d MiB", maxAnswerBytes>>20)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
