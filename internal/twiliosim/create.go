package twiliosim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// What the APIs of all platforms bound, from the published descriptions.
const (
	// MaxPayload is in bytes: of the UTF-8 of a text, and of what the Base64
	// of a binary payload stands for.
	MaxPayload = 1300
	maxPort    = 65535
)

// createIPCommand responds to POST /v1/IpCommands. The lock is held.
func (s *Simulator) createIPCommand(in *incoming, now time.Time) (response, *apiError) {
	c, refused := s.parseIPCommand(in.form)
	if refused != nil {
		return response{}, refused
	}
	c.SID = s.newSID("HG", s.started.Format(time.RFC3339Nano))
	fillDates(&c.DateCreated, &c.DateUpdated, now)
	e := s.ipCommands.add(c.SID, c.DateCreated, c)
	s.enqueue(e, now)
	in.record.Accepted, in.record.SID = true, c.SID
	return jsonResponse(http.StatusCreated, s.ipCommands.render(e, s.linkHost(in.Request))), nil
}

// parseIPCommand reads a form and checks it as the API's documentation says.
func (s *Simulator) parseIPCommand(form url.Values) (IPCommand, *apiError) {
	c := IPCommand{
		AccountSID: s.cfg.AccountSID, Status: statusQueued, Direction: toSIM,
		Payload: form.Get("Payload"), PayloadType: cmp.Or(form.Get("PayloadType"), payloadText),
		CallbackURL: form.Get("CallbackUrl"), CallbackMethod: form.Get("CallbackMethod"),
	}
	for _, name := range []string{"Sim", "Payload", "DevicePort"} {
		if form.Get(name) == "" {
			return c, errMissing(name)
		}
	}
	var ok bool
	if c.DevicePort, ok = integer(form, "DevicePort", 1, maxPort, 0); !ok {
		return c, errInvalid("DevicePort", fmt.Sprintf("must be an integer from 1 to %d", maxPort))
	}
	if refused := checkPayload(c.PayloadType, c.Payload); refused != nil {
		return c, refused
	}
	if refused := checkCallback(c.CallbackURL, c.CallbackMethod); refused != nil {
		return c, refused
	}
	sim, refused := s.destination(form.Get("Sim"))
	if refused != nil {
		return c, refused
	}
	c.SIMSID, c.SIMICCID, c.Null = sim.SID, sim.ICCID, sim.CommandNull
	return c, nil
}

// checkPayload checks a payload against its type.
func checkPayload(payloadType, payload string) *apiError {
	size := len(payload)
	switch payloadType {
	case payloadText:
		if !utf8.ValidString(payload) {
			return errInvalid("Payload", "must be UTF-8 when PayloadType is text")
		}
	case payloadBinary:
		decoded, err := base64.StdEncoding.Strict().DecodeString(payload)
		if err != nil || strings.ContainsAny(payload, "\r\n") {
			return errInvalid("Payload", "must be Base64 when PayloadType is binary")
		}
		size = len(decoded)
	default:
		return errInvalid("PayloadType", "must be one of text, binary")
	}
	if size > MaxPayload {
		return errTooLong()
	}
	return nil
}

// checkCallback checks where status changes are to be reported.
func checkCallback(callbackURL, method string) *apiError {
	if callbackURL != "" {
		u, err := url.Parse(callbackURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return errInvalid("CallbackUrl", "must be an absolute http or https URL")
		}
	}
	if method != "" && method != http.MethodGet && method != http.MethodPost {
		return errInvalid("CallbackMethod", "must be one of GET, POST")
	}
	return nil
}

// destination finds the SIM to send to. That one which is neither active nor
// ready gets a 4xx is documented.
func (s *Simulator) destination(sidOrName string) (*SIM, *apiError) {
	sim := s.findSIM(sidOrName)
	if sim == nil {
		return nil, errUnknownSIM(sidOrName)
	}
	if !sim.takesCommands() {
		return nil, errInactiveSIM(sim.SID)
	}
	return sim, nil
}
