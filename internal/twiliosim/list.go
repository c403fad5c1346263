package twiliosim

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// filter is a query parameter that selects commands.
type filter struct {
	name    string
	allowed []string // nil: anything
}

// The filters of the two lists, in the order in which page URLs have them.
var (
	ipCommandFilters = []filter{
		{"Status", []string{statusQueued, statusSent, statusReceived, statusFailed}},
		{"Direction", []string{toSIM, fromSIM}},
		{"Sim", nil},
		{"SimIccid", nil},
	}
	commandFilters = []filter{
		{"Status", []string{statusQueued, statusSent, statusDelivered, statusReceived, statusFailed}},
		{"Direction", []string{fromSIM, toSIM}},
		{"Transport", []string{"sms", "ip"}},
		{"Sim", nil},
	}
)

// list is what the API has at a path for lists.
type list struct {
	url, key    string // of the listing
	filters     []filter
	maxPageSize int
}

// parseListing reads a list request's filters and paging. An empty parameter
// is like none, and unknown ones are ignored.
func parseListing(query url.Values, of list) (listing, *apiError) {
	l := listing{url: of.url, key: of.key}
	for _, f := range of.filters {
		value := query.Get(f.name)
		if value == "" {
			continue
		}
		if f.allowed != nil && !slices.Contains(f.allowed, value) {
			return l, errInvalid(f.name, "must be one of "+strings.Join(f.allowed, ", "))
		}
		l.filters = append(l.filters, [2]string{f.name, value})
	}
	var refused *apiError
	l.paging, refused = parsePaging(query, of.maxPageSize)
	return l, refused
}

// listIPCommands answers GET /v1/IpCommands. The lock is held.
func (s *Simulator) listIPCommands(query url.Values) (answer, *apiError) {
	l, refused := parseListing(query, list{
		s.cfg.supersim() + ipCommandsPath, "ip_commands", ipCommandFilters, s.cfg.Platform.traits().maxIPCommands,
	})
	if refused != nil {
		return answer{}, refused
	}
	status, direction, iccid := query.Get("Status"), query.Get("Direction"), query.Get("SimIccid")
	sim := query.Get("Sim")
	if known := s.sims.find(sim); known != nil {
		sim = known.SID
	}
	entries, m := page(&s.ipCommands, l, func(c *IPCommand) bool {
		return matches(sim, c.SIMSID) && matches(iccid, c.SIMICCID) &&
			matches(status, c.Status) && matches(direction, c.Direction)
	})
	bodies := make([]ipCommandBody, len(entries))
	for i, e := range entries {
		bodies[i] = s.ipCommandBody(&e.value)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"ip_commands": bodies, "meta": m}), nil
}

// listCommands answers GET /v1/Commands. The lock is held.
func (s *Simulator) listCommands(query url.Values) (answer, *apiError) {
	l, refused := parseListing(query, list{
		s.cfg.wireless() + commandsPath, "commands", commandFilters, s.cfg.Platform.traits().maxCommands,
	})
	if refused != nil {
		return answer{}, refused
	}
	status, direction := query.Get("Status"), query.Get("Direction")
	sim, transport := query.Get("Sim"), query.Get("Transport")
	entries, m := page(&s.commands, l, func(c *Command) bool {
		return (matches(sim, c.SIMSID) || matches(sim, c.SimUniqueName)) && matches(transport, c.Transport) &&
			matches(status, c.Status) && matches(direction, c.Direction)
	})
	bodies := make([]commandBody, len(entries))
	for i, e := range entries {
		bodies[i] = s.commandBody(&e.value)
	}
	return jsonAnswer(http.StatusOK, map[string]any{"commands": bodies, "meta": m}), nil
}

// matches reports whether a filter, empty for none, lets a value through.
func matches(filter, value string) bool { return filter == "" || filter == value }
