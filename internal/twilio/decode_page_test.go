package twilio

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// pages are answers that look like a page, and some that only almost do.
var pages = []string{
	``, `null`, `[]`, `{}`, `{"ip_commands":[],"meta":{}}`, `{"meta":{"next_page_url":null},"ip_commands":[{"sid":"HG1"}]}`,
	` { "ip_commands" : [ { "sid" : "HG1" , "device_port" : -1 } , { } ] , "meta" : { "next_page_url" : "x?y" } } `,
	`{"commands":[{"sid":"DC1","delivery_receipt_requested":true},{"sid":"DC2","delivery_receipt_requested":false},{"sid":"DC3","delivery_receipt_requested":null}],"meta":{"key":"commands"}}`,
	`{"ip_commands":[{"sid":"HG1","payload":"a\"\\\/\b\f\n\r\t\u00fc\ud83d\ude00\ud800"}],"meta":{}}`,
	`{"ip_commands":[{"sid":"HG1","payload":"\x"}],"meta":{}}`, "{\"ip_commands\":[{\"sid\":\"\x01\"}],\"meta\":{}}",
	`{"ip_commands":[{"sid":"HG1","new":"x","newer":1.5e3,"newest":null,"last":true}],"meta":{}}`,
	`{"ip_commands":[{"sid":"HG1","new":01}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","new":[{}]}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","new":{}}],"meta":{}}`,
	`{"ip_commands":[{"SID":"HG1"}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","sid":"HG2"}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1"}],"ip_commands":[{}],"meta":{}}`,
	`{"ip_commands":[{"sid":"HG1","device_port":1.0}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","device_port":01}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","device_port":-}],"meta":{}}`,
	`{"ip_commands":[{"sid":"HG1","device_port":9223372036854775808}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1","device_port":-0}],"meta":{}}`, `{"ip_commands":[{"sid":1}],"meta":{}}`,
	`{"ip_commands":null,"meta":null}`, `{"ip_commands":[null],"meta":{}}`, `{"ip_commands":[{"sid":null,"payload":null}],"meta":{"next_page_url":"}"}}`,
	`{"ip_commands":[{"sid":"HG1"},],"meta":{}}`, `{"ip_commands":[{"sid":"HG1",}],"meta":{}}`, `{"ip_commands":[{"sid":"HG1"}],"meta":{}}x`, `{"ip_commands":[{"sid":"HG1"}],"meta":{"x":{}}}`,
	`{"ip_commands":[{"sid":"HG1"}],"meta":{"x":"` + `\"}` + `"}}`, `{"ip_commands":[{"sid":"HG1`, `{"ip_commands":[{"sid":"HG1\`, `{"ip_commands":[{"sid":"HG1"}],"meta":{"x`,
}

// checkPage compares what the page's own decoder makes of a body with what
// encoding/json does. It returns whether the former understood it.
func checkPage(t *testing.T, body string, direct pageDecoder, standard any) bool {
	t.Helper()
	if !direct.decode(body) {
		return false
	}
	if err := json.Unmarshal([]byte(body), standard); err != nil {
		t.Errorf("%q was read, but: %v", body, err)
	} else if !reflect.DeepEqual(direct, standard) {
		t.Errorf("%q\nwas read as %s\n    and is %s", body, asJSON(t, direct), asJSON(t, standard))
	}
	return true
}

func FuzzDecodePage(f *testing.F) {
	for _, body := range pages {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if utf8.ValidString(body) {
			checkPage(t, body, new(ipCommandPage), new(ipCommandPage))
			checkPage(t, body, new(commandPage), new(commandPage))
		}
	})
}

// TestDecodePage makes sure that what the API really answers is read directly.
func TestDecodePage(t *testing.T) {
	t.Parallel()
	sim := twiliosim.New(twiliosim.Config{})
	sim.AddIPCommand(twiliosim.IPCommand{Payload: "für \"x\" \\ \n\x01", Status: "queued"})
	sim.AddCommand(twiliosim.Command{Command: "reboot", DeliveryReceiptRequested: true})
	for path, page := range map[string]func() pageDecoder{
		ipCommandsPath: func() pageDecoder { return new(ipCommandPage) }, commandsPath: func() pageDecoder { return new(commandPage) },
	} {
		if !checkPage(t, firstPage(t, sim, path), page(), page()) {
			t.Errorf("the simulator's page of %s was not read", path)
		}
	}
	// A field that is new to us is no reason to be slow.
	if !checkPage(t, `{"ip_commands":[{"new":-1.5e3,"sid":"HG1","newer":"x"}],"meta":{"next_page_url":null}}`, new(ipCommandPage), new(ipCommandPage)) {
		t.Error("a page with new fields was not read")
	}
}

// TestDecodePage_braces has a page whose memory does not follow its payloads.
func TestDecodePage_braces(t *testing.T) {
	t.Parallel()
	p := new(ipCommandPage)
	body := `{"ip_commands":[{"sid":"HG1","payload":"` + strings.Repeat("{", 100_000) + `"}],"meta":{"next_page_url":null}}`
	if !checkPage(t, body, p, new(ipCommandPage)) || cap(p.IPCommands) > maxPageSize {
		t.Errorf("room for %d commands", cap(p.IPCommands))
	}
}

// firstPage is what a simulator answers for a list.
func firstPage(t *testing.T, sim *twiliosim.Simulator, path string) string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	req.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	answer := httptest.NewRecorder()
	sim.ServeHTTP(answer, req)
	return answer.Body.String()
}
