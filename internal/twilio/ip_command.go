package twilio

import (
	"cmp"
	"context"
	"encoding/base64"
	"iter"
	"net/url"
	"reflect"
	"regexp"
	"time"

	json "github.com/go-json-experiment/json/v1"

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

// ID implements rest.Object.
func (c IPCommand) ID() string { return orEmpty("HG", c.SID) }

// Excluded implements rest.Object.
func (c IPCommand) Excluded(asked url.Values) string {
	return excluded(asked, field{"Sim", c.SIMSID}, field{"SimIccid", c.SIMICCID}, field{"Status", c.Status}, field{"Direction", c.Direction})
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

// Bytes returns what was sent or received, and false where the API does not
// tell.
func (c IPCommand) Bytes() ([]byte, bool) {
	switch {
	case c.Payload == nil:
		return nil, false
	case c.PayloadType != nil && *c.PayloadType == PayloadText:
		return []byte(*c.Payload), true
	}
	bytes, err := base64.StdEncoding.DecodeString(*c.Payload)
	return bytes, err == nil
}

// IPCommandFilter narrows a list of IP Commands; empty fields match all.
type IPCommandFilter struct {
	// SIM is the SID or the unique name of a Super SIM.
	SIM       string
	SIMICCID  string
	Status    string
	Direction string
}

func (f IPCommandFilter) query() url.Values {
	return nonEmpty(map[string]string{"Sim": f.SIM, "SimIccid": f.SIMICCID, "Status": f.Status, "Direction": f.Direction})
}

// IPCommands are the IP Commands of Super SIM. What the sends and waits of a process
// have to know of each other is here.
type IPCommands struct {
	api
	maxPage  int
	registry *registry
	// toSIM and fromSIM serve those that wait for messages to leave, and for
	// replies.
	toSIM, fromSIM *watcher
	replies        *replies
}

func newIPCommands(superSIM api, maxPage int) *IPCommands {
	s := &IPCommands{api: superSIM, maxPage: maxPage, registry: newRegistry(), replies: &replies{taken: make(map[string]bool)}}
	s.toSIM, s.fromSIM = newWatcher(s, DirectionToSIM), newWatcher(s, DirectionFromSIM)
	return s
}

const ipCommandsPath = "/v1/IpCommands"

// List iterates over the commands that match filter, in the API's order (newest
// first), one request for each page. A failure ends the iteration with an error.
func (s *IPCommands) List(ctx context.Context, filter IPCommandFilter, opts rest.ListOptions) iter.Seq2[IPCommand, error] {
	opts.PageSize = cmp.Or(opts.PageSize, s.maxPage)
	return s.list(ctx, s.get(ipCommandsPath), filter, opts)
}

// list is List by a request that its caller may qualify.
func (s *IPCommands) list(ctx context.Context, r rest.Request, filter IPCommandFilter, opts rest.ListOptions) iter.Seq2[IPCommand, error] {
	return rest.List[IPCommand](ctx, s.Client, r, "ip_commands", filter.query(), opts)
}

// Fetch returns the command with this SID. IsNotFound reports of its error whether
// the API does not know it, or no longer: it forgets commands after 30 days.
func (s *IPCommands) Fetch(ctx context.Context, sid string) (IPCommand, error) {
	return s.fetch(ctx, sid, time.Time{}, nil)
}

// Refresh updates what is known of a message that was sent. What the API leaves out
// stays as it is known. Its error is Fetch's.
func (s *IPCommands) Refresh(ctx context.Context, m *Message) error {
	cmd, err := s.fetch(ctx, m.SID, time.Time{}, m.hidden)
	if err == nil {
		m.IPCommand = m.updatedBy(cmd)
	}
	return err
}

// fetch is Fetch until a deadline; zero means none. hidden must not be shown.
func (s *IPCommands) fetch(ctx context.Context, sid string, deadline time.Time, hidden []string) (cmd IPCommand, err error) {
	r := s.get(ipCommandsPath + "/" + url.PathEscape(sid))
	r.Secrets = hidden
	r.Deadline = deadline
	cmd, err = rest.Fetch[IPCommand](ctx, s.Client, r, sid)
	cmd.SID = sid // In the letter case in which it is known.
	return cmd, err
}

// isUsual has what the API writes into the texts of a command: a status, a SID or
// an ICCID. It is shown, even if a secret has the same characters.
var isUsual = regexp.MustCompile(`^(queued|sent|received|failed|HS[0-9a-fA-F]{32}|[0-9]{18,22})$`)

// Shown returns the command of a message as a text may show it: whatever its texts
// are, they come from outside.
func (s *IPCommands) Shown(m *Message) IPCommand { return s.shown(m.IPCommand, m.hidden) }

func (s *IPCommands) shown(cmd IPCommand, hidden []string) IPCommand {
	for _, text := range []**string{&cmd.SIMSID, &cmd.SIMICCID, &cmd.Status} {
		if *text != nil && !isUsual.MatchString(**text) {
			clean := s.Clean(**text, hidden)
			*text = &clean
		}
	}
	if cmd.DateCreated != nil {
		clean := Timestamp(s.Clean(string(*cmd.DateCreated), hidden))
		cmd.DateCreated = &clean
	}
	cmd.ErrorCode = json.Number(s.Clean(string(cmd.ErrorCode), hidden))
	return cmd
}
