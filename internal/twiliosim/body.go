package twiliosim

import "time"

// dateLayout is the API's form of ISO 8601: UTC, without fractions.
const dateLayout = "2006-01-02T15:04:05Z"

// ipCommandBody is an IP Command as the API gives it.
type ipCommandBody struct {
	SID         *string `json:"sid"`
	AccountSID  *string `json:"account_sid"`
	SIMSID      *string `json:"sim_sid"`
	SIMICCID    *string `json:"sim_iccid"`
	Status      *string `json:"status"`
	Direction   *string `json:"direction"`
	DeviceIP    *string `json:"device_ip"`
	DevicePort  *int    `json:"device_port"`
	PayloadType *string `json:"payload_type"`
	Payload     *string `json:"payload"`
	DateCreated *string `json:"date_created"`
	DateUpdated *string `json:"date_updated"`
	URL         *string `json:"url"`
}

// ipCommandBody puts an IP Command into the API's form.
func (s *Simulator) ipCommandBody(c *IPCommand) ipCommandBody {
	text := func(field, value string) *string { return textOrNull(c.Null, field, value) }
	return ipCommandBody{
		SID: text("sid", c.SID), AccountSID: text("account_sid", c.AccountSID),
		SIMSID: text("sim_sid", c.SIMSID), SIMICCID: text("sim_iccid", c.SIMICCID),
		Status: text("status", c.Status), Direction: text("direction", c.Direction),
		DeviceIP: text("device_ip", c.DeviceIP), DevicePort: orNull(c.Null, "device_port", c.DevicePort),
		PayloadType: text("payload_type", c.PayloadType), Payload: text("payload", c.Payload),
		DateCreated: text("date_created", date(c.DateCreated)), DateUpdated: text("date_updated", date(c.DateUpdated)),
		URL: text("url", s.cfg.supersim()+ipCommandsPath+"/"+c.SID),
	}
}

// commandBody is a Command as the API gives it.
type commandBody struct {
	SID                      *string `json:"sid"`
	AccountSID               *string `json:"account_sid"`
	SIMSID                   *string `json:"sim_sid"`
	Command                  *string `json:"command"`
	CommandMode              *string `json:"command_mode"`
	Transport                *string `json:"transport"`
	DeliveryReceiptRequested *bool   `json:"delivery_receipt_requested"`
	Status                   *string `json:"status"`
	Direction                *string `json:"direction"`
	DateCreated              *string `json:"date_created"`
	DateUpdated              *string `json:"date_updated"`
	URL                      *string `json:"url"`
}

// commandBody puts a Command into the API's form.
func (s *Simulator) commandBody(c *Command) commandBody {
	text := func(field, value string) *string { return textOrNull(c.Null, field, value) }
	return commandBody{
		SID: text("sid", c.SID), AccountSID: text("account_sid", c.AccountSID), SIMSID: text("sim_sid", c.SIMSID),
		Command: text("command", c.Command), CommandMode: text("command_mode", c.CommandMode),
		Transport:                text("transport", c.Transport),
		DeliveryReceiptRequested: orNull(c.Null, "delivery_receipt_requested", c.DeliveryReceiptRequested),
		Status:                   text("status", c.Status), Direction: text("direction", c.Direction),
		DateCreated: text("date_created", date(c.DateCreated)), DateUpdated: text("date_updated", date(c.DateUpdated)),
		URL: text("url", s.cfg.wireless()+commandsPath+"/"+c.SID),
	}
}

// date puts a time into the API's form.
func date(t time.Time) string { return t.UTC().Format(dateLayout) }
