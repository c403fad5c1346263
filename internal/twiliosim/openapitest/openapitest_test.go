package openapitest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim/openapitest"
)

// verdict is a testing.TB that keeps what it is told.
type verdict struct {
	testing.TB
	mu     sync.Mutex
	errors []string
}

func (v *verdict) Helper() {}

func (v *verdict) Errorf(format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.errors = append(v.errors, fmt.Sprintf(format, args...))
}

// check fails the test unless the verdict is as expected: want is a part of
// the only error, or empty for none.
func (v *verdict) check(t *testing.T, want string) {
	t.Helper()
	switch {
	case want == "" && len(v.errors) > 0:
		t.Errorf("unexpected: %v", v.errors)
	case want != "" && (len(v.errors) != 1 || !strings.Contains(v.errors[0], want)):
		t.Errorf("got %q, want %q", v.errors, want)
	}
}

// good is a valid response to a POST.
const good = `{"sid":"HGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",` +
	`"sim_sid":"HSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","sim_iccid":"89883070000123456789","status":"queued",` +
	`"direction":"to_sim","device_ip":null,"device_port":100,"payload_type":"text","payload":"x",` +
	`"date_created":"2015-07-30T20:00:00Z","date_updated":"2015-07-30T20:00:00Z",` +
	`"url":"https://supersim.twilio.com/v1/IpCommands/HGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}`

// change replaces something in good.
func change(old, replacement string) string {
	if !strings.Contains(good, old) {
		panic(old)
	}
	return strings.Replace(good, old, replacement, 1)
}

const (
	form  = "Sim=s&Payload=p&DevicePort=1"
	posts = "/v1/IpCommands"
)

// exchange is a request, the response to it, and what is wrong with them. Without
// a body it is a GET.
type exchange struct {
	target, body, contentType, user string // contentType and user have defaults
	status                          int
	response, responseType          string
	want                            string
}

// cases are exchanges with Twilio.
var cases = map[string]exchange{
	"right":                 {target: posts, body: form, status: 201, response: good},
	"right refusal":         {target: posts, body: form, status: 400, response: `{"code":1}`},
	"unknown path":          {target: "/v1/Fleets", status: 200, want: "a request that is not described"},
	"unknown method":        {target: posts + "/HGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", body: form, status: 200, want: "a request that is not described"},
	"bad SID":               {target: posts + "/HG1", status: 404, want: `parameter "Sid" in path`},
	"no credentials":        {target: posts, body: form, user: "-", status: 401, want: "no HTTP Basic credentials"},
	"unknown query":         {target: posts + "?Pagesize=1", status: 400, want: "query parameter Pagesize is not described"},
	"query twice":           {target: posts + "?Sim=1&Sim=2", status: 400, want: "query parameter Sim is there 2 times"},
	"query out of range":    {target: posts + "?PageSize=1001", status: 400, want: "number must be at most 1000"},
	"query enum":            {target: posts + "?Status=delivered", status: 400, want: "not one of the allowed values"},
	"query of other API":    {target: "/v1/Commands?SimIccid=1", status: 400, want: "query parameter SimIccid is not described"},
	"field missing":         {target: posts, body: "Sim=s&Payload=p", status: 400, want: `property "DevicePort" is missing`},
	"field unknown":         {target: posts, body: form + "&Port=1", status: 400, want: "form field Port is not described"},
	"field twice":           {target: posts, body: form + "&Sim=t", status: 400, want: "form field Sim is there 2 times"},
	"field no integer":      {target: posts, body: "Sim=s&Payload=p&DevicePort=x", status: 400, want: "DevicePort"},
	"field enum":            {target: posts, body: form + "&PayloadType=hex", status: 400, want: "not one of the allowed values"},
	"field no URI":          {target: posts, body: form + "&CallbackUrl=/x", status: 400, want: "not an absolute http or https URL"},
	"JSON body":             {target: posts, body: "{}", contentType: "application/json", status: 400, want: "application/json"},
	"body of a GET":         {target: "GET " + posts, body: form, status: 200, response: page(""), want: "there is a body, and none is described"},
	"wrong success":         {target: posts, body: form, status: 200, response: good, want: "status is not supported"},
	"response no JSON":      {target: posts, body: form, status: 201, response: "<p>", want: "failed to decode"},
	"response content type": {target: posts, body: form, status: 201, response: good, responseType: "text/html", want: "text/html"},
	"property missing":      {target: posts, body: form, status: 201, response: change(`"sim_iccid":"89883070000123456789",`, ""), want: `property "sim_iccid" is missing`},
	"property unknown":      {target: posts, body: form, status: 201, response: change(`"status"`, `"state":1,"status"`), want: `property "state" is unsupported`},
	"property not nullable": {target: posts, body: form, status: 201, response: change(`100`, "null"), want: "not nullable"},
	"property type":         {target: posts, body: form, status: 201, response: change(`100`, `"100"`), want: "must be an integer"},
	"property enum":         {target: posts, body: form, status: 201, response: change(`"queued"`, `"new"`), want: "not one of the allowed values"},
	"property pattern":      {target: posts, body: form, status: 201, response: change(`"HSaa`, `"DEaa`), want: "HS"},
	"property date":         {target: posts, body: form, status: 201, response: change(`2015-07-30T20:00:00Z`, `Thu, 30 Jul 2015`), want: "date-time"},
	"property URI":          {target: posts, body: form, status: 201, response: change(`"https://supersim.twilio.com/v1`, `"/v1`), want: "not an absolute http or https URL"},
	"list":                  {target: posts, status: 200, response: page(good)},
	"list of wrong":         {target: posts, status: 200, response: page(change(`"queued"`, `"new"`)), want: "not one of the allowed values"},
	"list without meta":     {target: posts, status: 200, response: `{"ip_commands":[]}`, want: `property "meta" is missing`},
	"SIMs":                  {target: "/v1/Sims?Fleet=f&Status=active&Iccid=8988", status: 200, response: sims},
	"SIMs of wrong status":  {target: "/v1/Sims", status: 200, response: strings.Replace(sims, "active", "broken", 1), want: "not one of the allowed values"},
	"POST to SIMs":          {target: "/v1/Sims", body: "Iccid=1&RegistrationCode=2", status: 201, response: "{}", want: "a request that is not described"},
	"list meta incomplete":  {target: posts, status: 200, response: strings.Replace(page(""), `"page":0,`, "", 1), want: `property "page" is missing`},
}

