package main

import (
	"context"
	"fmt"
	"strings"
)

// assumption is something that the rules of sending take for granted of the
// API, and that no simulator can show.
type assumption struct {
	// text says what is assumed, and source who says so.
	text, source string
	// breaks says which rules break where it is wrong, and what happens then; empty
	// where the provider itself checks it.
	breaks string
	// how says how it is checked, or why it can't be.
	how string
	// check is nil where it can't be checked.
	check func(*run, context.Context) error
}

// Where the APIs are documented.
const (
	undocumented = "not documented"
	resourcePage = "[IP Command resource](https://www.twilio.com/docs/iot/supersim/api/ipcommand-resource)"
	descriptions = "Twilio's and KORE's [API descriptions](internal/twiliosim/openapitest/descriptions/README.md)"
	errorForms   = "[Twilio API responses](https://www.twilio.com/docs/usage/twilios-response), [KORE API responses](https://docs.korewireless.com/developers/api-management/api-responses)"
)

// assumptions are all of them, in the order in which they are checked.
var assumptions = []assumption{
	{
		text:   "A message is in the list of its SIM within seconds, as it was sent.",
		source: undocumented,
		breaks: "R2: looks end after 17 s; a lost message is not found, and apply says that nobody knows. R10: a message that went out is sent again.",
		how:    "sends a message and lists until it is there",
		check:  (*run).shown,
	},
	{
		text:   "Lists are newest first.",
		source: undocumented,
		breaks: "R2, R10, R11: only the newest are looked at. A lost message is not found; R10 sends again, or takes an older message for the newest and sends nothing; R11 takes another message's reply.",
		how:    "sends a second message, and compares the dates of a page",
		check:  (*run).newestFirst,
	},
	{
		text:   "A page has at most as many rows as `PageSize` asks for, up to the platform's maximum.",
		source: descriptions,
		breaks: "R2, lists: a larger page is an error. A lost message is not found, and data sources fail.",
		how:    "lists with pages of one row, and of the maximum",
		check:  (*run).pageSize,
	},
	{
		text:   "Dates are in whole seconds, cut and not rounded.",
		source: "examples in the " + resourcePage,
		breaks: "R2: one that is rounded up, or has fractions, can be later than the list's `Date`, and is not adopted.",
		how:    "reads the dates of a page; that they are not rounded shows below only by chance",
		check:  (*run).wholeSeconds,
	},
	{
		text:   "`date_created` is by the clock of `Date`.",
		source: undocumented,
		breaks: "R2: where it is behind, nothing is adopted; where it is ahead, nothing either, or somebody else's older command. R10: windows are longer or shorter.",
		how:    "compares `date_created` of the messages with `Date` before and after them",
		check:  (*run).sameClock,
	},
	{
		text:   "A refusal with 4xx, in the API's own form, comes before anything is processed.",
		source: errorForms + "; that nothing was processed is " + undocumented,
		breaks: "R1, R2: apply says that nothing was sent, and the next apply sends again.",
		how:    "asks for a message to port 65536, and lists until it would be there",
		check:  (*run).refusal,
	},
	{
		text:   "A 429 in any form comes before anything is processed.",
		source: "Twilio: [error 20429](https://www.twilio.com/docs/api/errors/20429); KORE: " + undocumented,
		breaks: "R1: the message is sent twice.",
		how:    "can't be checked: only a flood of messages would be refused",
	},
	{
		text:   "A command that is not known is 404 with the code 20404.",
		source: "Twilio: [error 20404](https://www.twilio.com/docs/api/errors/20404); KORE: " + undocumented,
		breaks: "R4, R6: a command that the API lost or forgot is an error in each plan.",
		how:    "fetches a SID that no command has",
		check:  (*run).notFound,
	},
	{
		text:   "KORE refuses an expired token with 401 or 403, in JSON with a message about authorization.",
		source: "[KORE authorization](https://docs.korewireless.com/developers/api-management/auth) says only that it is an error",
		breaks: "R1: a token is renewed before its end; where it ends earlier, requests fail until the provider is started anew, and the outcome of a message is unknown.",
		how:    "on KORE, lists with a token that was altered, which stands for an expired one",
		check:  (*run).token,
	},
	{
		text:   "Commands are kept for 30 days.",
		source: resourcePage,
		breaks: "R10: forgotten earlier, a message is sent again in spite of a longer window. Kept longer, nothing breaks.",
		how:    "looks for a command of the SIM that is 29 days old; needs one",
		check:  (*run).retention,
	},
	{
		text:   "Each response has a `Date`, and comes from no cache.",
		source: "[RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1), for servers that have a clock",
		how:    "looks at all responses so far",
		check:  (*run).dates,
	},
}

// page is ASSUMPTIONS.md.
func page() string {
	var b strings.Builder
	b.WriteString(`# Assumptions

What the [rules of sending](ARCHITECTURE.md#where-each-rule-lives) take for granted of the API. The simulator behaves so because it was built so, so no test against it can show that the API does. ` +
		"`make test-live` checks it against a real account, as [CONTRIBUTING.md](CONTRIBUTING.md#on-a-real-account) says." + `

This page is generated from [internal/live/assumptions.go](internal/live/assumptions.go) by ` + "`make docs`" + `.

| assumption | who says so | if it is wrong | ` + "`make test-live`" + ` |
|---|---|---|---|
`)
	checked := "\nNo assumption, since each look checks it (R2, R10), and is an error where it is not so:\n\n"
	for _, a := range assumptions {
		if a.breaks == "" {
			checked += fmt.Sprintf("* %s (%s)\n", a.text, a.source)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", a.text, a.source, a.breaks, a.how)
	}
	return b.String() + checked
}
