package twilio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio/rest"
)

// Platform is where the APIs are served: the same SIMs and the same API, with
// other hosts, limits, credentials and forms of errors.
type Platform struct {
	// Name is what people call it.
	Name string
	// SuperSIMURL and WirelessURL are the base URLs of the two APIs.
	SuperSIMURL, WirelessURL string
	// TokenURL is the whole URL of the OAuth token endpoint; empty where
	// requests are signed with HTTP Basic.
	TokenURL string
	// MaxIPCommandsPage, MaxCommandsPage and MaxSIMsPage are the largest pages
	// of the lists, in items.
	MaxIPCommandsPage, MaxCommandsPage, MaxSIMsPage int

	rest.Dialect
}

// maxPageSize is the largest page of any list, in items.
const maxPageSize = 1000

// The platforms, from their published API descriptions (twilio_*_v1.json and
// kore_*_v1.json).
var (
	Twilio = Platform{
		Name:              "Twilio",
		SuperSIMURL:       "https://supersim.twilio.com",
		WirelessURL:       "https://wireless.twilio.com",
		MaxIPCommandsPage: maxPageSize,
		MaxCommandsPage:   maxPageSize,
		MaxSIMsPage:       maxPageSize,
		Dialect:           twilioDialect{},
	}
	KORE = Platform{ //nolint:gosec // The token endpoint's address is no credential.
		Name:              "KORE",
		SuperSIMURL:       "https://supersim.api.korewireless.com",
		WirelessURL:       "https://programmable-wireless.api.korewireless.com",
		TokenURL:          "https://api.korewireless.com/api-services/v1/auth/token",
		MaxIPCommandsPage: 100,
		MaxCommandsPage:   maxPageSize,
		MaxSIMsPage:       maxPageSize,
		Dialect:           koreDialect{},
	}
)

// IsNotFound reports whether err is the API's own response that it does not know
// what it was asked for: 404 with the code 20404. A gateway that does not know
// the path responds with 404 too.
func IsNotFound(err error) bool {
	var api *rest.APIError
	return errors.As(err, &api) && api.StatusCode == http.StatusNotFound && api.FromAPI && api.Code == "20404"
}

// twilioDialect refuses with a JSON object that has a numeric code and a message.
type twilioDialect struct{}

// ReadError implements rest.Dialect.
func (twilioDialect) ReadError(status int, body []byte) (rest.ErrorBody, bool) {
	var e errorBody
	isOwn := e.parse(body) && isCode(e.Code) && (e.Status == nil || e.tells(status))
	return e.own(), isOwn && e.own().Message != ""
}

// RefusesToken implements rest.Dialect.
func (twilioDialect) RefusesToken(int, []byte) bool { return false }

// Advice implements rest.Dialect.
func (twilioDialect) Advice(status int) string {
	if status == http.StatusForbidden {
		return "The usual causes: a restricted API key that is not allowed to use this API, or an account that does not own the SIM"
	}
	return "The usual causes: the two halves do not belong together, or the account's SIMs have moved to KORE, which takes KORE's credentials"
}

// koreDialect refuses with a JSON object that has the HTTP status and a message.
type koreDialect struct{}

// ReadError implements rest.Dialect.
func (koreDialect) ReadError(status int, body []byte) (rest.ErrorBody, bool) {
	var e errorBody
	isOwn := e.parse(body) && e.tells(status) && e.Timestamp == nil
	return e.own(), isOwn && e.own().Message != ""
}

// aboutAuthorization is what the message of KORE's gateway is about when it
// refuses a token.
var aboutAuthorization = regexp.MustCompile(`(?i)authori[sz]|expired`)

// RefusesToken implements rest.Dialect: KORE's gateway refuses a token with a JSON
// object that has a message about authorization. Its words are not documented;
// "Forbidden" alone is those of many a firewall, so that the object has to have
// the status as well.
func (koreDialect) RefusesToken(status int, body []byte) bool {
	var e errorBody
	if status != http.StatusUnauthorized && status != http.StatusForbidden || !e.parse(body) {
		return false
	}
	message := e.own().Message
	return aboutAuthorization.MatchString(message) || message == http.StatusText(http.StatusForbidden) && e.tells(status)
}

// Advice implements rest.Dialect.
func (koreDialect) Advice(status int) string {
	switch status {
	case http.StatusForbidden:
		return "The usual causes: an API client of KORE that is not allowed to use this API, or SIMs of another account"
	case http.StatusUnauthorized:
		return "The usual causes: the API client was deleted or its secret renewed, or the SIMs are still at Twilio, which takes Twilio's credentials"
	}
	return "Check the client ID and the client secret: that they are not swapped, and are those of an API client of KORE"
}

// errorBody is what the bodies of errors have in common. Anything may stand in
// the fields.
type errorBody struct {
	Code     any `json:"code"`
	Status   any `json:"status"`
	Message  any `json:"message"`
	MoreInfo any `json:"more_info"`
	// Timestamp is a field of Spring's errors, which are any gateway's.
	Timestamp any `json:"timestamp"`
}

// parse reads an error body, and reports whether it is a JSON object.
func (b *errorBody) parse(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return d.Decode(b) == nil && d.Decode(new(any)) == io.EOF && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

// tells reports whether the body names this HTTP status.
func (b *errorBody) tells(status int) bool {
	number, isNumber := b.Status.(json.Number)
	return isNumber && number.String() == strconv.Itoa(status)
}

func (b *errorBody) own() rest.ErrorBody {
	own := rest.ErrorBody{IsCode: isCode(b.Code)}
	own.Message, _ = b.Message.(string)
	own.MoreInfo, _ = b.MoreInfo.(string)
	if b.Code != nil {
		own.Code = fmt.Sprint(b.Code)
	}
	return own
}

// isCode reports whether a value is one of Twilio's error codes, numbers of five
// digits (https://www.twilio.com/docs/api/errors). Gateways have codes too, but
// shorter or longer ones: gRPC's end at 16, others repeat the HTTP status, and
// WSO2's have six digits.
func isCode(value any) bool {
	number, isNumber := value.(json.Number)
	code, err := number.Int64()
	return isNumber && err == nil && code >= 10000 && code <= 99999
}
