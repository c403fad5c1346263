package provider

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/tfcore"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// listCase is the data source of a list.
type listCase struct {
	name, rows, path, noun string
	one                    string // the data source of a single row, if there is one
	// add makes the API know a row that was created at this time, and returns
	// its SID.
	add func(w *world, created time.Time) string
	// arguments are all that it takes, and query is what they become.
	arguments string
	query     url.Values
}

var listCases = []listCase{
	{
		name: "twilio_ip_commands", rows: "ip_commands", path: "/v1/IpCommands", noun: "commands", one: "twilio_ip_command",
		add: func(w *world, created time.Time) string {
			return w.AddIPCommand(twiliosim.IPCommand{DateCreated: created}).SID
		},
		arguments: `
  sim       = "valve"
  sim_iccid = "8988307"
  status    = "received"
  direction = "from_sim"
  page_size = 7
  limit     = 7
`,
		query: url.Values{"Sim": {"valve"}, "SimIccid": {"8988307"}, "Status": {"received"}, "Direction": {"from_sim"}, "PageSize": {"7"}},
	},
	{
		name: "twilio_commands", rows: "commands", path: "/v1/Commands", noun: "commands", one: "twilio_command",
		add: func(w *world, created time.Time) string {
			return w.AddCommand(twiliosim.Command{DateCreated: created}).SID
		},
		arguments: `
  sim       = "meter"
  status    = "delivered"
  direction = "to_sim"
  transport = "sms"
  page_size = 1000
  limit     = 20
`,
		query: url.Values{"Sim": {"meter"}, "Status": {"delivered"}, "Direction": {"to_sim"}, "Transport": {"sms"}, "PageSize": {"20"}},
	},
	{
		name: "twilio_super_sims", rows: "sims", path: "/v1/Sims", noun: "SIMs",
		add: func(w *world, created time.Time) string {
			return w.AddSIM(twiliosim.SIM{DateCreated: created}).SID
		},
		arguments: `
  fleet     = "meters"
  status    = "ready"
  iccid     = "8988307"
  page_size = 8
  limit     = 20
`,
		query: url.Values{"Fleet": {"meters"}, "Status": {"ready"}, "Iccid": {"8988307"}, "PageSize": {"8"}},
	},
}

// eachList runs a test for each data source of a list.
func eachList(t *testing.T, test func(*testing.T, listCase)) {
	t.Helper()
	for _, l := range listCases {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			test(t, l)
		})
	}
}

// block is a data block with these arguments.
func (l listCase) block(arguments string) string {
	return fmt.Sprintf("data %q \"test\" {%s}\n", l.name, arguments)
}

// TestAccLists_complete reads a long list, in order and with the fewest
// requests, and a short one with a single request.
func TestAccLists_complete(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		const n = 2345
		w := newWorld(t, twiliosim.Config{})
		newestFirst := make([]string, n)
		for i := range n {
			newestFirst[n-1-i] = l.add(w, start.Add(time.Duration(i-n)*time.Minute))
		}
		c := w.newCLI(t)
		for arguments, want := range map[string]struct{ rows, requests int }{
			"":                 {n, 3},
			"\n  limit = 10\n": {10, 1},
		} {
			c.write(w.provider() + l.block(arguments) + fmt.Sprintf(`
output "sids" {
  value = join(",", data.%s.test.%s[*].sid)
}
`, l.name, l.rows))
			before := w.gets()
			c.succeeds(c.apply())
			if requests := w.gets() - before; requests != want.requests {
				t.Errorf("%s: %d requests, want %d", arguments, requests, want.requests)
			}
			if got := c.run("output", "-raw", "sids"); strings.TrimSpace(got.output) != strings.Join(newestFirst[:want.rows], ",") {
				t.Errorf("%s: the list is not complete and in order", arguments)
			}
		}
	})
}

