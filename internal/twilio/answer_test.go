package twilio

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTimestamp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		in   Timestamp
		want string
		ok   bool
	}{
		{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00Z", true},
		{"2026-03-01T12:00:00.25Z", "2026-03-01T12:00:00.25Z", true},
		{"Sun, 01 Mar 2026 12:00:00 +0000", "2026-03-01T12:00:00Z", true},
		{"Sun, 01 Mar 2026 12:00:00 GMT", "2026-03-01T12:00:00Z", true},
		{"yesterday", "yesterday", false},
		{"", "", false},
	} {
		if _, ok := test.in.Time(); ok != test.ok || test.in.RFC3339() != test.want {
			t.Errorf("%q: %q, %t", test.in, test.in.RFC3339(), ok)
		}
	}
}

// pageOfIPCommands is a page before it is decoded.
func pageOfIPCommands(most int) *page[IPCommand] {
	return &page[IPCommand]{key: ipCommandsKey, most: most}
}

// TestPage_bound has more rows than were asked for: none beyond those is held
// in memory.
func TestPage_bound(t *testing.T) {
	t.Parallel()
	body := []byte(`{"ip_commands":[` + strings.Repeat(`{"sid":"HG00000000000000000000000000000001"},`, 1_000_000) + `{"sid":"HG00000000000000000000000000000001"}],"meta":{"next_page_url":null}}`)
	p := pageOfIPCommands(50)
	err := p.decode(body)
	if err == nil || !strings.Contains(err.Error(), "more than the 50 rows that were asked for") || cap(p.items) > 50 {
		t.Errorf("%d rows, %v", cap(p.items), err)
	}
}

// TestPage_oddRow has a row of another type than described that is as large as
// a whole page: it is not taken apart.
func TestPage_oddRow(t *testing.T) {
	t.Parallel()
	row := `{"sid":"HG00000000000000000000000000000001","device_port":"x","payload":"` + strings.Repeat("x", maxItemBytes) + `"}`
	err := pageOfIPCommands(1).decode([]byte(`{"ip_commands":[` + row + `],"meta":{"next_page_url":null}}`))
	if err == nil || !strings.Contains(err.Error(), "one of the rows is too large") {
		t.Error(err)
	}
}

// TestPage_oddNext has an address of the next page that is no text, and as
// large as a page may be: it is not taken apart.
//
//nolint:paralleltest // It counts allocations.
func TestPage_oddNext(t *testing.T) {
	body := []byte(`{"ip_commands":[],"meta":{"next_page_url":[` + strings.Repeat(`{},`, maxAnswerBytes/3-100) + `{}]}}`)
	p := pageOfIPCommands(1)
	allocated := testing.AllocsPerRun(1, func() {
		if err := p.decode(body); err != nil {
			t.Fatal(err)
		}
		if _, err := nextQuery(p.meta.NextPageURL); err == nil || err.Error() != "the address of the next page is no text" {
			t.Errorf("%.200v", err)
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations", allocated)
	}
}

// TestPage_oddFields has rows with fields of other types than described: each
// is null, as in a single command, and all others are read.
func TestPage_oddFields(t *testing.T) {
	t.Parallel()
	p := pageOfIPCommands(3)
	const odd = `{"sid":"HG00000000000000000000000000000002","device_port":"5683","payload":{},"status":"sent","date_created":1}`
	if err := p.decode([]byte(`{"meta":{"next_page_url":null},"ip_commands":[{"sid":"HG00000000000000000000000000000001","device_port":7},` + odd + `,{"sid":"HG00000000000000000000000000000003","device_port":9}]}`)); err != nil {
		t.Fatal(err)
	}
	single, err := decodeObject[IPCommand]([]byte(odd))
	want := []IPCommand{{SID: "HG00000000000000000000000000000001", DevicePort: ptr[int64](7)}, {SID: "HG00000000000000000000000000000002", Status: ptr(StatusSent)}, {SID: "HG00000000000000000000000000000003", DevicePort: ptr[int64](9)}}
	if err != nil || !reflect.DeepEqual(p.items, want) || !reflect.DeepEqual(single, want[1]) {
		t.Errorf("%s, and by itself %s, %v; want %s", asJSON(t, p.items), asJSON(t, single), err, asJSON(t, want))
	}
}

func FuzzDecodeIPCommand(f *testing.F) {
	for _, s := range []string{
		``, `null`, `[]`, `{}`, `{"sid":""}`, `{"sid":"HG00000000000000000000000000000001"}`, ` {"sid":"HG00000000000000000000000000000001"} `, `{"sid":"HG00000000000000000000000000000001"}x`, `{"sid":1}`,
		`{"sid":"HG00000000000000000000000000000001","device_port":70000,"payload":"\u0000\ud800","date_created":"2026-03-01T12:00:00Z"}`,
		`{"sid":"HG00000000000000000000000000000001","device_port":1e99}`, "{\"sid\":\"\xff\"}", "<html><title>x</title></html>", "\ufeff{}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) {
			t.Skip("the request refuses it") // rest.Do
		}
		cmd, err := decodeObject[IPCommand](body)
		if err != nil {
			if cmd.SID != "" || !utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\n\r\x00") {
				t.Errorf("%+v, %q", cmd, err)
			}
			return
		}
		if cmd.SID == "" || !utf8.ValidString(cmd.SID) || cmd.Payload != nil && !utf8.ValidString(*cmd.Payload) {
			t.Errorf("decoded %+v", cmd)
		}
		// None of these may panic on what the API says.
		_ = cmd.IsQueued() || cmd.IsFailed() || cmd.IsSettled() || (IPCommandParams{PayloadType: PayloadBinary}).mayHaveCreated(cmd)
		if cmd.DateCreated != nil {
			_ = cmd.DateCreated.RFC3339()
		}
	})
}