// page returns a list with these commands.
func page(commands string) string {
	return `{"ip_commands":[` + commands + `],"meta":{"first_page_url":"https://a.b/c","key":"ip_commands",` +
		`"next_page_url":null,"page":0,"page_size":50,"previous_page_url":null,"url":"https://a.b/c"}}`
}

// sims is a list of SIMs.
var sims = strings.ReplaceAll(page(
	`{"sid":"HSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","unique_name":"valve","account_sid":"ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",`+
		`"iccid":"89883070000123456789","status":"active","fleet_sid":null,"date_created":"2015-07-30T20:00:00Z",`+
		`"date_updated":"2015-07-30T20:00:00Z","url":"https://a.b/c","links":{"billing_periods":"https://a.b/c/d"}}`), "ip_commands", "sims")

// request returns the request of a case.
func request(t *testing.T, server, target, body, contentType, user string) *http.Request {
	t.Helper()
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	target, isGet := strings.CutPrefix(target, "GET ")
	if isGet {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), method, server+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType == "" && body != "" {
		contentType = "application/x-www-form-urlencoded"
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	switch user {
	case "":
		r.SetBasicAuth("AC", "x")
	case "-":
	default:
		r.Header.Set("Authorization", user)
	}
	return r
}

func TestMismatches(t *testing.T) {
	t.Parallel()
	testMismatches(t, openapitest.Load(t), cases)
}

// testMismatches tries exchanges on the handler and on the transport.
func testMismatches(t *testing.T, contract *openapitest.Contract, cases map[string]exchange) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if body, err := io.ReadAll(r.Body); err != nil || string(body) != tc.body {
					t.Errorf("the handler reads %q, %v", body, err)
				}
				if tc.responseType == "" {
					tc.responseType = "application/json"
				}
				w.Header().Set("Content-Type", tc.responseType)
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.response)
			})

			byHandler := &verdict{TB: t}
			w := httptest.NewRecorder()
			contract.Handler(byHandler, handler).ServeHTTP(w, request(t, "", tc.target, tc.body, tc.contentType, tc.user))
			if w.Code != tc.status || w.Body.String() != tc.response {
				t.Errorf("the response was changed to %d %q", w.Code, w.Body)
			}
			byHandler.check(t, tc.want)

			server := httptest.NewServer(handler)
			defer server.Close()
			byTransport := &verdict{TB: t}
			client := &http.Client{Transport: contract.Transport(byTransport, server.Client().Transport)}
			response, err := client.Do(request(t, server.URL, tc.target, tc.body, tc.contentType, tc.user))
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || string(body) != tc.response {
				t.Errorf("the response was changed to %q, %v", body, err)
			}
			byTransport.check(t, tc.want)
		})
	}
}

// Faults that break a response off pass through both wrappers unharmed, and
// are not taken for mismatches.
func TestBrokenResponsesPass(t *testing.T) {
	t.Parallel()
	contract := openapitest.Load(t)
	for name, fault := range map[string]twiliosim.Fault{
		"dropped":   twiliosim.LostResponse(0),
		"truncated": {TruncateBody: 5},
		"refused":   twiliosim.HTMLBadGateway(0),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := twiliosim.New(twiliosim.Config{})
			s.Inject(fault)
			v := &verdict{TB: t}
			server := httptest.NewServer(contract.Handler(v, s))
			defer server.Close()
			client := &http.Client{Transport: contract.Transport(v, server.Client().Transport)}
			response, err := client.Do(request(t, server.URL, posts, "", "", ""))
			if err == nil {
				_, err = io.ReadAll(response.Body)
				response.Body.Close()
			}
			if (err == nil) != (name == "refused") {
				t.Errorf("error %v", err)
			}
			v.check(t, "")
		})
	}
}
