package wirelist

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestChunks writes pieces of all sizes, around the borders of chunks too.
func TestChunks(t *testing.T) {
	t.Parallel()
	for _, sizes := range [][]int{{}, {0}, {1}, {chunkSize}, {chunkSize - 1, 1, 1}, {chunkSize - 1, 2}, {1, 3 * chunkSize, 5}, {chunkSize, chunkSize, 1}} {
		var c chunks
		var want bytes.Buffer
		for _, size := range sizes {
			piece := make([]byte, size)
			for i := range piece {
				piece[i] = byte(rand.Uint())
			}
			for _, w := range []interface{ Write([]byte) (int, error) }{&c, &want} {
				if n, err := w.Write(piece); n != size || err != nil {
					t.Errorf("%v: wrote %d of %d: %v", sizes, n, size, err)
				}
			}
			if err := c.WriteByte('x'); err != nil {
				t.Error(err)
			}
			want.WriteByte('x')
			if c.size != want.Len() {
				t.Errorf("%v: size %d, want %d", sizes, c.size, want.Len())
			}
			for i := range piece { // What was written is the writer's own.
				piece[i] = 0
			}
		}
		if got := c.appendTo(nil); !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%v: %d bytes, want %d others", sizes, len(got), want.Len())
		}
	}
}