// TestAccLists_filters wants every argument in the query and nothing else, and
// an empty list where nothing matches.
func TestAccLists_filters(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		w := newWorld(t, twiliosim.Config{})
		l.add(w, start)
		w.test(t, resource.TestStep{
			Config:           w.provider() + l.block(l.arguments),
			ConfigPlanChecks: settledPlan(),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data."+l.name+".test", tfjsonpath.New(l.rows), knownvalue.ListExact(nil)),
			},
		})
		for _, r := range w.Requests() {
			if r.Path != l.path || r.Query.Encode() != l.query.Encode() {
				t.Errorf("%s?%s, want %s?%s", r.Path, r.Query.Encode(), l.path, l.query.Encode())
			}
		}
		if len(w.Requests()) == 0 {
			t.Error("the list was not read")
		}
	})
}

// apiRows are the rows that the API gives at a path, as its JSON has them.
func (w *world) apiRows(t *testing.T, path, rows string) (all []map[string]any) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	r.SetBasicAuth(twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken)
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	var page map[string]json.RawMessage
	err := json.Unmarshal(recorder.Body.Bytes(), &page)
	if err == nil {
		err = json.Unmarshal(page[rows], &all)
	}
	if err != nil || len(all) == 0 {
		t.Fatal(err, recorder.Body)
	}
	for _, row := range all {
		delete(row, "links")
	}
	return all
}

// TestAccLists_fields shows every field of what is listed or looked up under the
// API's own name, and nulls where the API gives null.
func TestAccLists_fields(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		w, c := newCLIWorld(t)
		sim := w.AddSIM(twiliosim.SIM{UniqueName: "valve", NeverSends: true, Null: []string{"unique_name"}})
		w.AddSIM(twiliosim.SIM{UniqueName: "meter", Fleet: "meters", Status: "paused"})
		w.ReceiveFromSIM(sim.SID, 7000, []byte{0, 1, 255})
		w.AddIPCommand(twiliosim.IPCommand{Status: "queued", Payload: "wait", DateCreated: start.Add(-time.Hour)})
		w.AddIPCommand(twiliosim.IPCommand{Status: "a new one", DateCreated: start.Add(-2 * time.Hour)})
		w.AddCommand(twiliosim.Command{Command: "reboot", CommandMode: "text", Transport: "ip", Status: "delivered", Direction: "to_sim"})
		rows := w.apiRows(t, l.path, l.rows)
		want := map[string]any{"all": rows}
		config := w.provider() + l.block("") + fmt.Sprintf("output \"all\" {\n  value = data.%s.test.%s\n}\n", l.name, l.rows)
		if l.one != "" {
			want["one"] = rows[0]
			config += fmt.Sprintf("data %[1]q \"one\" {\n  sid = %[2]q\n}\noutput \"one\" {\n  value = data.%[1]s.one\n}\n", l.one, rows[0]["sid"])
		}
		c.write(config)
		c.succeeds(c.apply())
		for name, want := range want {
			var got any
			if err := json.Unmarshal([]byte(c.run("output", "-json", name).output), &got); err != nil {
				t.Fatal(err)
			}
			wanted, _ := json.Marshal(want)
			if shown, _ := json.Marshal(got); string(shown) != string(wanted) {
				t.Errorf("%s is\n%s, want\n%s", name, shown, wanted)
			}
		}
	})
}

// TestAccLists_errors shows an API's refusal whole.
func TestAccLists_errors(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		w := newWorld(t, twiliosim.Config{})
		w.Inject(twiliosim.Fault{PathPrefix: l.path, Status: 400, Body: []byte(`{"code":20001,"message":"Bad request","more_info":"https://www.twilio.com/docs/errors/20001","status":400}`)})
		c := w.newCLI(t)
		c.write(w.provider() + l.block(""))
		got := c.plan()
		for _, want := range []string{capital(l.noun) + " could not be listed", "HTTP 400", "Bad request", "error code 20001", "https://www.twilio.com/docs/errors/20001"} {
			if got.exit != 1 || !strings.Contains(oneLine(got.output), want) {
				t.Errorf("exit code %d, want %q in:\n%s", got.exit, want, got.output)
			}
		}
	})
}

