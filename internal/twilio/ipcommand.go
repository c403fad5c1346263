package twilio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Values of the enumerations of IP Commands and Commands. The API may add
// others later; they are passed through.
const (
	StatusQueued    = "queued"
	StatusSent      = "sent"
	StatusReceived  = "received"
	StatusFailed    = "failed"
	StatusDelivered = "delivered" // Commands only

	DirectionToSIM   = "to_sim"   // mobile-terminated
	DirectionFromSIM = "from_sim" // mobile-originated

	PayloadText   = "text"
	PayloadBinary = "binary"

	TransportSMS = "sms" // Commands only
	TransportIP  = "ip"  // Commands only
)

const ipCommandsPath = "/v1/IpCommands"

// IPCommand is a message sent to or received from a Super SIM, as the API
// describes it (schema supersim.v1.ip_command). A field that the API gives as
// null is nil.
type IPCommand struct {
	// SID identifies the command: HG and 32 hexadecimal digits.
	SID        string  `json:"sid"`
	AccountSID *string `json:"account_sid"`
	// SIMSID identifies the Super SIM: HS and 32 hexadecimal digits.
	SIMSID    *string `json:"sim_sid"`
	SIMICCID  *string `json:"sim_iccid"`
	Status    *string `json:"status"`
	Direction *string `json:"direction"`
	// DeviceIP is nil until the command has been sent.
	DeviceIP *string `json:"device_ip"`
	// DevicePort is the destination port of a message to the SIM, and the
	// source port of one from it.
	DevicePort  *int64  `json:"device_port"`
	PayloadType *string `json:"payload_type"`
	// Payload is text, or standard Base64 where PayloadType is binary.
	Payload     *string    `json:"payload"`
	DateCreated *Timestamp `json:"date_created"`
	DateUpdated *Timestamp `json:"date_updated"`
	URL         *string    `json:"url"`
}

// IsQueued tells that the command has not left yet.
func (c IPCommand) IsQueued() bool { return c.Status == nil || *c.Status == StatusQueued }

// IsFailed tells that the command could not be sent.
func (c IPCommand) IsFailed() bool { return c.Status != nil && *c.Status == StatusFailed }

// IsSettled tells that the command never changes again (rule R5): it was
// received, has failed, or was sent to a device whose address is known.
func (c IPCommand) IsSettled() bool {
	if c.Status == nil {
		return false
	}
	switch *c.Status {
	case StatusSent:
		return c.DeviceIP != nil
	case StatusFailed, StatusReceived:
		return true
	}
	return false
}

// Created returns when the command was created, and false where the API does
// not say.
func (c IPCommand) Created() (time.Time, bool) {
	if c.DateCreated == nil {
		return time.Time{}, false
	}
	return c.DateCreated.Time()
}

