package rest

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"
)

// TestReadBody_memory has responses that promise any length: what is set aside
// for them is bounded, whatever they promise, and so is what is read.
func TestReadBody_memory(t *testing.T) {
	t.Parallel()
	const bound = 1 << 16
	for _, length := range []int64{-1, 0, 5, bound, bound + 1, 1 << 40, math.MaxInt64} {
		body, err := readBody(strings.NewReader("hello"), length, bound)
		if string(body) != "hello" || err != nil || cap(body) > bound+bytes.MinRead {
			t.Errorf("a length of %d: %q, %v, in %d bytes", length, body, err, cap(body))
		}
		endless := &counted{}
		if _, err := readBody(endless, length, bound); err == nil || endless.read > bound+bytes.MinRead {
			t.Errorf("a length of %d: %v, %d bytes were read", length, err, endless.read)
		}
	}
}

// counted gives letters for ever.
type counted struct{ read int }

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	n := copy(p, bytes.Repeat([]byte("x"), len(p)))
	c.read += n
	return n, nil
}

var _ io.Reader = (*counted)(nil)