// TestAccLists_pageSize refuses a page that the platform does not take, and
// takes the largest that it does.
func TestAccLists_pageSize(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		for _, row := range []struct {
			world   *world
			largest int
		}{
			{newWorld(t, twiliosim.Config{}), 1000},
			{newKOREWorld(t), map[string]int{"ip_commands": 100, "commands": 1000, "sims": 1000}[l.rows]},
		} {
			w, provider := row.world, ""
			if len(w.env) == 0 {
				provider = w.provider()
			}
			c := w.newCLI(t)
			c.write(provider + l.block(fmt.Sprintf("\n  page_size = %d\n", row.largest+1)))
			c.refuses(c.plan(), fmt.Sprintf("between 1 and %d", row.largest))
			for i, arguments := range []string{fmt.Sprintf("\n  page_size = %d\n", row.largest), ""} {
				c.write(provider + l.block(arguments))
				if got := c.plan(); got.exit != 0 || w.Count(http.MethodGet, l.path) != i+1 {
					t.Errorf("exit code %d, %d requests:\n%s", got.exit, len(w.Requests()), got.output)
				}
			}
			for _, r := range w.Requests() {
				if size := r.Query.Get("PageSize"); r.Path == l.path && size != fmt.Sprint(row.largest) {
					t.Errorf("a page of %s was asked for, want %d", size, row.largest)
				}
			}
		}
	})
}

// TestLists_limit has more than an int holds where it has 32 bits: it must not
// become a small number.
func TestLists_limit(t *testing.T) {
	t.Parallel()
	if got := listOptions(0, 1<<32+1).Limit; got != math.MaxInt32 {
		t.Errorf("limit %d", got)
	}
}

// TestLists_tooLarge refuses a list when it has grown beyond what fits into a
// response, without reading what is left of it.
func TestLists_tooLarge(t *testing.T) {
	t.Parallel()
	eachList(t, func(t *testing.T, l listCase) {
		w := newWorld(t, twiliosim.Config{})
		for range 5000 {
			l.add(w, start)
		}
		w.env = w.endpoints()
		w.env["TWILIO_ACCOUNT_SID"], w.env["TWILIO_AUTH_TOKEN"] = twiliosim.DefaultAccountSID, twiliosim.DefaultAuthToken
		s, schema := w.server(t)
		config := tfcore.Encode(tfcore.Whole(schema.Provider, nil))
		if resp, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config}); err != nil || len(resp.Diagnostics) > 0 {
			t.Fatal(err, resp)
		}
		req := &tfprotov6.ReadDataSourceRequest{TypeName: l.name, Config: tfcore.Encode(tfcore.Whole(schema.DataSourceSchemas[l.name], nil))}

		s.Limit = 1 << 20
		resp, err := s.ReadDataSource(t.Context(), req)
		if err != nil || len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError {
			t.Fatal(resp, err)
		}
		text := resp.Diagnostics[0].Summary + ": " + resp.Diagnostics[0].Detail
		var rows int64
		if _, err := fmt.Sscanf(resp.Diagnostics[0].Detail, "After %d "+l.noun, &rows); err != nil {
			t.Error(text, err)
		}
		for _, want := range []string{"Too many " + l.noun, "255 MiB", "Set limit", "with its filters: ", ", status"} {
			if !strings.Contains(text, want) {
				t.Errorf("the error lacks %q: %s", want, text)
			}
		}
		if want := rows/1000 + 1; rows == 0 || int64(w.Count(http.MethodGet, "")) != want {
			t.Errorf("%d requests for %d rows, want %d", w.Count(http.MethodGet, ""), rows, want)
		}

		// As it is served, the same list is no trouble.
		s.Limit = 0
		if resp, err := s.ReadDataSource(t.Context(), req); err != nil || len(resp.Diagnostics) > 0 {
			t.Error(resp, err)
		}
	})
}
