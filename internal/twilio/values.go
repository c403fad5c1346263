package twilio

import (
	"net/url"
	"strings"
	"time"
)

// IsSID reports whether s is a SID with this prefix of two letters, which 32
// hexadecimal digits follow.
func IsSID(prefix, s string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	return ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

// orEmpty is a SID, or nothing where it is none with this prefix.
func orEmpty(prefix, sid string) string {
	if IsSID(prefix, sid) {
		return sid
	}
	return ""
}

// field is a field of an object by which its list can be narrowed, under the name
// of the parameter that does so. A nil value is one that is not told.
type field struct {
	parameter string
	value     *string
}

// excluded returns the parameter by which a list was asked for other rows than the
// one with these fields, or nothing. What a row does not tell speaks for it. Rows
// tell SIDs: where a unique name was asked for, the first row replaces the name in
// asked by its SID, which all others must have, too.
func excluded(asked url.Values, fields ...field) string {
	for _, f := range fields {
		want := asked.Get(f.parameter)
		switch {
		case want == "" || f.value == nil || strings.EqualFold(want, *f.value):
		case !isOwner(want) && isOwner(*f.value):
			asked.Set(f.parameter, *f.value)
		default:
			return f.parameter
		}
	}
	return ""
}

// isOwner reports whether s is the SID of what a list can be narrowed to: a
// Super SIM, a Programmable Wireless SIM or a fleet.
func isOwner(s string) bool { return IsSID("HS", s) || IsSID("DE", s) || IsSID("HF", s) }

// nonEmpty builds values without those that are empty.
func nonEmpty(fields map[string]string) url.Values {
	v := url.Values{}
	for name, value := range fields {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

// Timestamp is a date as the API gives it: ISO 8601 in GMT, such as
// 2015-07-30T20:00:00Z.
type Timestamp string

// Time returns the moment, and false when it can't be understood. RFC 1123
// is what Twilio's older APIs write.
func (t Timestamp) Time() (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123} {
		if at, err := time.Parse(layout, string(t)); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// RFC3339 returns the date in RFC 3339, in UTC, or unchanged when it can't be
// understood.
func (t Timestamp) RFC3339() string {
	at, ok := t.Time()
	if !ok {
		return string(t)
	}
	return at.UTC().Format(time.RFC3339Nano)
}
