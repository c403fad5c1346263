package twilio

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

const commandsPath = "/v1/Commands"

// Command is a message sent to or received from a Programmable Wireless SIM,
// as the API describes it (schema wireless.v1.command). A field that the API
// gives as null is nil.
type Command struct {
	// SID identifies the command: DC and 32 hexadecimal digits.
	SID        string  `json:"sid"`
	AccountSID *string `json:"account_sid"`
	// SIMSID identifies the SIM: DE and 32 hexadecimal digits.
	SIMSID *string `json:"sim_sid"`
	// Command is the message: up to 160 characters of text, or up to 140
	// bytes in Base64 where CommandMode is binary.
	Command                  *string    `json:"command"`
	CommandMode              *string    `json:"command_mode"`
	Transport                *string    `json:"transport"`
	DeliveryReceiptRequested *bool      `json:"delivery_receipt_requested"`
	Status                   *string    `json:"status"`
	Direction                *string    `json:"direction"`
	DateCreated              *Timestamp `json:"date_created"`
	DateUpdated              *Timestamp `json:"date_updated"`
	URL                      *string    `json:"url"`
}

// CommandFilter narrows a list of Commands; empty fields match all.
type CommandFilter struct {
	// SIM is the SID or the unique name of a Programmable Wireless SIM.
	SIM       string
	Status    string
	Direction string
	// Transport is sms or ip.
	Transport string
}

// ListCommands iterates over the commands that match filter, in the API's
// order, one request for each page. A failure ends the iteration with an
// error.
func (c *Client) ListCommands(ctx context.Context, filter CommandFilter, opts ListOptions) iter.Seq2[Command, error] {
	r := request{method: http.MethodGet, base: c.wireless, path: commandsPath, maxRetries: c.maxRetries}
	return list(ctx, c, r, filter.query(), opts.largestPage(c.platform.MaxCommandsPage), func() page[Command] { return new(commandPage) })
}

func (f CommandFilter) query() url.Values {
	return nonEmpty(map[string]string{"Sim": f.SIM, "Status": f.Status, "Direction": f.Direction, "Transport": f.Transport})
}

type commandPage struct {
	Commands []Command `json:"commands"`
	Meta     *pageMeta `json:"meta"`
}

func (p *commandPage) content() ([]Command, *pageMeta) {
	return identified(p.Commands, func(c Command) string { return c.SID }), p.Meta
}

// decode implements pageDecoder.
func (p *commandPage) decode(body string) bool {
	items, meta, ok := decodePage(body, "commands", commandFields)
	if ok {
		p.Commands, p.Meta = items, meta
	}
	return ok
}

var commandFields = []itemField[Command]{
	{name: "sid", text: func(c *Command, v *string) { c.SID = *v }},
	{name: "account_sid", text: func(c *Command, v *string) { c.AccountSID = v }},
	{name: "sim_sid", text: func(c *Command, v *string) { c.SIMSID = v }},
	{name: "command", text: func(c *Command, v *string) { c.Command = v }},
	{name: "command_mode", text: func(c *Command, v *string) { c.CommandMode = v }},
	{name: "transport", text: func(c *Command, v *string) { c.Transport = v }},
	{name: "delivery_receipt_requested", boolean: func(c *Command, v *bool) { c.DeliveryReceiptRequested = v }},
	{name: "status", text: func(c *Command, v *string) { c.Status = v }},
	{name: "direction", text: func(c *Command, v *string) { c.Direction = v }},
	{name: "date_created", text: func(c *Command, v *string) { c.DateCreated = (*Timestamp)(v) }},
	{name: "date_updated", text: func(c *Command, v *string) { c.DateUpdated = (*Timestamp)(v) }},
	{name: "url", text: func(c *Command, v *string) { c.URL = v }},
}
