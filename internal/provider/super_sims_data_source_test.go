package provider

import (
	"encoding/json"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/seed-0925943e/terraform-provider-twilio/internal/twilio"
)

func TestSuperSIMFromAPI(t *testing.T) {
	t.Parallel()
	var sim twilio.SIM
	body := `{"sid":"HS1","unique_name":"valve","account_sid":"AC1","iccid":"8988307","status":"paused","fleet_sid":"HF1",
		"date_created":"2015-07-30T20:00:00Z","date_updated":null,"url":"https://x","links":{"billing_periods":"https://y"}}`
	if err := json.Unmarshal([]byte(body), &sim); err != nil {
		t.Fatal(err)
	}
	want := superSIMModel{
		SID: types.StringValue("HS1"), UniqueName: types.StringValue("valve"), AccountSID: types.StringValue("AC1"), ICCID: types.StringValue("8988307"),
		Status: types.StringValue("paused"), FleetSID: types.StringValue("HF1"),
		DateCreated: types.StringValue("2015-07-30T20:00:00Z"), DateUpdated: types.StringNull(), URL: types.StringValue("https://x"),
	}
	if got := superSIMFromAPI(sim); got != want {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := superSIMFromAPI(twilio.SIM{SID: "HS1"}); got != (superSIMModel{SID: types.StringValue("HS1")}) {
		t.Errorf("nulls give %v", got)
	}
}
