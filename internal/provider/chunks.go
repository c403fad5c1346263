package provider

// chunkSize is how much of an answer is in one piece while it grows, in bytes.
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

// join returns the whole text, and lets go of the pieces.
func (c *chunks) join() []byte {
	whole := make([]byte, 0, c.size)
	for _, piece := range append(c.full, c.last) {
		whole = append(whole, piece...)
	}
	*c = chunks{}
	return whole
}
