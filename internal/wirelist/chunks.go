package wirelist

// chunkSize is how much of a response is in one piece while it grows, in bytes.
const chunkSize = 1 << 20

// chunks is a text of many megabytes that grows by pieces: as one slice it
// would be copied each time that it outgrows its room.
type chunks struct {
	full [][]byte
	last []byte
	size int
}

// Write implements io.Writer; it never fails.
func (c *chunks) Write(p []byte) (int, error) {
	if len(p) > cap(c.last)-len(c.last) {
		c.full = append(c.full, c.last)
		c.last = make([]byte, 0, max(chunkSize, len(p)))
	}
	c.last = append(c.last, p...)
	c.size += len(p)
	return len(p), nil
}

// WriteByte implements io.ByteWriter; it never fails.
func (c *chunks) WriteByte(b byte) error {
	_, err := c.Write([]byte{b})
	return err
}

// appendTo appends the whole text to b.
func (c *chunks) appendTo(b []byte) []byte {
	for _, piece := range c.full {
		b = append(b, piece...)
	}
	return append(b, c.last...)
}
