package twilio

import (
	"slices"
	"strings"
	"testing"
)

// TestMessageParams_mayHaveCreated has commands that appear while a message is lost.
// Only one that carries the message may be taken for it.
func TestMessageParams_mayHaveCreated(t *testing.T) {
	t.Parallel()
	text := MessageParams{SIM: w1, Payload: "Open A\n", PayloadType: PayloadText, DevicePort: 9}
	with := func(change func(*MessageParams)) MessageParams {
		p := text
		change(&p)
		return p
	}
	binary := func(payload string) MessageParams {
		return with(func(p *MessageParams) { p.Payload, p.PayloadType = payload, PayloadBinary })
	}
	for name, test := range map[string]struct {
		message MessageParams
		command func(*IPCommand) // of text
		want    bool
	}{
		"the same":                  {text, func(*IPCommand) {}, true},
		"failed":                    {text, func(c *IPCommand) { c.Status = ptr(StatusFailed) }, true},
		"another port":              {text, func(c *IPCommand) { c.DevicePort = ptr[int64](8) }, false},
		"another SIM":               {text, func(c *IPCommand) { c.SIMSID = ptr(w2) }, false},
		"a SID in other letters":    {with(func(p *MessageParams) { p.SIM = "HS" + strings.Repeat("a", 32) }), func(c *IPCommand) { c.SIMSID = ptr("HS" + strings.Repeat("A", 32)) }, true},
		"a SIM by its name":         {with(func(p *MessageParams) { p.SIM = "valve" }), func(*IPCommand) {}, true},
		"from the SIM":              {text, func(c *IPCommand) { c.Direction = ptr(DirectionFromSIM) }, false},
		"another payload":           {text, func(c *IPCommand) { c.Payload = ptr("Open B\n") }, false},
		"another letter case":       {text, func(c *IPCommand) { c.Payload = ptr("open a\n") }, false},
		"decomposed":                {with(func(p *MessageParams) { p.Payload = "gr\u00fcn" }), func(c *IPCommand) { c.Payload = ptr("gru\u0308n") }, true},
		"trimmed":                   {with(func(p *MessageParams) { p.Payload = " AT\r\n" }), func(c *IPCommand) { c.Payload = ptr("AT") }, true},
		"trimmed at one end":        {with(func(p *MessageParams) { p.Payload = " AT\r\n" }), func(c *IPCommand) { c.Payload = ptr(" AT") }, true},
		"trimmed, to another port":  {text, func(c *IPCommand) { c.Payload, c.DevicePort = ptr("Open A"), ptr[int64](8) }, false},
		"more white space":          {text, func(c *IPCommand) { c.Payload = ptr("Open A\n\n") }, false},
		"less white space inside":   {text, func(c *IPCommand) { c.Payload = ptr("OpenA\n") }, false},
		"no type asked for":         {with(func(p *MessageParams) { p.PayloadType = "" }), func(*IPCommand) {}, true},
		"the same letters, binary":  {with(func(p *MessageParams) { p.Payload = "QUJD" }), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("QUJD"), ptr(PayloadBinary) }, false},
		"the same bytes, binary":    {with(func(p *MessageParams) { p.Payload = "ABC" }), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("QUJD"), ptr(PayloadBinary) }, false},
		"binary":                    {binary("AQ=="), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("AQ=="), ptr(PayloadBinary) }, true},
		"the same byte in Base64":   {binary("AQ=="), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("AR=="), ptr(PayloadBinary) }, true},
		"another byte":              {binary("AQ=="), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("Ag=="), ptr(PayloadBinary) }, false},
		"broken Base64":             {binary("AQ=="), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("AQ="), ptr(PayloadBinary) }, false},
		"trimmed Base64":            {binary("AQ==\n"), func(c *IPCommand) { c.Payload, c.PayloadType = ptr("AQ="), ptr(PayloadBinary) }, false},
		"the port is not told":      {text, func(c *IPCommand) { c.DevicePort = nil }, false},
		"the payload is not told":   {text, func(c *IPCommand) { c.Payload = nil }, false},
		"the type is not told":      {text, func(c *IPCommand) { c.PayloadType = nil }, true},
		"the direction is not told": {text, func(c *IPCommand) { c.Direction = nil }, true},
		"the SIM is not told":       {text, func(c *IPCommand) { c.SIMSID = nil }, true},
	} {
		c := IPCommand{
			SID: hg(1), SIMSID: ptr(w1), DevicePort: ptr(text.DevicePort), Payload: ptr(text.Payload), PayloadType: ptr(PayloadText),
			Direction: ptr(DirectionToSIM), Status: ptr(StatusQueued),
		}
		test.command(&c)
		if got := test.message.mayHaveCreated(c); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestMessageParams_looksLike has messages whose commands could be mistaken for each
// other, however an API writes them back.
func TestMessageParams_looksLike(t *testing.T) {
	t.Parallel()
	text := MessageParams{Payload: "AT", DevicePort: 9}
	for _, test := range []struct {
		a, b MessageParams
		want bool
	}{
		{text, MessageParams{Payload: "AT\n", PayloadType: PayloadText, DevicePort: 9}, true},
		{text, MessageParams{Payload: "AT", DevicePort: 8}, false},
		{text, MessageParams{Payload: "A T", DevicePort: 9}, false},
		{text, MessageParams{Payload: "AT", PayloadType: PayloadBinary, DevicePort: 9}, false},
		{MessageParams{Payload: "AQ==", PayloadType: PayloadBinary}, MessageParams{Payload: "A\r\nQ=\n=", PayloadType: PayloadBinary}, true},
	} {
		if test.a.looksLike(test.b) != test.want || test.b.looksLike(test.a) != test.want {
			t.Errorf("%+v, %+v: want %t", test.a, test.b, test.want)
		}
	}
}

// TestMessageParams_hidden has all of a callback URL but its scheme and host.
func TestMessageParams_hidden(t *testing.T) {
	t.Parallel()
	p := MessageParams{Payload: "open", CallbackURL: "https://user:hunter2@example.com/services/T000/s3cr3t?a=tok-1&b=tok-2#fragment"}
	want := []string{"open", "user", "hunter2", "a=tok-1&b=tok-2", "/services/T000/s3cr3t", "tok-1", "tok-2", "fragment"}
	got := slices.DeleteFunc(p.hidden(), func(s string) bool { return s == "" })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
