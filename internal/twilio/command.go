package twilio

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

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

// ID implements rest.Object.
func (c Command) ID() string { return orEmpty("DC", c.SID) }

// Excluded implements rest.Object.
func (c Command) Excluded(asked url.Values) string {
	return excluded(asked, field{"Sim", c.SIMSID}, field{"Status", c.Status}, field{"Direction", c.Direction}, field{"Transport", c.Transport})
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

// Commands are the Commands of Programmable Wireless.
type Commands struct {
	api
	maxPage int
}

const commandsPath = "/v1/Commands"

// List iterates over the commands that match filter, in the API's order, one
// request for each page. A failure ends the iteration with an error.
func (s *Commands) List(ctx context.Context, filter CommandFilter, opts rest.ListOptions) iter.Seq2[Command, error] {
	opts.PageSize = cmp.Or(opts.PageSize, s.maxPage)
	return rest.List[Command](ctx, s.Client, s.get(commandsPath), "commands", filter.query(), opts)
}

// Fetch returns the command with this SID. IsNotFound reports of its error whether
// the API does not know it.
func (s *Commands) Fetch(ctx context.Context, sid string) (Command, error) {
	return rest.Fetch[Command](ctx, s.Client, s.get(commandsPath+"/"+url.PathEscape(sid)), sid)
}

func (f CommandFilter) query() url.Values {
	return nonEmpty(map[string]string{"Sim": f.SIM, "Status": f.Status, "Direction": f.Direction, "Transport": f.Transport})
}
