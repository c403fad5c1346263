package twilio

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	json "github.com/go-json-experiment/json/v1"
	"golang.org/x/text/unicode/norm"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
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

const (
	ipCommandsPath = "/v1/IpCommands"
	ipCommandsKey  = "ip_commands"
)

// IsSID reports whether s is a SID with this prefix of two letters, which 32
// hexadecimal digits follow.
func IsSID(prefix, s string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	return ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

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
	// ErrorCode says why the command failed, by the vendor's list of errors;
	// empty where the API does not say. Its page promises the code, its
	// description has no such field.
	ErrorCode json.Number `json:"error_code"`
}

func (c IPCommand) id() (prefix, sid string) { return "HG", c.SID }

func (c IPCommand) filtered() filtered {
	return filtered{{"Sim", c.SIMSID}, {"SimIccid", c.SIMICCID}, {"Status", c.Status}, {"Direction", c.Direction}}
}

// IsQueued reports whether the command has not left yet.
func (c IPCommand) IsQueued() bool { return c.Status == nil || *c.Status == StatusQueued }

// IsFailed reports whether the command could not be sent.
func (c IPCommand) IsFailed() bool { return c.Status != nil && *c.Status == StatusFailed }

// IsSettled reports whether the command never changes again (rule R5): it was
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

// updatedBy returns the command as newer tells it, but for what newer leaves out:
// null never replaces what is known.
func (c IPCommand) updatedBy(newer IPCommand) IPCommand {
	known, told := reflect.ValueOf(&c).Elem(), reflect.ValueOf(newer)
	for i := range told.NumField() {
		if !told.Field(i).IsZero() {
			known.Field(i).Set(told.Field(i))
		}
	}
	return c
}

// isUsual has what the API writes into the texts of a command: a status, a SID or
// an ICCID. It is shown, even if a secret has the same characters.
var isUsual = regexp.MustCompile(`^(queued|sent|received|failed|HS[0-9a-fA-F]{32}|[0-9]{18,22})$`)

