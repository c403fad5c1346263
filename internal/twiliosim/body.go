package twiliosim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// dateLayout is the API's form of ISO 8601: UTC, without fractions.
const dateLayout = "2006-01-02T15:04:05Z"

// ipCommandBody is an IP Command as the API gives it.
type ipCommandBody struct {
	SID         string  `json:"sid"`
	AccountSID  string  `json:"account_sid"`
	SimSID      *string `json:"sim_sid"`
	SimICCID    *string `json:"sim_iccid"`
	Status      string  `json:"status"`
	Direction   string  `json:"direction"`
	DeviceIP    *string `json:"device_ip"`
	DevicePort  int     `json:"device_port"`
	PayloadType string  `json:"payload_type"`
	Payload     *string `json:"payload"`
	DateCreated string  `json:"date_created"`
	DateUpdated string  `json:"date_updated"`
	URL         string  `json:"url"`
}

// ipCommandBody puts an IP Command into the API's form.
func (s *Simulator) ipCommandBody(c *IPCommand) ipCommandBody {
	return ipCommandBody{
		SID: c.SID, AccountSID: c.AccountSID, SimSID: orNull(c.SimSID), SimICCID: orNull(c.SimICCID),
		Status: c.Status, Direction: c.Direction, DeviceIP: orNull(c.DeviceIP), DevicePort: c.DevicePort,
		PayloadType: c.PayloadType, Payload: orNull(c.Payload),
		DateCreated: date(c.DateCreated), DateUpdated: date(c.DateUpdated),
		URL: s.cfg.supersim() + ipCommandsPath + "/" + c.SID,
	}
}

// commandBody is a Command as the API gives it.
type commandBody struct {
	SID                      string  `json:"sid"`
	AccountSID               string  `json:"account_sid"`
	SimSID                   *string `json:"sim_sid"`
	Command                  *string `json:"command"`
	CommandMode              string  `json:"command_mode"`
	Transport                string  `json:"transport"`
	DeliveryReceiptRequested bool    `json:"delivery_receipt_requested"`
	Status                   string  `json:"status"`
	Direction                string  `json:"direction"`
	DateCreated              string  `json:"date_created"`
	DateUpdated              string  `json:"date_updated"`
	URL                      string  `json:"url"`
}

// commandBody puts a Command into the API's form.
func (s *Simulator) commandBody(c *Command) commandBody {
	return commandBody{
		SID: c.SID, AccountSID: c.AccountSID, SimSID: orNull(c.SimSID), Command: orNull(c.Command),
		CommandMode: c.CommandMode, Transport: c.Transport,
		DeliveryReceiptRequested: c.DeliveryReceiptRequested, Status: c.Status, Direction: c.Direction,
		DateCreated: date(c.DateCreated), DateUpdated: date(c.DateUpdated),
		URL: s.cfg.wireless() + commandsPath + "/" + c.SID,
	}
}

// orNull returns nil for an empty string.
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// date puts a time into the API's form.
func date(t time.Time) string { return t.UTC().Format(dateLayout) }

// answer is an HTTP answer that is not written yet.
type answer struct {
	status int
	header http.Header // besides what every answer has; a nil value suppresses
	body   []byte
}

// jsonAnswer encodes body as the API does: without escaping for HTML.
func jsonAnswer(status int, body any) answer {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // bodies are plain structs
	}
	return answer{status: status, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}