// IPCommandParams are the parameters of a message to send.
type IPCommandParams struct {
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

func (p IPCommandParams) payloadType() string { return withDefault(p.PayloadType, PayloadText) }

// IPCommandFilter narrows a list of IP Commands; empty fields match all.
type IPCommandFilter struct {
	// SIM is the SID or the unique name of a Super SIM.
	SIM       string
	SIMICCID  string
	Status    string
	Direction string
}

// FetchIPCommand returns the command with this SID. IsNotFound tells that the
// API does not know it, or no longer: it forgets commands after 30 days.
func (c *Client) FetchIPCommand(ctx context.Context, sid string) (IPCommand, error) {
	return c.fetchIPCommand(ctx, c.ipCommandRequest(sid), sid)
}

func (c *Client) ipCommandRequest(sid string) request {
	return c.superSIMRequest(http.MethodGet, ipCommandsPath+escapePath(sid))
}

// fetchIPCommand makes a request for the command with this SID, or for one
// whose SID is not known yet. An answer about another command is unreadable.
func (c *Client) fetchIPCommand(ctx context.Context, r request, sid string) (IPCommand, error) {
	var cmd IPCommand
	err := c.do(ctx, r, func(body io.Reader) (err error) {
		cmd, err = decodeIPCommand(body)
		if err == nil && sid != "" && cmd.SID != sid {
			err = fmt.Errorf("it is another command, %s", clean(cmd.SID))
		}
		return err
	})
	return cmd, err
}

// ListIPCommands iterates over the commands that match filter, in the API's
// order (newest first), one request for each page. A failure ends the
// iteration with an error.
func (c *Client) ListIPCommands(ctx context.Context, filter IPCommandFilter, opts ListOptions) iter.Seq2[IPCommand, error] {
	r := c.superSIMRequest(http.MethodGet, ipCommandsPath)
	return list(ctx, c, r, filter.query(), opts.largestPage(c.platform.MaxIPCommandsPage), func() page[IPCommand] { return new(ipCommandPage) })
}

func (f IPCommandFilter) query() url.Values {
	return nonEmpty(map[string]string{"Sim": f.SIM, "SimIccid": f.SIMICCID, "Status": f.Status, "Direction": f.Direction})
}

// postIPCommand makes the POST; Send is what callers want.
func (c *Client) postIPCommand(ctx context.Context, r request, p IPCommandParams) (IPCommand, error) {
	r.form = nonEmpty(map[string]string{
		"Sim": p.SIM, "Payload": p.Payload, "PayloadType": p.PayloadType, "DevicePort": strconv.FormatInt(p.DevicePort, 10),
		"CallbackUrl": p.CallbackURL, "CallbackMethod": p.CallbackMethod,
	})
	return c.fetchIPCommand(ctx, r, "")
}

func (c *Client) superSIMRequest(method, path string) request {
	return request{method: method, base: c.superSIM, path: path, maxRetries: c.maxRetries}
}

func decodeIPCommand(r io.Reader) (IPCommand, error) {
	answer, err := readAnswer(r)
	if err != nil {
		return IPCommand{}, err
	}
	body := []byte(answer)
	var cmd IPCommand
	err = unmarshal(body, &cmd)
	if errors.As(err, new(*json.UnmarshalTypeError)) {
		if rest, ok := withoutOddFields[IPCommand](body); ok {
			cmd = IPCommand{}
			err = unmarshal(rest, &cmd)
		}
	}
	if err != nil {
		return IPCommand{}, err
	}
	if cmd.SID == "" {
		return IPCommand{}, errors.New("the answer has no sid")
	}
	return cmd, nil
}

// payloadBytes returns the bytes that reach the device, and whether payload
// can be understood at all.
func payloadBytes(payload, payloadType string) ([]byte, bool) {
	if payloadType != PayloadBinary {
		return []byte(payload), true
	}
	b, err := base64.StdEncoding.DecodeString(payload)
	return b, err == nil
}

type ipCommandPage struct {
	IPCommands []IPCommand `json:"ip_commands"`
	Meta       *pageMeta   `json:"meta"`
}

func (p *ipCommandPage) content() ([]IPCommand, *pageMeta) {
	return identified(p.IPCommands, func(c IPCommand) string { return c.SID }), p.Meta
}

// decode implements pageDecoder.
func (p *ipCommandPage) decode(body string) bool {
	items, meta, ok := decodePage(body, "ip_commands", ipCommandFields)
	if ok {
		p.IPCommands, p.Meta = items, meta
	}
	return ok
}

var ipCommandFields = []itemField[IPCommand]{
	{name: "sid", text: func(c *IPCommand, v *string) { c.SID = *v }},
	{name: "account_sid", text: func(c *IPCommand, v *string) { c.AccountSID = v }},
	{name: "sim_sid", text: func(c *IPCommand, v *string) { c.SIMSID = v }},
	{name: "sim_iccid", text: func(c *IPCommand, v *string) { c.SIMICCID = v }},
	{name: "status", text: func(c *IPCommand, v *string) { c.Status = v }},
	{name: "direction", text: func(c *IPCommand, v *string) { c.Direction = v }},
	{name: "device_ip", text: func(c *IPCommand, v *string) { c.DeviceIP = v }},
	{name: "device_port", integer: func(c *IPCommand, v *int64) { c.DevicePort = v }},
	{name: "payload_type", text: func(c *IPCommand, v *string) { c.PayloadType = v }},
	{name: "payload", text: func(c *IPCommand, v *string) { c.Payload = v }},
	{name: "date_created", text: func(c *IPCommand, v *string) { c.DateCreated = (*Timestamp)(v) }},
	{name: "date_updated", text: func(c *IPCommand, v *string) { c.DateUpdated = (*Timestamp)(v) }},
	{name: "url", text: func(c *IPCommand, v *string) { c.URL = v }},
}
