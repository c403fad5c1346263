package twilio

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// MessageParams are the parameters of a message to send.
type MessageParams struct {
	// SIM is the SID or the unique name of a Super SIM.
	SIM string
	// Payload is text, or standard Base64 where PayloadType is binary; 1 to
	// 1300 bytes once decoded.
	Payload string
	// PayloadType is PayloadText or PayloadBinary; empty leaves it to the API
	// (text).
	PayloadType string
	// DevicePort is the UDP port on the device, 1 to 65535.
	DevicePort int64
	// CallbackURL is called when the status changes; empty means no call.
	CallbackURL string
	// CallbackMethod is GET or POST; empty leaves it to the API (POST).
	CallbackMethod string
}

// Message is a message to a device on its way: what was asked for, what the API has
// of it, and what must be hidden of it.
type Message struct {
	Params MessageParams
	// IPCommand is what is known of the message at the API. Its SID is empty until
	// the API has accepted the message.
	IPCommand
	// IsFound reports whether the message was sent before (rule R10).
	IsFound bool
	// Lost is why the response to the POST was lost; nil where it was read. The
	// command was then found by looking for it (rule R2).
	Lost error

	hidden []string

	// What the registry knows of a message, under its lock.

	// simSID is that of its SIM, once a look has shown it.
	simSID string
	// began is when the last attempt began, by our clock, and inFlight whether that
	// has yet to end.
	began    time.Time
	inFlight bool
	// isLost reports whether the last attempt ended without a definite response, and
	// no command was found for it yet.
	isLost bool
}

// Recorded is the message of a command that is known. Of p, the payload may be
// missing.
func Recorded(p MessageParams, cmd IPCommand) *Message {
	return &Message{Params: p, IPCommand: cmd, hidden: p.hidden()}
}

// hidden returns what must not be shown of a message: its payload, decoded too,
// and all of the callback but its scheme and host.
func (p MessageParams) hidden() []string {
	hidden := []string{p.Payload}
	if decoded, err := base64.StdEncoding.DecodeString(p.Payload); err == nil && p.payloadType() == PayloadBinary {
		hidden = append(hidden, string(decoded))
	}
	u, err := url.Parse(p.CallbackURL)
	if err != nil {
		return append(hidden, p.CallbackURL)
	}
	password, _ := u.User.Password()
	hidden = append(hidden, u.User.Username(), password, u.Opaque, u.RawQuery, u.Fragment)
	if len(u.Path) > 8 { // A short one is a word such as "sent".
		hidden = append(hidden, u.Path)
	}
	for _, values := range u.Query() {
		hidden = append(hidden, values...)
	}
	return hidden
}

func (p MessageParams) payloadType() string { return cmp.Or(p.PayloadType, PayloadText) }

// mayBe reports whether cmd can be this message. What the API does not tell of
// it speaks neither for nor against.
func (p MessageParams) mayBe(cmd IPCommand) bool {
	if p.isElsewhere(cmd) || cmd.PayloadType != nil && *cmd.PayloadType != p.payloadType() {
		return false
	}
	return cmd.Payload == nil || samePayload(*cmd.Payload, p.Payload, p.payloadType())
}

// isElsewhere reports whether cmd certainly went to another SIM or port, or came
// from a SIM.
func (p MessageParams) isElsewhere(cmd IPCommand) bool {
	return cmd.SIMSID != nil && IsSID("HS", p.SIM) && !strings.EqualFold(*cmd.SIMSID, p.SIM) ||
		cmd.DevicePort != nil && *cmd.DevicePort != p.DevicePort ||
		cmd.Direction != nil && *cmd.Direction != DirectionToSIM
}

// mayShareSIM reports whether two messages may go to the same SIM, which one of
// them may name by its SID, and the other by its unique name.
func (p MessageParams) mayShareSIM(o MessageParams) bool {
	return strings.EqualFold(p.SIM, o.SIM) || IsSID("HS", p.SIM) != IsSID("HS", o.SIM)
}

// isEqual reports whether two messages are the same, but for their SIM: two that
// differ only in their Base64 are.
func (p MessageParams) isEqual(o MessageParams) bool {
	return p.DevicePort == o.DevicePort && p.payloadType() == o.payloadType() && samePayload(p.Payload, o.Payload, p.payloadType())
}

// mayRepeat reports whether p may be the message m over again. Of a payload that is
// missing, nobody knows.
func (p MessageParams) mayRepeat(m *Message) bool {
	if m.Params.Payload == "" || p.Payload == "" {
		p.Payload = m.Params.Payload
	}
	return p.isEqual(m.Params) && p.mayShareSIM(m.Params) && !p.isElsewhere(m.IPCommand)
}

// looksLike reports whether the commands of two messages could be mistaken for
// each other, even if the API trims white space at the ends of a text.
func (p MessageParams) looksLike(o MessageParams) bool {
	if p.payloadType() == PayloadText {
		p.Payload, o.Payload = strings.TrimSpace(p.Payload), strings.TrimSpace(o.Payload)
	}
	return p.isEqual(o)
}

// mayHaveCreated reports whether the message may have created a command that a
// list of its SIM shows, which may lack white space at its ends.
func (p MessageParams) mayHaveCreated(cmd IPCommand) bool {
	return cmd.DevicePort != nil && cmd.Payload != nil && (p.mayBe(cmd) || p.isTrimmed(cmd))
}

// isTrimmed reports whether cmd can be this message, written back by an API that
// trims white space at the ends of a text.
func (p MessageParams) isTrimmed(cmd IPCommand) bool {
	if p.payloadType() != PayloadText || cmd.Payload == nil || !strings.Contains(nfc(p.Payload), nfc(*cmd.Payload)) ||
		strings.TrimSpace(p.Payload) != strings.TrimSpace(*cmd.Payload) {
		return false
	}
	p.Payload = *cmd.Payload
	return p.mayBe(cmd)
}

// nfc is a text in the Unicode normalisation in which Terraform has its strings.
// The API, and whoever else sends, may have it in another.
func nfc(text string) string { return norm.NFC.String(text) }

// samePayload reports whether two payloads are the same message.
func samePayload(a, b, payloadType string) bool {
	if payloadType != PayloadBinary {
		return nfc(a) == nfc(b)
	}
	x, xErr := base64.StdEncoding.DecodeString(a)
	y, yErr := base64.StdEncoding.DecodeString(b)
	return xErr == nil && yErr == nil && bytes.Equal(x, y)
}
