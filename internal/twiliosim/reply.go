package twiliosim

import (
	"bytes"
	"encoding/hex"
	"regexp"
	"time"
	"unicode/utf8"
)

// Reply is a message that a device sends because one has reached it. It
// becomes an IP Command of the direction from_sim, created when it arrives.
type Reply struct {
	// To is the payload that it replies to, byte for byte; nil means any.
	To []byte
	// Pattern, if set, must match somewhere in the payload that it replies to: in
	// the text if the bytes are UTF-8, else in their lower-case hexadecimal
	// digits.
	Pattern *regexp.Regexp

	// Payload is what the device sends, at least a byte.
	Payload []byte
	// Port is the UDP port that the device sends it from; 0 means the port
	// that the message came to.
	Port int
	// After is how long after the message has left the reply arrives.
	After time.Duration
}

// isTo reports whether the device sends the reply to this payload.
func (r *Reply) isTo(payload []byte) bool {
	if r.To != nil && !bytes.Equal(r.To, payload) {
		return false
	}
	if r.Pattern == nil {
		return true
	}
	if utf8.Valid(payload) {
		return r.Pattern.Match(payload)
	}
	return r.Pattern.MatchString(hex.EncodeToString(payload))
}
