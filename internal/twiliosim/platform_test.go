package twiliosim_test

import (
	"encoding"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twiliosim"
)

// What flag.TextVar needs.
var (
	_ encoding.TextMarshaler   = twiliosim.Twilio
	_ encoding.TextUnmarshaler = (*twiliosim.Platform)(nil)
)

func TestPlatformNames(t *testing.T) {
	t.Parallel()
	for name, platform := range map[string]twiliosim.Platform{"twilio": twiliosim.Twilio, "kore": twiliosim.KORE} {
		if got := platform.String(); got != name {
			t.Errorf("%q is called %q", name, got)
		}
		got := twiliosim.Platform(-1)
		if err := got.UnmarshalText([]byte(name)); err != nil || got != platform {
			t.Errorf("%q is %v, %v", name, got, err)
		}
	}
	var p twiliosim.Platform
	if err := p.UnmarshalText([]byte("KORE")); err == nil || !strings.Contains(err.Error(), "twilio and kore") {
		t.Errorf("a wrong name: %v", err)
	}
	if got := twiliosim.Platform(7).String(); got != "Platform(7)" {
		t.Errorf("an unknown platform is called %q", got)
	}
}

func TestUnknownPlatformPanics(t *testing.T) {
	t.Parallel()
	mustPanic(t, "out of range", func() { twiliosim.New(twiliosim.Config{Platform: 2}) })
}

func TestKOREPageSizes(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{})
	for range 101 {
		s.AddSIM(twiliosim.SIM{})
		s.AddIPCommand(twiliosim.IPCommand{})
		s.AddCommand(twiliosim.Command{})
	}
	for target, want := range map[string]int{
		"/v1/IpCommands":               50,
		"/v1/IpCommands?PageSize=100":  100,
		"/v1/IpCommands?PageSize=101":  0,
		"/v1/IpCommands?PageSize=1000": 0,
		"/v1/Commands":                 50,
		"/v1/Commands?PageSize=1000":   101,
		"/v1/Commands?PageSize=1001":   0,
		"/v1/Sims?PageSize=1000":       101,
		"/v1/Sims?PageSize=1001":       0,
	} {
		w := koreCall(t, s, http.MethodGet, target, nil)
		if want == 0 {
			if got := decode[apiError](t, w, http.StatusBadRequest); got.Code != 20007 {
				t.Errorf("%s: %+v", target, got)
			}
			continue
		}
		if got := decode[list](t, w, http.StatusOK); len(got.sids()) != want {
			t.Errorf("%s: %d commands", target, len(got.sids()))
		}
	}
}

func TestKOREResponsesHaveItsURLs(t *testing.T) {
	t.Parallel()
	const asked = "http://localhost:2"
	for _, tc := range []struct {
		config             twiliosim.Config
		supersim, wireless string
	}{
		{twiliosim.Config{}, "https://supersim.api.korewireless.com", "https://programmable-wireless.api.korewireless.com"},
		{twiliosim.Config{OwnLinks: true}, asked, asked},
		{twiliosim.Config{OwnLinks: true, PublicURL: "http://localhost:1"}, "http://localhost:1", "http://localhost:1"},
	} {
		s, _ := newKORE(tc.config)
		twiliosim.Seed(s)
		for path, base := range map[string]string{"/v1/IpCommands": tc.supersim, "/v1/Commands": tc.wireless, "/v1/Sims": tc.supersim} {
			got := decode[list](t, koreCall(t, s, http.MethodGet, asked+path+"?PageSize=1", nil), http.StatusOK)
			for _, u := range []string{got.Meta.URL, got.Meta.FirstPageURL, *got.Meta.NextPageURL} {
				if !strings.HasPrefix(u, base+path+"?") {
					t.Errorf("%s in the response", u)
				}
			}
			sid := got.sids()[0]
			one := decode[struct {
				URL   string            `json:"url"`
				Links map[string]string `json:"links"`
			}](t, koreCall(t, s, http.MethodGet, asked+path+"/"+sid, nil), http.StatusOK)
			if one.URL != base+path+"/"+sid || one.Links != nil && one.Links["billing_periods"] != one.URL+"/BillingPeriods" {
				t.Errorf("%+v in the response", one)
			}
		}
	}
}

func TestKOREErrorBodies(t *testing.T) {
	t.Parallel()
	s, _ := newKORE(twiliosim.Config{})
	for target, want := range map[string]string{
		"/v1/IpCommands/HG0":       `{"code":20404,"message":"The requested resource /v1/IpCommands/HG0 was not found","more_info":"https://docs.korewireless.com/errors/20404","status":404}`,
		"/v1/Commands?PageSize=no": `{"code":33103,"message":"Invalid value for parameter PageSize: must be an integer from 1 to 1000","more_info":"https://docs.korewireless.com/errors/33103","status":400}`,
	} {
		w := koreCall(t, s, http.MethodGet, target, nil)
		if got := w.Body.String(); got != want {
			t.Errorf("%s: %s", target, got)
		}
		if id := w.Header().Get("Twilio-Request-Id"); id != "" {
			t.Errorf("%s: a request ID of Twilio's, %s", target, id)
		}
	}
}