// Shown returns a command as a message may show it: whatever its texts are, they
// come from outside. The secrets are what must not be shown of the message.
func (c *Client) Shown(cmd IPCommand, secrets []string) IPCommand {
	for _, text := range []**string{&cmd.SIMSID, &cmd.SIMICCID, &cmd.Status} {
		if *text != nil && !isUsual.MatchString(**text) {
			clean := c.Clean(**text, secrets)
			*text = &clean
		}
	}
	if cmd.DateCreated != nil {
		clean := Timestamp(c.Clean(string(*cmd.DateCreated), secrets))
		cmd.DateCreated = &clean
	}
	cmd.ErrorCode = json.Number(c.Clean(string(cmd.ErrorCode), secrets))
	return cmd
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

func (p IPCommandParams) payloadType() string { return cmp.Or(p.PayloadType, PayloadText) }

// IPCommandFilter narrows a list of IP Commands; empty fields match all.
type IPCommandFilter struct {
	// SIM is the SID or the unique name of a Super SIM.
	SIM       string
	SIMICCID  string
	Status    string
	Direction string
}

// ListIPCommands iterates over the commands that match filter, in the API's
// order (newest first), one request for each page. A failure ends the
// iteration with an error.
func (c *Client) ListIPCommands(ctx context.Context, filter IPCommandFilter, opts ListOptions) iter.Seq2[IPCommand, error] {
	r := c.superSIMRequest(ipCommandsPath)
	opts.PageSize = cmp.Or(opts.PageSize, c.platform.MaxIPCommandsPage)
	return list[IPCommand](ctx, c, r, ipCommandsKey, filter.query(), opts)
}

func (f IPCommandFilter) query() url.Values {
	return nonEmpty(map[string]string{"Sim": f.SIM, "SimIccid": f.SIMICCID, "Status": f.Status, "Direction": f.Direction})
}

// FetchIPCommand returns the command with this SID. IsNotFound reports of its
// error whether the API does not know it, or no longer: it forgets commands
// after 30 days. The secrets are what must not be shown of the message.
func (c *Client) FetchIPCommand(ctx context.Context, sid string, secrets ...string) (IPCommand, error) {
	return c.fetchIPCommand(ctx, sid, time.Time{}, secrets)
}

// RefreshIPCommand returns a command as it is now, as FetchIPCommand does. What
// the API leaves out stays as it is known.
func (c *Client) RefreshIPCommand(ctx context.Context, known IPCommand, secrets []string) (IPCommand, error) {
	cmd, err := c.FetchIPCommand(ctx, known.SID, secrets...)
	return known.updatedBy(cmd), err
}

// fetchIPCommand is FetchIPCommand until a deadline; zero means none.
func (c *Client) fetchIPCommand(ctx context.Context, sid string, deadline time.Time, secrets []string) (cmd IPCommand, err error) {
	r := c.superSIMRequest(ipCommandsPath + "/" + url.PathEscape(sid))
	r.Secrets = secrets
	r.MaxAnswer = maxItemBytes
	r.Deadline = deadline
	r.Decode = func(body []byte) error {
		cmd, err = decodeObject[IPCommand](body)
		if err == nil && !strings.EqualFold(cmd.SID, sid) {
			err = fmt.Errorf("it is another command, %s", cmd.SID)
		}
		cmd.SID = sid
		return err
	}
	err = c.Do(ctx, r)
	return cmd, err
}

// postIPCommand makes the POST that sends a message, which r may qualify; Send
// is what callers want. An answer that describes another message is
// unreadable.
func (c *Client) postIPCommand(ctx context.Context, r rest.Request, p IPCommandParams) (cmd IPCommand, err error) {
	r.Method, r.Base, r.Path = http.MethodPost, c.superSIM, ipCommandsPath
	r.Probe = ipCommandsPath + "/HG" + strings.Repeat("0", 32)
	r.ServerClock = c.superSIMClock
	r.Form = nonEmpty(map[string]string{
		"Sim": p.SIM, "Payload": p.Payload, "PayloadType": p.PayloadType, "DevicePort": strconv.FormatInt(p.DevicePort, 10),
		"CallbackUrl": p.CallbackURL, "CallbackMethod": p.CallbackMethod,
	})
	r.Secrets = p.Secrets()
	r.MaxAnswer = maxItemBytes
	r.Decode = func(body []byte) error {
		cmd, err = decodeObject[IPCommand](body)
		if err == nil && !p.mayBe(cmd) && !p.isTrimmed(cmd) {
			err = fmt.Errorf("it describes another message, %s", cmd.SID)
		}
		return err
	}
	err = c.Do(ctx, r)
	return cmd, err
}

// Secrets returns what must not be shown of a message: its payload, decoded too,
// and all of the callback but its scheme and host.
func (p IPCommandParams) Secrets() []string {
	secrets := []string{p.Payload}
	if decoded, err := base64.StdEncoding.DecodeString(p.Payload); err == nil && p.payloadType() == PayloadBinary {
		secrets = append(secrets, string(decoded))
	}
	u, err := url.Parse(p.CallbackURL)
	if err != nil {
		return append(secrets, p.CallbackURL)
	}
	password, _ := u.User.Password()
	secrets = append(secrets, u.User.Username(), password, u.Opaque, u.RawQuery, u.Fragment)
	if len(u.Path) > 8 { // A short one is a word such as "sent".
		secrets = append(secrets, u.Path)
	}
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	return secrets
}

// mayBe reports whether cmd can be this message. What the API does not tell of
// it speaks neither for nor against.
func (p IPCommandParams) mayBe(cmd IPCommand) bool {
	if p.isElsewhere(cmd) || cmd.PayloadType != nil && *cmd.PayloadType != p.payloadType() {
		return false
	}
	return cmd.Payload == nil || samePayload(*cmd.Payload, p.Payload, p.payloadType())
}

// isElsewhere reports whether cmd certainly went to another SIM or port, or came
// from a SIM.
func (p IPCommandParams) isElsewhere(cmd IPCommand) bool {
	return cmd.SIMSID != nil && IsSID("HS", p.SIM) && !strings.EqualFold(*cmd.SIMSID, p.SIM) ||
		cmd.DevicePort != nil && *cmd.DevicePort != p.DevicePort ||
		cmd.Direction != nil && *cmd.Direction != DirectionToSIM
}

// mayShareSIM reports whether two messages may go to the same SIM, which one of
// them may name by its SID, and the other by its unique name.
func (p IPCommandParams) mayShareSIM(o IPCommandParams) bool {
	return strings.EqualFold(p.SIM, o.SIM) || IsSID("HS", p.SIM) != IsSID("HS", o.SIM)
}

// isEqual reports whether two messages are the same, but for their SIM: two that
// differ only in their Base64 are.
func (p IPCommandParams) isEqual(o IPCommandParams) bool {
	return p.DevicePort == o.DevicePort && p.payloadType() == o.payloadType() && samePayload(p.Payload, o.Payload, p.payloadType())
}

// looksLike reports whether the commands of two messages could be mistaken for
// each other, even if the API trims white space at the ends of a text.
func (p IPCommandParams) looksLike(o IPCommandParams) bool {
	if p.payloadType() == PayloadText {
		p.Payload, o.Payload = strings.TrimSpace(p.Payload), strings.TrimSpace(o.Payload)
	}
	return p.isEqual(o)
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
