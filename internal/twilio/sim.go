package twilio

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// SIM is a Super SIM, as the API describes it (schema supersim.v1.sim). A
// field that the API gives as null is nil.
type SIM struct {
	// SID identifies the SIM: HS and 32 hexadecimal digits.
	SID        string  `json:"sid"`
	UniqueName *string `json:"unique_name"`
	AccountSID *string `json:"account_sid"`
	// ICCID is the number printed on the card, 19 or 20 digits.
	ICCID *string `json:"iccid"`
	// Status is new, ready, active, inactive or scheduled; one that the API
	// adds later is passed through.
	Status *string `json:"status"`
	// FleetSID identifies the fleet that the SIM is in: HF and 32 hexadecimal
	// digits. It is nil for a SIM in no fleet.
	FleetSID    *string    `json:"fleet_sid"`
	DateCreated *Timestamp `json:"date_created"`
	DateUpdated *Timestamp `json:"date_updated"`
	URL         *string    `json:"url"`
}

// ID implements rest.Object.
func (s SIM) ID() string { return orEmpty("HS", s.SID) }

// Excluded implements rest.Object. The fleet of a SIM in none is empty: null says
// that, and not that the fleet is not told.
func (s SIM) Excluded(asked url.Values) string {
	return excluded(asked, field{"Fleet", cmp.Or(s.FleetSID, new(string))}, field{"Status", s.Status}, field{"Iccid", s.ICCID})
}

// SIMFilter narrows a list of SIMs; empty fields match all.
type SIMFilter struct {
	// Fleet is the SID or the unique name of a fleet.
	Fleet  string
	Status string
	ICCID  string
}

// SIMs are the Super SIMs.
type SIMs struct {
	api
	maxPage int
}

const simsPath = "/v1/Sims"

// List iterates over the Super SIMs that match filter, in the API's order, one
// request for each page. A failure ends the iteration with an error.
func (s *SIMs) List(ctx context.Context, filter SIMFilter, opts rest.ListOptions) iter.Seq2[SIM, error] {
	opts.PageSize = cmp.Or(opts.PageSize, s.maxPage)
	return rest.List[SIM](ctx, s.Client, s.get(simsPath), "sims", filter.query(), opts)
}

func (f SIMFilter) query() url.Values {
	return nonEmpty(map[string]string{"Fleet": f.Fleet, "Status": f.Status, "Iccid": f.ICCID})
}
